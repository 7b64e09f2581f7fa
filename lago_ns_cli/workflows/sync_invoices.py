"""Invoices into NetSuite."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from lago_ns_cli.ahead import done_ahead
from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.documents import FeeTax, Invoice, InvoiceSummary, Received
from lago_ns_cli.domain.exchange import Unreadable
from lago_ns_cli.domain.identifiers import Kind, LagoId, key_of, prepaid_key, void_key
from lago_ns_cli.domain.plan import WRITES, Action, Planned, plan_hold
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.applications import record_consumption
from lago_ns_cli.workflows.deciding import (
    Entries,
    decide_from_list,
    decide_invoice,
    summary_subject,
    wait_for_customer,
)
from lago_ns_cli.workflows.discovery import Discovery
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run, chunks, fetch_each, readable
from lago_ns_cli.workflows.sync_customers import Customers
from lago_ns_cli.workflows.voids import decide_void, decide_void_from_list, voided_after_posting

_TO_BE_POSTED = WRITES | {Action.WAIT}

FETCHES = 10
"""Details that are fetched from Lago at once."""

PAGES_AHEAD = 3
"""Pages that are fetched and looked up ahead of the one that is decided."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of Lago's list, with what had to be fetched.

    Args:
        rows: As they were listed.
        known: Decisions that the list allows.
        received: Invoices that were fetched whole.
        unread: Decisions about those that could not be.
    """

    rows: Sequence[InvoiceSummary | Unreadable]
    known: Sequence[Planned]
    received: Sequence[Received[Invoice]]
    unread: Sequence[Planned]


class Invoices:
    """Invoices of one run, and before them the customers they need."""

    def __init__(self, run: Run, customers: Customers, discovery: Discovery) -> None:
        self._run = run
        self._customers = customers
        self._discovery = discovery

    async def sync(self) -> AsyncIterator[SyncEvent]:
        """Bring the selected invoices to NetSuite; the next pages are fetched while one is decided and sent.

        Their customers are looked up as soon as a page is there: a look-up waits for a place among
        calls that take long, and what is decided would run out meanwhile.
        """
        async with aclosing(done_ahead(self._pages(), self._look_ahead, PAGES_AHEAD)) as pages:
            async for page in pages:
                async for event in self._bring(page):
                    yield event

    async def _pages(self) -> AsyncGenerator["_Page", None]:
        async for rows in chunks(self._discovery.invoices()):
            yield await self._fetched(rows)

    async def _look_ahead(self, page: "_Page") -> "_Page":
        await self._customers.look_ahead(one.document.customer for one in page.received)
        return page

    async def _fetched(self, rows: Sequence[InvoiceSummary | Unreadable]) -> "_Page":
        """Fetch those invoices of a page of the list that the list alone does not decide."""
        summaries = readable(rows)
        entries = self._entries(summaries)
        known = {invoice.lago_id: self._decide_from_list(invoice, entries) for invoice in summaries}
        received, unread = await self._fetch([invoice for invoice in summaries if not known[invoice.lago_id]])
        return _Page(rows, [planned for planned in known.values() if planned], received, unread)

    async def _bring(self, page: "_Page") -> AsyncIterator[SyncEvent]:
        async for event in self._run.carry_out([*page.known, *page.unread]):
            yield event
        received = page.received
        needed = [invoice.document.customer for invoice in received]
        async for event in self._customers.bring(needed):
            yield event
        # Loaded anew: while this page was fetched, the one before it was sent.
        entries = self._entries([invoice.document for invoice in received])
        context = replace(self._run.context, links=self._customers.links(needed))
        planned = [one for invoice in received for one in await self._decide(invoice, entries, context)]
        self._remember_consumption(received, planned)
        async for event in self._customers.carry_out(planned):
            yield event
        for event in self._run.report_unreadable(page.rows):
            yield event

    def _entries(self, invoices: Sequence[InvoiceSummary | Invoice]) -> Entries:
        """Load the entries of invoices and of what they bring along."""
        keys = [key_of(Kind.INVOICE, invoice.lago_id) for invoice in invoices]
        memos = [name(invoice.lago_id) for invoice in invoices for name in (prepaid_key, void_key)]
        return self._run.ledger.entries(keys + memos)

    def _decide_from_list(self, invoice: InvoiceSummary, entries: Entries) -> Planned | None:
        rules = self._run.options.rules
        posted = voided_after_posting(invoice, entries)
        if posted is not None:
            return decide_void_from_list(invoice, posted, entries, rules)
        return decide_from_list(invoice, entries, rules)

    def _remember_consumption(
        self, received: Sequence[Received[Invoice]], planned: Sequence[Planned]
    ) -> None:
        """Before an invoice is sent, remember which credit notes it consumes."""
        if self._run.options.dry_run:
            return
        to_be_posted = {one.subject.key for one in planned if one.action in _TO_BE_POSTED}
        record_consumption(
            self._run,
            [one.document for one in received if key_of(Kind.INVOICE, one.document.lago_id) in to_be_posted],
        )

    async def _fetch(
        self, summaries: Iterable[InvoiceSummary]
    ) -> tuple[list[Received[Invoice]], list[Planned]]:
        """Fetch invoices whole, some at a time; one that cannot be read is held."""
        by_id = {summary.lago_id: summary for summary in summaries}
        fetched = await fetch_each(by_id, lambda lago_id: self._fetch_one(by_id[lago_id]), FETCHES)
        received = [one for one in fetched.values() if isinstance(one, Received)]
        return received, [one for one in fetched.values() if isinstance(one, Planned)]

    async def _fetch_one(self, summary: InvoiceSummary) -> Received[Invoice] | Planned:
        try:
            return await self._run.lago.invoice(summary.lago_id)
        except (DocumentError, RejectedError) as error:
            return plan_hold(summary_subject(summary), error.code, error.message, error.hint)

    async def _decide(self, received: Received[Invoice], entries: Entries, context: Context) -> list[Planned]:
        """Decide about an invoice; where it does not tell which tax is on which fee, ask the fees."""
        customer = received.document.customer
        posted = voided_after_posting(received.document, entries)
        if posted is not None:
            return [self._decide_void(received, posted, entries, context)]
        try:
            planned = decide_invoice(received, entries, context, self._run.options.rules)
        except FeeTaxesNeededError as needed:
            planned = await self._decide_with_fee_taxes(received, entries, context, needed.fees)
        parent = key_of(Kind.CUSTOMER, customer.lago_id)
        if self._customers.is_there(parent, dict(context.links)):
            return planned
        return [
            wait_for_customer(one, parent, customer.external_id) if one.action in WRITES else one
            for one in planned
        ]

    def _decide_void(
        self, received: Received[Invoice], posted: Entry, entries: Entries, context: Context
    ) -> Planned:
        sent = self._run.ledger.last_attempts([posted.key]).get(posted.key)
        payload = (
            sent.payload if sent is not None else {"key": posted.key, "lago_id": posted.lago_id, "type": ""}
        )
        return decide_void(received, posted, payload, entries, context, self._run.options.rules)

    async def _decide_with_fee_taxes(
        self, received: Received[Invoice], entries: Entries, context: Context, fees: Sequence[LagoId]
    ) -> list[Planned]:
        invoice = received.document
        try:
            taxes: dict[LagoId, tuple[FeeTax, ...]] = {
                fee: (await self._run.lago.fee(fee)).applied_taxes or () for fee in fees
            }
            told = replace(context, fee_taxes=taxes)
            return decide_invoice(received, entries, told, self._run.options.rules)
        except (DocumentError, RejectedError) as error:
            subject = summary_subject(invoice, invoice.customer.lago_id)
            reason = f"the invoice does not tell which tax is on which fee, and {error.message}"
            return [plan_hold(subject, "tax_split_ambiguous", reason, error.hint)]
