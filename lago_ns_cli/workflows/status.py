"""Where every document stands, and what needs somebody; read from the ledger alone."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lago_ns_cli.domain.attempts import SETTLED, Entry, State
from lago_ns_cli.domain.carrying_on import CARRIED_ON_BY, LAGO_OBJECT
from lago_ns_cli.domain.error_catalogue import CatalogueRow, advice, cause_of, lookup
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.run_record import RunRecord

URGENCY = (State.HELD, State.IN_DOUBT, State.SENDING, State.WAITING, State.PENDING)
"""States that are not settled, those first in which nothing goes on without a person."""

RUNS = 20
"""Runs that a status looks back on."""

_PLAIN = re.compile(r"[\w.][\w./-]{0,59}", re.ASCII)


class Looked(Protocol):
    """As much of a ledger as it takes to look around; see ``ports.Ledger`` for the whole."""

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Count entries by kind and state."""

    def unchanged_since(self) -> Mapping[tuple[str, State], datetime]:
        """Tell, by kind and state, since when the entry that rests longest has not changed."""

    def entries(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Load entries by key; unknown keys are absent."""

    def entries_in(self, states: Collection[State], *, limit: int | None = None) -> Sequence[Entry]:
        """Load the entries that are in one of these states, oldest first, at most ``limit``."""

    def given_up(self, keys: Collection[Key]) -> Mapping[Key, datetime]:
        """Tell when the last attempt of each entry ended; those without one are absent."""

    def runs(self, limit: int = 20) -> Sequence[RunRecord]:
        """Load the last runs, the newest first."""


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many documents of a kind are in a state, and since when the first of them rests there."""

    kind: str
    state: State
    documents: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Blocker:
    """The document that another one waits for."""

    kind: str
    number: str
    state: State
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A document that is not settled: why, and what to do.

    Args:
        code: As ``lago-ns errors`` knows it.
        cause: What was said of this document, or what the code means.
        action: What to do, in words.
        command: The next command; None where nothing is to be done.
        since: When it came into this state; of one in doubt, when its answer was given up.
        blocker: What it waits for, where the ledger knows that document.
    """

    kind: str
    lago_id: LagoId
    number: str
    key: Key
    state: State
    code: str
    cause: str
    action: str
    command: str | None
    since: datetime
    next_attempt_at: datetime | None
    netsuite_id: InternalId | None
    amount: str | None
    currency: str | None
    blocker: Blocker | None


@dataclass(frozen=True, slots=True)
class Status:
    """What the ledger says of all documents.

    Args:
        concerns: The most urgent, up to a limit.
        runs: The last runs, the newest first.
    """

    counts: Sequence[StateCount]
    concerns: Sequence[Concern]
    runs: Sequence[RunRecord] = ()

    @property
    def documents(self) -> int:
        """How many documents the ledger knows."""
        return sum(count.documents for count in self.counts)

    @property
    def needs_attention(self) -> int:
        """How many documents are not settled."""
        return sum(count.documents for count in self.counts if count.state not in SETTLED)

    @property
    def by_state(self) -> Mapping[State, int]:
        """Count the documents of all kinds by state; states without one are absent."""
        sums: dict[State, int] = {}
        for count in self.counts:
            sums[count.state] = sums.get(count.state, 0) + count.documents
        return sums


def read_status(ledger: Looked, *, limit: int) -> Status:
    """Read where every document stands.

    Args:
        limit: The most documents to tell about one by one.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    since = ledger.unchanged_since()
    counts = [
        StateCount(kind, state, number, since[kind, state])
        for (kind, state), number in sorted(ledger.counts().items())
        # Of two reads a run may come between.
        if (kind, state) in since
    ]
    return Status(counts, _concerns(ledger, _most_urgent(ledger, limit)), ledger.runs(RUNS))


def _most_urgent(ledger: Looked, limit: int) -> list[Entry]:
    found: list[Entry] = []
    for state in URGENCY:
        if len(found) < limit:
            found += ledger.entries_in({state}, limit=limit - len(found))
    return found


def _concerns(ledger: Looked, entries: Sequence[Entry]) -> list[Concern]:
    parents = ledger.entries([entry.parent for entry in entries if entry.parent is not None])
    customers = ledger.entries(
        [key_of(Kind.CUSTOMER, entry.customer_id) for entry in entries if _needs_link(entry)]
    )
    given_up = ledger.given_up([entry.key for entry in entries if entry.state is State.IN_DOUBT])
    return [
        _concern(
            entry,
            given_up.get(entry.key) or entry.updated_at,
            parents.get(entry.parent) if entry.parent else None,
            customers.get(key_of(Kind.CUSTOMER, entry.customer_id)) if _needs_link(entry) else None,
        )
        for entry in entries
    ]


def _needs_link(entry: Entry) -> bool:
    """Tell whether a person has to say which record a customer is."""
    return entry.state is State.HELD and (
        entry.code == "customer_gone" or (entry.kind == Kind.CUSTOMER and entry.code == "RCRD_DSNT_EXIST")
    )


def _concern(entry: Entry, since: datetime, parent: Entry | None, customer: Entry | None) -> Concern:
    code = cause_of(entry.state, entry.code)
    row = advice(entry.state, entry.code)
    return Concern(
        kind=entry.kind,
        lago_id=entry.lago_id,
        number=entry.number,
        key=entry.key,
        state=entry.state,
        code=code,
        cause=entry.reason or lookup(code).meaning,
        action=row.action,
        command=_command(entry, row, parent) if customer is None else _link_command(customer.number),
        since=since,
        next_attempt_at=entry.next_attempt_at,
        netsuite_id=entry.netsuite_id,
        amount=entry.amount,
        currency=entry.currency,
        blocker=None
        if parent is None
        else Blocker(parent.kind, parent.number, parent.state, parent.updated_at),
    )


def _command(entry: Entry, row: CatalogueRow, parent: Entry | None) -> str | None:
    """Name the next command; of a document that waits for a held one, that one's."""
    if entry.state is State.WAITING and parent is not None and parent.state is State.HELD:
        return advice(parent.state, parent.code).command_for(_named(parent))
    if entry.kind in CARRIED_ON_BY and (entry.state is not State.HELD or entry.kind == LAGO_OBJECT):
        return CARRIED_ON_BY[entry.kind]
    return row.command_for(_named(entry))


def _link_command(customer: str) -> str:
    """Name the command by which a person says which record a customer is."""
    # Imported here: translation takes longer to load than all that a status needs.
    from lago_ns_cli.workflows.deciding_customers import link_hint

    return link_hint(customer)


def _named(entry: Entry) -> str:
    """Name a document on a command line: by its number where a shell takes that as it is."""
    return entry.number if _PLAIN.fullmatch(entry.number) else entry.key
