"""Payments into NetSuite: found through the invoices whose paid amount is not accounted for yet."""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from lago_ns_cli.domain.attempts import SETTLED, Fact
from lago_ns_cli.domain.documents import Customer, Invoice, InvoiceSummary, Payment, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.gate import Passage, gate_invoice, gate_payment
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.parents import Parent
from lago_ns_cli.domain.plan import WRITES, Planned, plan_gate
from lago_ns_cli.domain.recent import Recent
from lago_ns_cli.domain.translation.payment import Billing
from lago_ns_cli.domain.windows import UNPAID
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.deciding import Entries, summary_subject, wait_for_customer
from lago_ns_cli.workflows.deciding_payments import (
    Decision,
    Known,
    Shares,
    decide_payment,
    decide_without_parents,
    freezing_facts,
    frozen_shares,
    is_requested,
    named_invoices,
    parent_names,
    remember,
)
from lago_ns_cli.workflows.discovery import Discovery
from lago_ns_cli.workflows.parents import find_parents
from lago_ns_cli.workflows.repeated_payments import decide_repeated
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run, chunks, fetch_each, readable
from lago_ns_cli.workflows.sync_customers import Customers

FETCHES = 10
"""Calls to Lago at once."""

_PAID = "paid"
"""The fact, on an invoice's key: the paid amount whose payments were all posted or skipped."""

Loaded = Sequence[Received[Payment] | Unreadable]


@dataclass(frozen=True, slots=True)
class _Invoices:
    """The invoices that some payments name, as far as they are known."""

    documents: Mapping[LagoId, Invoice]
    remembered: Mapping[LagoId, Billing]
    entries: Entries
    parents: Mapping[Key, Parent]

    def payers(self) -> list[Customer]:
        """The customers of the invoices that payments can be put on."""
        return [
            invoice.customer
            for lago_id, invoice in self.documents.items()
            if self.parents[_invoice_key(lago_id)].obstacle is None
        ]


@dataclass(frozen=True, slots=True)
class _PaidPage:
    """What a page of invoices led to.

    Args:
        invoices: The page.
        paid: The paid amounts that are to be accounted for, in cents.
        payments: The final payments of these invoices; without those of which one was unreadable.
    """

    invoices: Sequence[InvoiceSummary]
    paid: Mapping[LagoId, int]
    payments: Mapping[LagoId, Sequence[Key]]


class Payments:
    """Payments of one run; each is decided about once."""

    def __init__(self, run: Run, customers: Customers, discovery: Discovery) -> None:
        self._run = run
        self._customers = customers
        self._discovery = discovery
        self._recent = Recent()
        self._discovered: deque[_PaidPage] = deque()

    async def sync(self) -> AsyncIterator[SyncEvent]:
        """Bring the selected payments to NetSuite.

        Payments that are named, or all of them with ``sweep`` and for the first time, are read as
        such. Else Lago's invoices tell where to look: only those whose paid amount changed are
        asked about.
        """
        options = self._run.options
        if self._discovery.is_incremental:
            async for event in self._sync_new():
                yield event
        elif options.selection.ids or options.sweep:
            async for event in self._bring_all(self._run.lago.payments(options.selection)):
                yield event
        else:
            async for event in self._discover_all(self._run.lago.invoices(options.selection)):
                yield event

    async def _sync_new(self) -> AsyncIterator[SyncEvent]:
        if self._discovery.is_first(Kind.PAYMENT):
            async for event in self._bring_all(self._discovery.all_payments()):
                yield event
        async for event in self._discover_all(self._discovery.invoices_to_be_paid()):
            yield event
        async for event in self._bring_all(self._discovery.payments_named()):
            yield event

    async def _bring_all(
        self, payments: AsyncIterator[Received[Payment] | Unreadable]
    ) -> AsyncIterator[SyncEvent]:
        async for some in chunks(payments):
            async for event in self._bring(some):
                yield event

    async def _discover_all(
        self, invoices: AsyncIterator[InvoiceSummary | Unreadable]
    ) -> AsyncIterator[SyncEvent]:
        async for some in chunks(invoices):
            async for event in self._discover(some):
                yield event
        async for event in self._run.settle():
            yield event
        self._account_for_settled()

    async def _discover(self, invoices: Sequence[InvoiceSummary | Unreadable]) -> AsyncIterator[SyncEvent]:
        """Ask Lago for the payments of the invoices whose paid amount is not accounted for."""
        changed = self._changed(readable(invoices))
        # Of an invoice that could not be read, the paid amount is not known either.
        unread = [one.lago_id for one in invoices if isinstance(one, Unreadable) and one.lago_id]
        loaded = await fetch_each([*changed, *unread], self._payments_of, FETCHES)
        async for event in self._bring(list(chain(*loaded.values()))):
            yield event
        self._discovered.append(_PaidPage(readable(invoices), changed, _final_payments(changed, loaded)))
        self._account_for_settled()

    def _changed(self, invoices: Sequence[InvoiceSummary]) -> dict[LagoId, int]:
        paid = {one.lago_id: one.total_paid_amount_cents for one in invoices if one.total_paid_amount_cents}
        facts = self._run.ledger.facts([_invoice_key(invoice) for invoice in paid])
        return {
            invoice: cents
            for invoice, cents in paid.items()
            if facts.get(_invoice_key(invoice), {}).get(_PAID) != str(cents)
        }

    async def _payments_of(self, invoice: LagoId) -> Loaded:
        return [one async for one in self._run.lago.payments(Selection(), invoice=invoice)]

    def _account_for_settled(self) -> None:
        """Account for the pages whose payments are not under way any more."""
        while self._discovered and not self._is_under_way(self._discovered[0]):
            self._account_for(self._discovered.popleft())

    def _is_under_way(self, page: _PaidPage) -> bool:
        return any(map(self._run.is_under_way, chain(*page.payments.values())))

    def _account_for(self, page: _PaidPage) -> None:
        """Remember the invoices all of whose payments are posted or skipped."""
        if self._run.options.dry_run:
            return
        keys = page.payments
        entries = self._run.ledger.entries(list(chain(*keys.values())))
        self._run.ledger.record_facts(
            [
                Fact(_invoice_key(invoice), _PAID, str(page.paid[invoice]))
                for invoice, some in keys.items()
                if some and all(key in entries and entries[key].state in SETTLED for key in some)
            ],
            self._run.clock.now(),
        )

        if self._discovery.is_incremental:
            self._watch(page.invoices)

    def _watch(self, invoices: Sequence[InvoiceSummary]) -> None:
        """Keep in view what is open in Lago, or has payments that are not settled yet."""
        is_open = {
            one.lago_id for one in invoices if one.status == "finalized" and one.payment_status in UNPAID
        }
        changed = self._changed(invoices)
        self._discovery.watch_unpaid(is_open)
        self._discovery.account_for(
            *(one.lago_id for one in invoices if one.lago_id not in is_open and one.lago_id not in changed)
        )

    async def _bring(self, loaded: Loaded) -> AsyncIterator[SyncEvent]:
        fresh = self._fresh(readable(loaded))
        entries = self._run.ledger.entries(fresh)
        early = {key: decide_without_parents(one.document, entries) for key, one in fresh.items()}
        async for event in self._run.carry_out([planned for planned in early.values() if planned]):
            yield event
        # The older ones first: where two payment requests share an invoice, the first one paid it.
        undecided = {key: one for key, one in fresh.items() if early[key] is None}
        repeated = await decide_repeated(self._run, undecided.values())
        async for event in self._run.carry_out(list(repeated.values())):
            yield event
        left = sorted(
            (one for key, one in undecided.items() if key not in repeated),
            key=lambda one: (one.document.created_at, one.document.lago_id),
        )
        async for event in self._bring_final(left, entries):
            yield event
        for event in self._run.report_unreadable(loaded):
            yield event

    def _fresh(self, received: Iterable[Received[Payment]]) -> dict[Key, Received[Payment]]:
        """Keep the payments that this run has not met yet."""
        fresh = {key: one for one in received if self._recent.is_new(key := _key(one.document))}
        self._discovery.meet_payments(fresh.values())
        return fresh

    async def _bring_final(
        self, received: Sequence[Received[Payment]], entries: Entries
    ) -> AsyncIterator[SyncEvent]:
        """Bring payments that succeeded and are not settled yet, behind their customers."""
        documents = await self._documents(received)
        async for event in self._skip_invoices(documents):
            yield event
        invoices = await self._invoices(received, documents, entries)
        payers = invoices.payers()
        async for event in self._customers.bring(payers):
            yield event
        links = self._links(received, payers)
        decisions = await self._decide(received, invoices, links)
        if not self._run.options.dry_run:
            facts = [freezing_facts(one.planned.subject.key, one.inferred) for one in decisions]
            self._run.ledger.record_facts(list(chain(*facts)), self._run.clock.now())
        planned = [
            self._behind_customer(decision.planned, one.document, links)
            for one, decision in zip(received, decisions, strict=True)
        ]
        async for event in self._customers.carry_out(planned):
            yield event

    async def _documents(self, received: Sequence[Received[Payment]]) -> dict[LagoId, Invoice]:
        """Fetch the invoices that payments name, as far as somebody gives them."""
        fetched = await fetch_each(
            chain(*(named_invoices(one.document) for one in received)), self._invoice, FETCHES
        )
        return {lago_id: invoice for lago_id, invoice in fetched.items() if invoice is not None}

    async def _skip_invoices(self, documents: Mapping[LagoId, Invoice]) -> AsyncIterator[SyncEvent]:
        """Skip what is never posted and was not looked at yet; a payment must not wait for it."""
        entries = self._run.ledger.entries([_invoice_key(one) for one in documents])
        new = [one for lago_id, one in documents.items() if _invoice_key(lago_id) not in entries]
        verdicts = [(one, gate_invoice(one, self._run.options.rules.sync_from)) for one in new]
        never = [
            plan_gate(summary_subject(one, one.customer.lago_id), verdict)
            for one, verdict in verdicts
            if verdict.passage is Passage.NEVER
        ]
        async for event in self._run.carry_out(never):
            yield event

    async def _invoices(
        self, received: Sequence[Received[Payment]], documents: Mapping[LagoId, Invoice], entries: Entries
    ) -> _Invoices:
        """Find the named invoices in NetSuite; of those that nobody gives, take what the ledger knows."""
        names = list(chain(*(parent_names(one.document) for one in received)))
        parents = await find_parents(self._run, names)
        unknown = [one.lago_id for one in names if one.lago_id not in documents]
        told = {lago_id: self._remembered(lago_id) for lago_id in dict.fromkeys(unknown)}
        remembered = {lago_id: billing for lago_id, billing in told.items() if billing is not None}
        return _Invoices(
            documents, remembered, {**entries, **self._run.ledger.entries(parents.keys())}, parents
        )

    async def _invoice(self, lago_id: LagoId) -> Invoice | None:
        try:
            return (await self._run.lago.invoice(lago_id)).document
        except (DocumentError, RejectedError):
            return None  # the payment then waits for it, or takes what the ledger knows

    def _remembered(self, lago_id: LagoId) -> Billing | None:
        original = self._run.ledger.original(_invoice_key(lago_id))
        return None if original is None else remember(original)

    def _links(
        self, received: Sequence[Received[Payment]], payers: Sequence[Customer]
    ) -> dict[Key, InternalId]:
        told = {one.document.lago_customer_id for one in received}
        keys = [key_of(Kind.CUSTOMER, customer) for customer in told if customer is not None]
        return {**self._run.ledger.links(keys), **self._customers.links(payers)}

    async def _decide(
        self, received: Sequence[Received[Payment]], invoices: _Invoices, links: Mapping[Key, InternalId]
    ) -> list[Decision]:
        """Decide in the given order, since an earlier split leaves less due for a later one."""
        beside = await self._payments_beside(received)
        requested = [one.document for one in (*received, *chain(*beside.values()))]
        facts = self._run.ledger.facts({_key(one) for one in requested if is_requested(one)})
        shares: dict[Key, Shares] = {key: frozen_shares(some) for key, some in facts.items()}
        context = replace(self._run.context, links=links)
        decisions = []
        for one in received:
            key = _key(one.document)
            known = Known(
                invoices=invoices.documents,
                remembered=invoices.remembered,
                paid_otherwise={
                    invoice: sum(
                        _put_on(other, invoice, shares) for other in some if _key(other.document) != key
                    )
                    for invoice, some in beside.items()
                },
                parents=invoices.parents,
                entries=invoices.entries,
                frozen=shares.get(key, {}),
            )
            decision = decide_payment(one, known, context, self._run.options.rules)
            if decision.inferred:
                shares[key] = decision.inferred
            decisions.append(decision)
        return decisions

    async def _payments_beside(
        self, received: Sequence[Received[Payment]]
    ) -> dict[LagoId, list[Received[Payment]]]:
        """Fetch the final payments of all invoices of payment requests."""
        requested = [one.document for one in received if is_requested(one.document)]
        loaded = await fetch_each(chain(*map(named_invoices, requested)), self._payments_of, FETCHES)
        return {
            invoice: [one for one in readable(some) if _is_final(one.document)]
            for invoice, some in loaded.items()
        }

    def _behind_customer(self, planned: Planned, payment: Payment, links: dict[Key, InternalId]) -> Planned:
        """Let a payment wait whose customer is not there; the customer is its first parent."""
        if planned.action not in WRITES or self._customers.is_there(planned.parents[0], links):
            return planned
        return wait_for_customer(planned, planned.parents[0], payment.external_customer_id)


def _key(payment: Payment) -> Key:
    return key_of(Kind.PAYMENT, payment.lago_id)


def _invoice_key(invoice: LagoId) -> Key:
    return key_of(Kind.INVOICE, invoice)


def _final_payments(
    changed: Iterable[LagoId], loaded: Mapping[LagoId, Loaded]
) -> dict[LagoId, Sequence[Key]]:
    return {
        invoice: [_key(one.document) for one in readable(loaded[invoice]) if _is_final(one.document)]
        for invoice in changed
        if not any(isinstance(one, Unreadable) for one in loaded[invoice])
    }


def _is_final(payment: Payment) -> bool:
    return gate_payment(payment).passage is not Passage.LATER


def _put_on(other: Received[Payment], invoice: LagoId, shares: Mapping[Key, Shares]) -> int:
    """What a succeeded payment put on an invoice, as far as that is decided."""
    if is_requested(other.document):
        return shares.get(_key(other.document), {}).get(invoice, 0)
    return other.document.amount_cents
