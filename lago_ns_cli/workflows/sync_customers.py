"""Customers into NetSuite: those that are asked for, and those that documents need."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace

from lago_ns_cli.domain.attempts import Entry, Fact, State, StateChange
from lago_ns_cli.domain.documents import Customer, Received
from lago_ns_cli.domain.exchange import RecordState
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, key_of
from lago_ns_cli.domain.plan import WRITES, Planned, plan_hold
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.customer_books import Books
from lago_ns_cli.workflows.deciding_customers import (
    customer_subject,
    decide_customer,
    lago_link,
    link_hint,
    must_compare,
)
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run, chunks, fetch_each, readable

_LINK = "link"
"""The fact that keeps which record a person named for a customer, until it is linked."""

_PATIENCE_SECONDS = 60.0
"""How long documents wait for a customer of theirs that is under way; those that do not get it wait in the
ledger and go later in the run, so that one call without an answer does not stop all others."""


_REMEMBERED_AT_FIRST = 1_000

FETCHES = 10
"""Customers that are fetched from Lago at once."""


class Customers:
    """Customers of one run; each is decided about once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._books = Books(run)
        self._seen: set[Key] = set()
        self._forget_at = _REMEMBERED_AT_FIRST
        self._stuck: set[Key] = set()

    async def sync(self) -> AsyncIterator[SyncEvent]:
        """Bring the selected customers to NetSuite."""
        async for chunk in chunks(self._run.lago.customers(self._run.options.selection)):
            received = readable(chunk)
            held = await self._name_records(received)
            async for event in self._run.carry_out(self._decide(received, held)):
                yield event
            for event in self._run.report_unreadable(chunk):
                yield event

    async def bring(self, needed: Iterable[Customer]) -> AsyncIterator[SyncEvent]:
        """Bring the customers that documents need and the ledger does not know."""
        by_key = _by_key(needed)
        linked = self._run.ledger.links(by_key)
        unknown = [key for key in by_key if key not in linked and key not in self._seen]
        found = await fetch_each(unknown, lambda key: self._fetch(by_key[key]), FETCHES)
        held = [one for one in found.values() if isinstance(one, Planned)]
        received = [one for one in found.values() if isinstance(one, Received)]
        self._seen |= {one.subject.key for one in held}
        self._stuck |= {one.subject.key for one in held}
        async for event in self._run.carry_out(self._decide(received, {}) + held):
            yield event
        async for event in self._run.settle(by_key.keys(), patience_seconds=_PATIENCE_SECONDS):
            yield event

    async def _fetch(self, customer: Customer) -> Received[Customer] | Planned:
        try:
            return await self._run.lago.customer(customer.external_id)
        except (DocumentError, RejectedError) as error:
            return plan_hold(customer_subject(customer), error.code, error.message, error.hint)

    async def carry_out(self, planned: Sequence[Planned]) -> AsyncIterator[SyncEvent]:
        """Carry out decisions about documents of customers that are linked.

        A document in a currency or subsidiary that its customer does not have in NetSuite is
        held, or the customer gets it first where the settings say so.
        """
        async for event in self._books.carry_out(planned):
            yield event

    async def look_ahead(self, needed: Iterable[Customer]) -> None:
        """Look up, before their turn, what customers that are linked have in NetSuite."""
        await self._books.look_ahead(self._run.ledger.links(_by_key(needed)).values())

    def links(self, needed: Iterable[Customer]) -> dict[Key, InternalId]:
        """Resolve customers; a dry run trusts the links that Lago itself keeps."""
        by_key = _by_key(needed)
        links = dict(self._run.ledger.links(by_key))
        if self._run.options.dry_run:
            links |= {
                key: link
                for key, customer in by_key.items()
                if key not in links and (link := lago_link(customer)) is not None
            }
        return links

    def is_there(self, key: Key, links: Mapping[Key, InternalId]) -> bool:
        """Whether documents of a customer can go: it is posted or, in a dry run, would be."""
        return key in links or (self._run.options.dry_run and key not in self._stuck)

    def _decide(self, received: Sequence[Received[Customer]], held: Mapping[Key, Planned]) -> list[Planned]:
        self._forget_linked()
        fresh = {key: one for one in received if (key := _key(one)) not in self._seen}
        self._seen |= fresh.keys()
        entries = self._run.ledger.entries(fresh.keys())
        named = self._run.ledger.facts(fresh.keys())
        planned = [
            held[key] if key in held else self._decide_one(one, entries.get(key), named.get(key, {}))
            for key, one in fresh.items()
        ]
        self._stuck |= {
            one.subject.key for one in planned if one.action not in WRITES and one.netsuite_id is None
        }
        return planned

    def _forget_linked(self) -> None:
        """Forget the customers that the ledger tells of by now, so that memory follows what fails."""
        if len(self._seen) < self._forget_at:
            return
        self._seen -= self._run.ledger.links(
            [key for key in self._seen if not self._run.is_under_way(key)]
        ).keys()
        self._forget_at = max(_REMEMBERED_AT_FIRST, 2 * len(self._seen))

    def _decide_one(
        self, received: Received[Customer], entry: Entry | None, facts: Mapping[str, str]
    ) -> Planned:
        rules = self._run.options.rules
        customer = received.document
        said = rules.links.get(customer.external_id) or facts.get(_LINK)
        original = self._original(_key(received)) if must_compare(customer, entry, rules) else None
        return decide_customer(
            received,
            entry,
            self._run.context,
            rules,
            original=original,
            said=InternalId(said) if said else None,
        )

    def _original(self, key: Key) -> Received[Customer] | None:
        raw = self._run.ledger.original(key)
        try:
            return None if raw is None else self._run.lago.reread_customer(raw)
        except DocumentError:
            return None  # as good as lost: the decision says so

    async def _name_records(self, received: Sequence[Received[Customer]]) -> dict[Key, Planned]:
        """Remember the records that a person named, so that no later run creates these customers.

        Returns:
            Holds of customers whose link cannot be moved to the record that was named.
        """
        links = self._run.options.rules.links
        asked = {_key(one): one.document for one in received if one.document.external_id in links}
        if not asked:
            return {}
        entries = self._run.ledger.entries(asked.keys())
        held: dict[Key, Planned] = {}
        for key, customer in asked.items():
            wanted = links[customer.external_id]
            entry = entries.get(key)
            if entry is not None and entry.netsuite_id not in (None, wanted):
                refusal = await self._refusal(key, customer, wanted)
                if refusal is not None:
                    held[key] = replace(refusal, netsuite_id=entry.netsuite_id, stored=False)
                    continue
                self._unlink(customer, entry, wanted)
            self._remember(key, wanted)
        return held

    async def _refusal(self, key: Key, customer: Customer, wanted: InternalId) -> Planned | None:
        """Tell why a link cannot be moved: it changes only to a record that is there and nobody's."""
        by_id, by_key = await self._run.netsuite.find(
            [{"type": "customer", "id": wanted}, {"type": "customer", "key": key}]
        )
        subject, hint = customer_subject(customer), link_hint(customer)
        if not by_id.records:
            reason = f"there is no NetSuite customer with the internal id {wanted} for {customer.external_id}"
            return plan_hold(subject, "customer_not_found", reason, hint)
        other = next((one.id for one in by_key.records if one.id != wanted), None)
        if other is None and _is_free(by_id.records[0], key, customer):
            return None
        reason = (
            f"{customer.external_id} is record {other} already, which still carries its key"
            if other is not None
            else f"record {wanted} belongs to another Lago customer, not to {customer.external_id}"
        )
        return plan_hold(subject, "LAGO_LINKED_ELSEWHERE", reason, hint)

    def _unlink(self, customer: Customer, entry: Entry, wanted: InternalId) -> None:
        if self._run.options.dry_run or entry.state in (State.SENDING, State.IN_DOUBT):
            return
        subject = replace(customer_subject(customer), lago_updated_at=None)
        change = StateChange(subject=subject, state=State.PENDING, netsuite_id=wanted, relinks=True)
        self._run.ledger.record_changes([change], self._run.clock.now())

    def _remember(self, key: Key, wanted: InternalId) -> None:
        if not self._run.options.dry_run:
            self._run.ledger.record_facts([Fact(key, _LINK, wanted)], self._run.clock.now())


def _is_free(record: RecordState, key: Key, customer: Customer) -> bool:
    lago_id = record.fields.get("lago_id")
    foreign_key = record.key is not None and record.key.startswith("lago:") and record.key != key
    return lago_id in (None, customer.lago_id) and not foreign_key


def _key(received: Received[Customer]) -> Key:
    return key_of(Kind.CUSTOMER, received.document.lago_id)


def _by_key(customers: Iterable[Customer]) -> dict[Key, Customer]:
    return {key_of(Kind.CUSTOMER, customer.lago_id): customer for customer in customers}
