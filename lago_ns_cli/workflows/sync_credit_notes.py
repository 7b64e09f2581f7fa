"""Credit notes into NetSuite, as credit memos."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from lago_ns_cli.domain.applications import offset_facts
from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.documents import CreditNote, FeeTax, Received
from lago_ns_cli.domain.identifiers import Key, Kind, LagoId, key_of
from lago_ns_cli.domain.parents import Parent
from lago_ns_cli.domain.plan import WRITES, Action, Planned, plan_hold
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError
from lago_ns_cli.errors import DocumentError, RejectedError
from lago_ns_cli.workflows.before_go_live import skip_unseen
from lago_ns_cli.workflows.deciding import Entries, wait_for_customer
from lago_ns_cli.workflows.deciding_credit_notes import (
    credit_note_subject,
    decide_credit_note,
    decide_without_parents,
    own_invoice,
)
from lago_ns_cli.workflows.discovery import Discovery
from lago_ns_cli.workflows.parents import find_parents
from lago_ns_cli.workflows.reports import SyncEvent
from lago_ns_cli.workflows.run import Run, chunks, readable
from lago_ns_cli.workflows.sync_customers import Customers


class CreditNotes:
    """Credit notes of one run, and before them the customers they need."""

    def __init__(self, run: Run, customers: Customers, discovery: Discovery) -> None:
        self._run = run
        self._customers = customers
        self._discovery = discovery

    async def sync(self) -> AsyncIterator[SyncEvent]:
        """Bring the selected credit notes to NetSuite."""
        async for chunk in chunks(self._discovery.credit_notes()):
            async for event in self._chunk(readable(chunk)):
                yield event
            for event in self._run.report_unreadable(chunk):
                yield event

    async def _chunk(self, notes: Sequence[Received[CreditNote]]) -> AsyncIterator[SyncEvent]:
        keys = [key_of(Kind.CREDIT_NOTE, one.document.lago_id) for one in notes]
        entries = self._run.ledger.entries(keys)
        early = self._decide_early(notes, entries)
        async for event in self._run.carry_out(list(early.values())):
            yield event
        rest = [one for one, key in zip(notes, keys, strict=True) if key not in early]
        needed = [one.document.customer for one in rest]
        async for event in self._customers.bring(needed):
            yield event
        names = [name for one in rest if (name := own_invoice(one.document)) is not None]
        async for event in skip_unseen(self._run, names):
            yield event
        invoices = await find_parents(self._run, names)
        context = replace(self._run.context, links=self._customers.links(needed))
        planned = [await self._decide(one, entries, invoices, context) for one in rest]
        self._remember_offsets(rest, planned)
        async for event in self._customers.carry_out(planned):
            yield event

    def _decide_early(self, notes: Sequence[Received[CreditNote]], entries: Entries) -> dict[Key, Planned]:
        posted_voids = [
            key
            for one in notes
            if (key := key_of(Kind.CREDIT_NOTE, one.document.lago_id)) in entries
            and entries[key].state is State.POSTED
            and one.document.credit_status == "voided"
        ]
        facts = self._run.ledger.facts(posted_voids)
        decided = {}
        for one in notes:
            key = key_of(Kind.CREDIT_NOTE, one.document.lago_id)
            planned = decide_without_parents(
                one.document, entries, facts.get(key, {}), self._run.options.rules
            )
            if planned is not None:
                decided[key] = planned
        return decided

    async def _decide(
        self,
        received: Received[CreditNote],
        entries: Entries,
        invoices: Mapping[Key, Parent],
        context: Context,
    ) -> Planned:
        note = received.document
        name = own_invoice(note)
        invoice = None if name is None else invoices[name.key]
        try:
            planned = decide_credit_note(received, entries, invoice, context, self._run.options.rules)
        except FeeTaxesNeededError as needed:
            planned = await self._decide_with_fee_taxes(received, entries, invoice, context, needed.fees)
        customer = key_of(Kind.CUSTOMER, note.customer.lago_id)
        if planned.action in WRITES and not self._customers.is_there(customer, dict(context.links)):
            return wait_for_customer(planned, customer, note.customer.external_id)
        return planned

    async def _decide_with_fee_taxes(
        self,
        received: Received[CreditNote],
        entries: Entries,
        invoice: Parent | None,
        context: Context,
        fees: Sequence[LagoId],
    ) -> Planned:
        """Where a note does not tell which tax is on which item, ask the fees."""
        try:
            taxes: dict[LagoId, tuple[FeeTax, ...]] = {
                fee: (await self._run.lago.fee(fee)).applied_taxes or () for fee in fees
            }
            told = replace(context, fee_taxes=taxes)
            return decide_credit_note(received, entries, invoice, told, self._run.options.rules)
        except (DocumentError, RejectedError) as error:
            reason = f"the credit note does not tell which tax is on which item, and {error.message}"
            return plan_hold(
                credit_note_subject(received.document), "tax_split_ambiguous", reason, error.hint
            )

    def _remember_offsets(self, notes: Sequence[Received[CreditNote]], planned: Sequence[Planned]) -> None:
        """Keep what a memo is created with: later applications state it again, or take it off."""
        if self._run.options.dry_run:
            return
        facts = [
            fact
            for one, decision in zip(notes, planned, strict=True)
            if decision.action is Action.CREATE
            for fact in offset_facts(one.document)
        ]
        self._run.ledger.record_facts(facts, self._run.clock.now())
