"""What workflows need from the outside, as Protocols; ``cli.wiring`` brings the adapters."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from lago_ns_cli.domain.attempts import Entry, Fact, Intent, Outcome, SentAttempt, State, StateChange
from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.decision_events import Undo
from lago_ns_cli.domain.documents import (
    CreditNote,
    Customer,
    Fee,
    Invoice,
    InvoiceSummary,
    Payment,
    Received,
    Tree,
)
from lago_ns_cli.domain.exchange import Found, Organization, Ping, PushResult, Selection, Unreadable
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId
from lago_ns_cli.domain.lago_objects import LagoObject, StoredObject
from lago_ns_cli.domain.reconciliation.decisions import Decision
from lago_ns_cli.domain.reconciliation.findings import Finding
from lago_ns_cli.domain.revenue import RevenuePage
from lago_ns_cli.domain.write_back import LagoRequest


class Clock(Protocol):
    """Time, so that tests and campaigns can bring their own."""

    def now(self) -> datetime:
        """Tell the time, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class LagoSource(Protocol):
    """Where documents come from: Lago's API, or a file given with ``--from``.

    Raises, all methods: ``RemoteError`` of system ``Lago``; a single document that cannot be
    read raises ``DocumentError``. A list yields ``Unreadable`` in its place and goes on.
    """

    async def organization(self) -> Organization | None:
        """Name the organization; None where the source names none (a file)."""

    def customers(self, selection: Selection) -> AsyncIterator[Received[Customer] | Unreadable]:
        """List customers, each once."""

    async def customer(self, external_id: LagoExternalId) -> Received[Customer]:
        """Fetch one customer."""

    def reread_customer(self, raw: bytes) -> Received[Customer]:
        """Read a customer again from the bytes that a source once gave; nothing is called."""

    def invoices(self, selection: Selection) -> AsyncIterator[InvoiceSummary | Unreadable]:
        """List invoices of all visible statuses, each once, without their fees."""

    async def count(self, kind: Kind, selection: Selection) -> int | None:
        """Tell about how many documents a list has; None where nobody can tell."""

    async def invoice(self, lago_id: LagoId) -> Received[Invoice]:
        """Fetch one invoice, whole."""

    async def fee(self, lago_id: LagoId) -> Fee:
        """Fetch one fee with its taxes."""

    def credit_notes(self, selection: Selection) -> AsyncIterator[Received[CreditNote] | Unreadable]:
        """List finalized credit notes, each once."""

    async def credit_note(self, lago_id: LagoId) -> Received[CreditNote]:
        """Fetch one credit note."""

    def payments(
        self, selection: Selection, *, invoice: LagoId | None = None
    ) -> AsyncIterator[Received[Payment] | Unreadable]:
        """List payments, each once; those of one invoice if it is named."""

    async def payment(self, lago_id: LagoId) -> Received[Payment]:
        """Fetch one payment."""

    async def catalog_section(self, section: str) -> Sequence[Row]:
        """Fetch a section of ``catalog.LAGO_SECTIONS``.

        Rows are Lago's objects, made of what JSON can hold: fractions are decimal strings.
        """

    async def aclose(self) -> None:
        """Let the connections go."""


class LagoWriter(Protocol):
    """Who changes something in Lago."""

    async def write(self, request: LagoRequest) -> Tree:
        """Ask Lago for a change, once; returns the object that it answers with.

        Raises:
            TransientError: Surely nothing was executed; ``LimitError`` among them.
            AuthError: Likewise; the key or a permission was refused.
            RejectedError: Likewise; Lago does not take it.
            InDoubtError: It may have been executed.
        """


class NetSuite(Protocol):
    """The RESTlet's operations.

    Raises, all methods: ``TransientError``/``LimitError`` (surely not executed), ``AuthError``,
    ``RejectedError`` (the whole call was refused), ``InDoubtError`` (perhaps executed, ``push`` only).
    """

    async def ping(self) -> Ping:
        """Ask the account who it is and what is missing."""

    async def push(self, documents: Sequence[Mapping[str, object]]) -> Sequence[PushResult]:
        """Write documents, in order; one result each, in the same order."""

    async def find(
        self, queries: Sequence[Mapping[str, str]], *, include: Sequence[str] = ()
    ) -> Sequence[Found]:
        """Look records up; ``include`` asks for more than the record form."""

    def list_rows(
        self,
        record_type: str,
        *,
        since: date | None = None,
        until: date | None = None,
        include: Sequence[str] = (),
    ) -> AsyncIterator[Row]:
        """List records of a type in the record form of the contract, by ascending id."""

    def revenue_pages(
        self, *, since: date | None = None, until: date | None = None
    ) -> AsyncIterator[RevenuePage]:
        """List revenue elements by ascending id, a page at a time."""

    async def describe_section(self, section: str) -> tuple[Sequence[Row], str | None]:
        """Fetch all rows of a catalog section, and why it is unavailable if it is."""

    async def store_objects(self, objects: Sequence[LagoObject]) -> Sequence[StoredObject]:
        """Write records of Lago's objects, found by their keys; one answer each, in the same order."""

    async def aclose(self) -> None:
        """Let the connections go."""


class Announcer(Protocol):
    """Who is told of failing documents, over one or more channels."""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels there are; none where nobody is to be told."""

    async def deliver(self, channel: str, announcement: Mapping[str, object], unique_key: str) -> str | None:
        """Deliver an announcement; returns why it could not be, None where it was."""


class Ledger(Protocol):
    """The record of what was pushed; every method is durable when it returns.

    Raises, all methods: ``LedgerError``.
    """

    def entries(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Load entries by key; unknown keys are absent."""

    def entries_in(
        self, states: Collection[State], *, kind: str | None = None, limit: int | None = None
    ) -> Sequence[Entry]:
        """Load the entries that are in one of these states, oldest first, at most ``limit``."""

    def entries_named(self, names: Collection[str]) -> Sequence[Entry]:
        """Load the entries with one of these numbers, Lago ids or keys, oldest first."""

    def links(self, keys: Collection[Key]) -> Mapping[Key, InternalId]:
        """Load the internal ids that are known."""

    def given_up(self, keys: Collection[Key]) -> Mapping[Key, datetime]:
        """Tell when the last attempt of each entry ended; those without one are absent."""

    def check_lease(self) -> None:
        """Make sure that the account is still this run's, before a call is made again.

        Raises:
            LeaseLostError: Another run took the account over.
        """

    def record_intents(self, intents: Sequence[Intent], at: datetime) -> None:
        """Move entries to ``sending``, with a new attempt each, before a call leaves."""

    def record_outcomes(self, outcomes: Sequence[Outcome], at: datetime) -> None:
        """Close the open attempts and move the entries."""

    def record_changes(self, changes: Sequence[StateChange], at: datetime) -> None:
        """Move entries without an attempt."""

    def record_facts(self, facts: Sequence[Fact], at: datetime) -> None:
        """Remember facts; the last value of a name wins."""

    def facts(self, keys: Collection[Key]) -> Mapping[Key, Mapping[str, str]]:
        """Load what is remembered about keys, by name; keys without a fact are absent."""

    def last_attempts(self, keys: Collection[Key]) -> Mapping[Key, SentAttempt]:
        """Load the latest attempt of each entry that has one."""

    def original(self, key: Key) -> bytes | None:
        """Load what Lago sent of the document as it was last accepted by NetSuite."""

    def facts_named(self, name: str) -> Mapping[Key, str]:
        """Load what is remembered under one name, by key."""

    def mark(self, name: str) -> str | None:
        """Load what a run left under a name for the next one; None where nothing was left."""

    def record_mark(self, name: str, value: str | None, at: datetime) -> None:
        """Leave something under a name, in place of what stands there; None removes it."""

    def watched(self, name: str) -> Mapping[LagoId, str]:
        """Load a list of watched documents, each with what is noted of it."""

    def record_watched(self, name: str, notes: Mapping[LagoId, str | None], at: datetime) -> None:
        """Put documents on a list of watched ones, or, with None, take them off."""

    def entries_lacking(self, kind: str, back: str, *, after: Key | None, limit: int) -> Sequence[Entry]:
        """Load posted entries of a kind that Lago was not told about, by ascending key.

        Args:
            back: The kind of what Lago is told; one that is settled, for the same record, counts.
            after: The last key of the page before.
        """

    def record_findings(self, findings: Sequence[Finding], at: datetime) -> None:
        """Remember what a comparison found, so that a decision can name it."""

    def forget_findings(
        self,
        kinds: Sequence[str],
        *,
        since: date | None,
        until: date | None,
        entity: str | None,
        before: datetime,
    ) -> None:
        """Forget what a comparison of these documents, begun at ``before``, no longer found."""

    def findings(self) -> Sequence[Finding]:
        """Load what comparisons found last and can be decided about, by document."""

    def decisions(self) -> Sequence[Decision]:
        """Load all decisions in their order, those that were taken back too."""

    def record_decisions(
        self, made: Sequence[Decision], changes: Sequence[StateChange], at: datetime
    ) -> Sequence[Decision]:
        """Record decisions with what they move; returns them with their numbers."""

    def record_undo(self, undo: Undo, changes: Sequence[StateChange], at: datetime) -> None:
        """Take a decision back, with what it had moved."""

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Count entries by kind and state."""

    def unchanged_since(self) -> Mapping[tuple[str, State], datetime]:
        """Tell, by kind and state, since when the entry that rests longest has not changed."""

    def load_catalog(self, side: str) -> Catalog | None:
        """Load the catalog that was fetched last."""

    def record_catalog(self, catalog: Catalog) -> None:
        """Keep a fetched catalog in place of the last one."""

    def organization(self) -> str | None:
        """Name the organization of this ledger's profile; None before the first run."""

    def bind_organization(self, identity: str) -> None:
        """Remember the organization of this ledger's profile.

        Raises:
            ConfigError: The profile belongs to another organization.
        """
