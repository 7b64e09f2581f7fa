"""Documents whose currency or subsidiary their customer does not have in NetSuite."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice

from lago_ns_cli.domain.attempts import Entry, State, Subject
from lago_ns_cli.domain.customer_books import (
    CustomerBooks,
    Lack,
    customer_of,
    extension_lines,
    find_by_id,
    read_books,
)
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.index_lag import CUSTOMER_NOT_SEEN, look_again_at
from lago_ns_cli.domain.plan import WRITES, Action, Planned, plan_hold, plan_wait
from lago_ns_cli.domain.records import Record, fingerprint
from lago_ns_cli.workflows.deciding_customers import link_hint
from lago_ns_cli.workflows.reports import DocumentReported, PlanReported, SyncEvent
from lago_ns_cli.workflows.run import Run

_LISTS = {"currency": "currencies", "subsidiary": "subsidiaries"}

_MOST_KNOWN = 2_000
"""Customers that are remembered; one that comes again later is looked up again."""


class Books:
    """What NetSuite's customers have, looked up for each customer with something to post."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: dict[InternalId, CustomerBooks] = {}
        self._asked: set[InternalId] = set()
        self._names: dict[LagoId, str] = {}
        self._again_at: dict[LagoId, datetime] = {}

    async def carry_out(self, planned: Sequence[Planned]) -> AsyncIterator[SyncEvent]:
        """Carry out decisions about documents; what their customer lacks comes first, or holds them."""
        await self._look_up(planned)
        if self._run.options.rules.extend_customers:
            async for event in self._extend(planned):
                yield event
        async for event in self._run.carry_out([self._admit(one) for one in planned]):
            yield event

    async def look_ahead(self, links: Iterable[InternalId]) -> None:
        """Look up customers whose documents come next, so that these need not wait for it."""
        wanted = [
            link for link in dict.fromkeys(links) if link not in self._known and link not in self._asked
        ]
        self._asked |= set(wanted)
        await self._learn(wanted)
        self._asked -= set(wanted)

    async def _look_up(self, planned: Sequence[Planned]) -> None:
        for oldest in list(islice(self._known, max(0, len(self._known) - _MOST_KNOWN))):
            del self._known[oldest]
        links = dict.fromkeys(link for one in planned if (link := _link(one)) is not None)
        wanted = [link for link in links if link not in self._known or not self._known[link].is_there]
        await self._learn(wanted)
        if any(not self._known[link].is_there for link in wanted):
            self._learn_of_absent(planned)

    async def _learn(self, links: Sequence[InternalId]) -> None:
        if links:
            found = await self._run.netsuite.find([find_by_id(link) for link in links])
            self._known |= {link: read_books(one) for link, one in zip(links, found, strict=True)}

    def _learn_of_absent(self, planned: Iterable[Planned]) -> None:
        """Learn how customers are called on a command line, and which may only not show yet."""
        keys = {key_of(Kind.CUSTOMER, one.subject.customer_id) for one in planned}
        entries = self._run.ledger.entries(keys)
        seen_at = self._run.ledger.given_up(keys)
        now = self._run.clock.now()
        self._names |= {entry.lago_id: entry.number for entry in entries.values()}
        self._again_at = {
            entry.lago_id: at
            for key, entry in entries.items()
            if (at := look_again_at(entry, seen_at.get(key), now)) is not None
        }

    def _lacks(self, planned: Planned) -> list[Lack]:
        link = _link(planned)
        if link is None or planned.record is None:
            return []
        return self._known[link].lacks(planned.record)

    def _admit(self, planned: Planned) -> Planned:
        """Hold a document that NetSuite would refuse for its customer's sake."""
        link = _link(planned)
        if link is None:
            return planned
        if not self._known[link].is_there:
            return self._absent(planned, link)
        lacks = self._lacks(planned)
        return self._hold(planned, link, lacks) if lacks else planned

    def _absent(self, planned: Planned, link: InternalId) -> Planned:
        """Hold the document of a customer that is gone; a record that we have just written is given time."""
        customer = planned.subject.customer_id
        name = self._names.get(customer, "<external id>")
        again_at = self._again_at.get(customer)
        if again_at is None:
            reason = (
                f"its customer {name} was NetSuite's record {link}, which was deleted or merged into another"
            )
            return plan_hold(planned.subject, "customer_gone", reason, link_hint(name))
        reason = f"its customer {name} is NetSuite's record {link} since just now, which a look-up does not show yet"
        parent = key_of(Kind.CUSTOMER, customer)
        return plan_wait(planned.subject, parent, reason, CUSTOMER_NOT_SEEN, again_at)

    def _hold(self, planned: Planned, link: InternalId, lacks: Sequence[Lack]) -> Planned:
        told = " and ".join(
            f"the {lack.field} {self._name(lack.field, lack.wanted)}, but has "
            + ", ".join(self._name(lack.field, one) for one in lack.present)
            for lack in lacks
        )
        return plan_hold(
            planned.subject,
            lacks[0].code,
            f"{planned.subject.number}: its customer (id {link}) in NetSuite does not have {told}",
            "Add it to the customer in NetSuite, or set extend_customers = true under [sync].",
        )

    def _name(self, field: str, internal_id: str) -> str:
        names: Mapping[str, str] = self._run.context.account.names.get(_LISTS[field], {})
        name = next((name for name, known in names.items() if known == internal_id), None)
        return f"{name} (id {internal_id})" if name else f"id {internal_id}"

    async def _extend(self, planned: Sequence[Planned]) -> AsyncIterator[SyncEvent]:
        """Give customers what their documents need; one that refuses keeps its documents held."""
        lacks: dict[Key, list[Lack]] = {}
        links: dict[Key, InternalId] = {}
        for one in planned:
            customer = None if one.record is None else customer_of(one.record)
            if customer is not None and customer.internal_id is not None and (new := self._lacks(one)):
                lacks.setdefault(customer.key, []).extend(new)
                links[customer.key] = customer.internal_id
        entries = self._run.ledger.entries(lacks)
        updates = [
            _extension(entries[key], links[key], lacks[key])
            for key in lacks
            if key in entries and entries[key].state is State.POSTED
        ]
        async for event in self._carried_out(updates):
            key = _extended(event)
            if key in lacks:
                self._known[links[key]] = self._known[links[key]].extended(lacks[key])
            yield event

    async def _carried_out(self, updates: Sequence[Planned]) -> AsyncIterator[SyncEvent]:
        async for event in self._run.carry_out(updates):
            yield event
        async for event in self._run.settle({one.subject.key for one in updates}):
            yield event


def _link(planned: Planned) -> InternalId | None:
    if planned.action not in WRITES or planned.record is None:
        return None
    customer = customer_of(planned.record)
    return None if customer is None else customer.internal_id


def _extension(entry: Entry, link: InternalId, lacks: Sequence[Lack]) -> Planned:
    """Plan an update that only adds; the customer's fingerprint and what was sent of it stay as they are."""
    lines = extension_lines(lacks)
    record = Record(key=entry.key, lago_id=entry.lago_id, type="customer", columns={}, lines=lines)
    subject = Subject(
        key=entry.key,
        kind=entry.kind,
        lago_id=entry.lago_id,
        number=entry.number,
        customer_id=entry.customer_id,
        record_type=entry.record_type,
    )
    return Planned(
        subject=subject,
        action=Action.UPDATE,
        record=record,
        fingerprint=entry.fingerprint or fingerprint(record),
        netsuite_id=link,
    )


def _extended(event: SyncEvent) -> Key | None:
    """Tell which customer an event says was extended; in a dry run, would be."""
    if isinstance(event, PlanReported):
        return event.planned.subject.key
    if isinstance(event, DocumentReported) and event.outcome == "updated" and event.lago_id is not None:
        return key_of(Kind.CUSTOMER, event.lago_id)
    return None
