"""Customers into NetSuite: those that are asked for, and those that documents need."""

from collections.abc import AsyncIterator, Iterable, Sequence

from lago_ns_cli.domain.documents import Customer, Received
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, key_of
from lago_ns_cli.domain.plan import WRITES, Planned, plan_hold
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.deciding import customer_subject, decide_customer, lago_link
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run, chunks, readable


class Customers:
    """Customers of one run; each is decided about once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen: set[Key] = set()
        self._stuck: set[Key] = set()

    async def sync(self) -> AsyncIterator[SyncEvent]:
        """Bring the selected customers to NetSuite."""
        async for chunk in chunks(self._run.lago.customers(self._run.options.selection)):
            async for event in self._run.carry_out(self._decide(readable(chunk))):
                yield event
            for event in self._run.report_unreadable(chunk):
                yield event

    async def bring(self, needed: Iterable[Customer]) -> AsyncIterator[SyncEvent]:
        """Bring the customers that documents need and the ledger does not know."""
        by_key = _by_key(needed)
        linked = self._run.ledger.links(by_key)
        received: list[Received[Customer]] = []
        held: list[Planned] = []
        for key, customer in by_key.items():
            if key in linked or key in self._seen:
                continue
            try:
                received.append(await self._run.lago.customer(customer.external_id))
            except (DocumentError, RejectedError) as error:
                self._seen.add(key)
                self._stuck.add(key)
                held.append(plan_hold(customer_subject(customer), error.code, error.message, error.hint))
        async for event in self._run.carry_out(self._decide(received) + held):
            yield event

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

    def is_there(self, key: Key, links: dict[Key, InternalId]) -> bool:
        """Whether documents of a customer can go: it is posted or, in a dry run, would be."""
        return key in links or (self._run.options.dry_run and key not in self._stuck)

    def _decide(self, received: Sequence[Received[Customer]]) -> list[Planned]:
        fresh = {
            key: one
            for one in received
            if (key := key_of(Kind.CUSTOMER, one.document.lago_id)) not in self._seen
        }
        self._seen |= fresh.keys()
        entries = self._run.ledger.entries(fresh.keys())
        planned = [
            decide_customer(one, entries, self._run.context, self._run.options.rules)
            for one in fresh.values()
        ]
        self._stuck |= {
            one.subject.key for one in planned if one.action not in WRITES and one.netsuite_id is None
        }
        return planned


def _by_key(customers: Iterable[Customer]) -> dict[Key, Customer]:
    return {key_of(Kind.CUSTOMER, customer.lago_id): customer for customer in customers}
