"""Runs documents of the past through translation: Lago or a file is read, nothing is written, NetSuite is not called."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace

from lago_ns_cli.domain.documents import CreditNote, Invoice, InvoiceSummary, Payment, Received
from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.gate import OPEN, gate_credit_note, gate_invoice, gate_payment
from lago_ns_cli.domain.history import History
from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.ports import LagoSource
from lago_ns_cli.workflows.run import chunks

FETCHES = 5
"""Invoices that are fetched whole, and held in memory, at once."""


class HistoryCheck:
    """Reads the documents of a selection and adds up what they meet.

    Args:
        kinds: Which of invoices, credit notes and payments to read.
    """

    def __init__(
        self, lago: LagoSource, context: Context, selection: Selection, kinds: Collection[Kind]
    ) -> None:
        self._lago = lago
        self._context = context
        self._selection = selection
        self._kinds = kinds
        self.history = History()

    async def run(self) -> AsyncIterator[None]:
        """Read everything; yields once a document.

        Raises:
            RemoteError: Lago cannot be reached or refuses.
        """
        if Kind.INVOICE in self._kinds:
            async for chunk in chunks(self._lago.invoices(self._selection), FETCHES):
                await self._invoices(chunk)
                for _ in chunk:
                    yield
        if Kind.CREDIT_NOTE in self._kinds:
            async for note in self._lago.credit_notes(self._selection):
                await self._credit_note(note)
                yield
        if Kind.PAYMENT in self._kinds:
            async for payment in self._lago.payments(self._selection):
                await self._payment(payment)
                yield

    async def _invoices(self, chunk: Sequence[InvoiceSummary | Unreadable]) -> None:
        for one in chunk:
            if isinstance(one, Unreadable):
                self._unreadable(one)
        summaries = [
            one for one in chunk if isinstance(one, InvoiceSummary) and gate_invoice(one, None) is OPEN
        ]
        for summary, received in zip(
            summaries, await asyncio.gather(*map(self._fetch, summaries)), strict=True
        ):
            if isinstance(received, DocumentError):
                self.history.unreadable(Kind.INVOICE, summary.number, received)
            else:
                await self._invoice(received)

    async def _fetch(self, summary: InvoiceSummary) -> Received[Invoice] | DocumentError:
        try:
            return await self._lago.invoice(summary.lago_id)
        except DocumentError as error:
            return error
        except RejectedError as error:
            return DocumentError(error.message, hint=error.hint, code=error.code)

    async def _invoice(self, received: Received[Invoice]) -> None:
        try:
            self.history.invoice(received, self._context)
        except FeeTaxesNeededError as needed:
            context = await self._with_fee_taxes(needed)
            if isinstance(context, DocumentError):
                self.history.unreadable(Kind.INVOICE, received.document.number, context)
            else:
                self.history.invoice(received, context)

    async def _credit_note(self, received: Received[CreditNote] | Unreadable) -> None:
        if isinstance(received, Unreadable):
            return self._unreadable(received)
        if gate_credit_note(received.document, None) is not OPEN:
            return None
        try:
            self.history.credit_note(received, self._context)
        except FeeTaxesNeededError as needed:
            context = await self._with_fee_taxes(needed)
            if isinstance(context, DocumentError):
                self.history.unreadable(Kind.CREDIT_NOTE, received.document.number, context)
            else:
                self.history.credit_note(received, context)
        return None

    async def _with_fee_taxes(self, needed: FeeTaxesNeededError) -> Context | DocumentError:
        try:
            taxes = {fee: (await self._lago.fee(fee)).applied_taxes or () for fee in needed.fees}
        except (DocumentError, RejectedError) as error:
            reason = f"the document does not tell which tax is on which fee, and {error.message}"
            return DocumentError(reason, hint=error.hint, code="tax_split_ambiguous")
        return replace(self._context, fee_taxes=taxes)

    async def _payment(self, received: Received[Payment] | Unreadable) -> None:
        if isinstance(received, Unreadable):
            self._unreadable(received)
        elif gate_payment(received.document) is OPEN:
            entity = await self._entity_of(received.document)
            self.history.payment(received.document, entity, self._context)

    async def _entity_of(self, payment: Payment) -> str | None:
        """The billing entity of what a payment pays; asked for only where rows differ by it."""
        if not payment.invoice_ids or not any(row.billing_entity for row in self._context.mappings.payments):
            return None
        try:
            return (await self._lago.invoice(payment.invoice_ids[0])).document.billing_entity_code
        except (DocumentError, RejectedError):
            return None

    def _unreadable(self, one: Unreadable) -> None:
        error = one.error
        told = error if isinstance(error, DocumentError) else DocumentError(error.message, hint=error.hint)
        self.history.unreadable(one.kind, one.number or one.lago_id or "?", told)
