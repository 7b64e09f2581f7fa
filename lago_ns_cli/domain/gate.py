"""Which documents are posted at all."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lago_ns_cli.domain.documents import CreditNote, Customer, Invoice, InvoiceSummary, Payment


class Passage(StrEnum):
    """What the gate says."""

    OPEN = "open"  # to be posted
    LATER = "later"  # not final yet: reported, looked at again, never stored
    NEVER = "never"  # skipped for good


class VoidPolicy(StrEnum):
    """What becomes of an invoice that is voided in Lago after it was posted."""

    HOLD = "hold"
    REVERSE = "reverse"  # a credit memo takes it back, if the whole invoice is still open


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a document, and why."""

    passage: Passage
    code: str | None = None
    reason: str | None = None


OPEN = Verdict(Passage.OPEN)

_NOT_FINAL = {
    "draft": "it is a draft",
    "pending": "its tax is still being computed",
    "failed": "Lago could not compute its tax; mend it in Lago",
    "generating": "Lago is still generating it",
    "open": "it waits for its payment",
}


def gate_invoice(invoice: Invoice | InvoiceSummary, sync_from: date | None) -> Verdict:
    """Decide whether an invoice is posted.

    Only finalized invoices are; not those that a partner bills itself, not those from before
    the go-live date, and not those without any amount.
    """
    if invoice.status in _NOT_FINAL:
        return Verdict(Passage.LATER, "not_final", _NOT_FINAL[invoice.status])
    if invoice.status == "voided":
        return Verdict(Passage.NEVER, "voided", "it was voided in Lago before it was posted")
    if invoice.status != "finalized":
        return Verdict(Passage.LATER, "unknown_status", f"its status {invoice.status!r} is not known")
    if invoice.self_billed:
        return Verdict(Passage.NEVER, "self_billed", "it is self-billed, so it is a bill and no invoice")
    if sync_from is not None and invoice.issuing_date is not None and invoice.issuing_date < sync_from:
        return Verdict(
            Passage.NEVER,
            "before_go_live",
            f"it was issued on {invoice.issuing_date}, before sync_from ({sync_from})",
        )
    if invoice.fees_amount_cents == 0 and invoice.total_amount_cents == 0:
        return Verdict(Passage.NEVER, "zero", "it has no amount")
    return OPEN


def gate_customer(customer: Customer) -> Verdict:
    """Decide whether a customer is posted; partners (self-billed) are vendors, not customers."""
    if customer.account_type == "partner":
        return Verdict(Passage.NEVER, "partner", "it is a partner account, which is billed by itself")
    return OPEN


def gate_credit_note(note: CreditNote, sync_from: date | None) -> Verdict:
    """Decide whether a credit note is posted.

    Lago shows finalized notes only. Not posted are those on self-billed invoices, those from
    before the go-live date, those without any amount, and those that were voided before they
    were ever posted.
    """
    if note.self_billed:
        return Verdict(
            Passage.NEVER, "self_billed", "its invoice is self-billed, so there is nothing to credit"
        )
    if sync_from is not None and note.issuing_date < sync_from:
        return Verdict(
            Passage.NEVER,
            "before_go_live",
            f"it was issued on {note.issuing_date}, before sync_from ({sync_from})",
        )
    if note.credit_status == "voided":
        return Verdict(Passage.NEVER, "voided", "it was voided in Lago before it was posted")
    if note.total_amount_cents == 0 and all(item.amount_cents == 0 for item in note.items):
        return Verdict(Passage.NEVER, "zero", "it has no amount")
    return OPEN


_NOT_SETTLED = {
    None: "Lago does not say whether it succeeded",
    "pending": "it is pending",
    "processing": "its provider still works on it",
    "failed": "it failed",
}


def gate_payment(payment: Payment) -> Verdict:
    """Decide whether a payment is posted: only those that succeeded, and none without an amount.

    Its day, which needs its customer's time zone, is looked at by ``gate_payment_day``.
    """
    if payment.payment_status in _NOT_SETTLED:
        return Verdict(Passage.LATER, "not_final", _NOT_SETTLED[payment.payment_status])
    if payment.payment_status != "succeeded":
        return Verdict(Passage.LATER, "unknown_status", f"its status {payment.payment_status!r} is not known")
    if payment.amount_cents == 0:
        return Verdict(Passage.NEVER, "zero", "it has no amount")
    return OPEN


def gate_payment_day(day: date, sync_from: date | None) -> Verdict:
    """Decide whether a payment was made late enough to be posted."""
    if sync_from is not None and day < sync_from:
        return Verdict(
            Passage.NEVER, "before_go_live", f"it was made on {day}, before sync_from ({sync_from})"
        )
    return OPEN
