"""Gathers what Lago bills while a run reads its lists, and ties it to the ledger."""

from dataclasses import dataclass, field
from datetime import date

from lago_ns_cli.domain.documents import CreditNote, InvoiceSummary, Payment, Received
from lago_ns_cli.domain.gate import OPEN, gate_credit_note, gate_invoice, gate_payment
from lago_ns_cli.domain.identifiers import Kind, key_of
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.tie_out import Billed, TieOut, is_posted
from lago_ns_cli.domain.translation.payment import payment_number
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.ports import Ledger

_AT_ONCE = 1_000


class Witness:
    """Sees the documents of a run's lists; what is posted leaves nothing behind but its sums.

    Args:
        sync_from: The go-live date: what was issued before is not billed here.
    """

    def __init__(self, ledger: Ledger, sync_from: date | None) -> None:
        self._ledger = ledger
        self._sync_from = sync_from
        self._done = _Part()
        self._part = _Part()

    def see(self, row: object) -> None:
        """Take a row of a list."""
        billed = self._billed(row)
        if billed is not None:
            self._part.pending.append(billed)
            if len(self._part.pending) >= _AT_ONCE:
                self._part.settle(self._ledger)

    def close_part(self) -> None:
        """Count in what was seen since the last time: it was all carried out."""
        self._part.settle(self._ledger)
        self._done.tie_out.merge(self._part.tie_out)
        self._done.open += self._part.open
        self._part = _Part()

    def tie_out(self) -> TieOut:
        """Tie what was counted in to the ledger as it stands now."""
        again, self._done.open = self._done.open, []
        for start in range(0, len(again), _AT_ONCE):
            some = again[start : start + _AT_ONCE]
            self._done.tie_out.add(some, self._ledger.entries([one.key for one in some]))
        return self._done.tie_out

    def _billed(self, row: object) -> Billed | None:
        document = row.document if isinstance(row, Received) else row
        try:
            if isinstance(document, InvoiceSummary):
                return self._invoice(document)
            if isinstance(document, CreditNote):
                return self._credit_note(document)
            return self._payment(document) if isinstance(document, Payment) else None
        except DocumentError:
            return None  # a currency that Lago does not have: the document is held, and named there

    def _invoice(self, invoice: InvoiceSummary) -> Billed | None:
        if gate_invoice(invoice, self._sync_from) is not OPEN or invoice.issuing_date is None:
            return None
        return Billed(
            key_of(Kind.INVOICE, invoice.lago_id),
            Kind.INVOICE,
            invoice.number,
            invoice.issuing_date,
            invoice.currency,
            to_major_units(invoice.total_amount_cents, invoice.currency),
        )

    def _credit_note(self, note: CreditNote) -> Billed | None:
        if gate_credit_note(note, self._sync_from) is not OPEN:
            return None
        return Billed(
            key_of(Kind.CREDIT_NOTE, note.lago_id),
            Kind.CREDIT_NOTE,
            note.number,
            note.issuing_date,
            note.currency,
            to_major_units(note.total_amount_cents, note.currency),
        )

    def _payment(self, payment: Payment) -> Billed | None:
        day = payment.created_at.date()
        if gate_payment(payment) is not OPEN or (self._sync_from is not None and day < self._sync_from):
            return None
        return Billed(
            key_of(Kind.PAYMENT, payment.lago_id),
            Kind.PAYMENT,
            payment_number(payment),
            day,
            payment.amount_currency,
            to_major_units(payment.amount_cents, payment.amount_currency),
        )


@dataclass(slots=True)
class _Part:
    """What was seen: added up where it is posted, kept where it is under way, or open."""

    tie_out: TieOut = field(default_factory=TieOut)
    pending: list[Billed] = field(default_factory=list)
    open: list[Billed] = field(default_factory=list)

    def settle(self, ledger: Ledger) -> None:
        entries = ledger.entries([one.key for one in self.pending])
        done = [one for one in self.pending if is_posted(one, entries)]
        self.tie_out.add(done, entries)
        self.open += [one for one in self.pending if not is_posted(one, entries)]
        self.pending = []
