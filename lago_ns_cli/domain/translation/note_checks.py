"""Lago's own sums of a credit note, checked before anything is posted."""

from dataclasses import dataclass

from lago_ns_cli.domain.documents import CreditNote
from lago_ns_cli.domain.translation.context import Findings, refuse

_MEND = "Check the credit note in Lago; nothing was posted."

_FIX = 1
"""By how many minor units Lago's rounding fix moves a total."""


@dataclass(frozen=True, slots=True)
class NoteParts:
    """What becomes of a note's total, in minor units.

    ``credit`` is kept for later invoices, ``refund`` is paid back, ``offset`` is taken off the
    note's own invoice.
    """

    credit: int
    refund: int
    offset: int

    @property
    def total(self) -> int:
        """What the parts make."""
        return self.credit + self.refund + self.offset


def parts_of(note: CreditNote) -> NoteParts:
    """Read the parts of a note's total.

    Where Lago corrects a total by one minor unit it forgets offsets: of a note that is offset as
    a whole it then states the whole total as a refund too. That refund was never paid.
    An offset never exceeds the total, or NetSuite could not apply it.
    """
    offset = min(note.offset_amount_cents, note.total_amount_cents)
    fixed = (
        note.credit_amount_cents == 0
        and note.refund_amount_cents == note.total_amount_cents
        and abs(note.offset_amount_cents - note.total_amount_cents) <= _FIX
    )
    return NoteParts(
        note.credit_amount_cents, 0 if fixed and offset else note.refund_amount_cents, max(0, offset)
    )


def check_credit_note_sums(note: CreditNote, findings: Findings) -> NoteParts:
    """Assert that a credit note's figures agree with each other.

    Parts that miss the total by one minor unit are Lago's own rounding and a notice.

    Raises:
        TranslationError: ``inconsistent_sums``, ``negative_amount``, ``mixed_currencies``, or
            ``lago_totals_disagree`` where sub-total and taxes do not make the total.
    """
    _check_items(note)
    net = sum(item.amount_cents for item in note.items) - note.coupons_adjustment_amount_cents
    if net != note.sub_total_excluding_taxes_amount_cents:
        _disagree(
            note, "inconsistent_sums", "items less coupons", net, note.sub_total_excluding_taxes_amount_cents
        )
    total = net + note.taxes_amount_cents
    if total != note.total_amount_cents:
        _disagree(note, "lago_totals_disagree", "sub-total and taxes", total, note.total_amount_cents)
    parts = parts_of(note)
    if abs(parts.total - note.total_amount_cents) > _FIX:
        _disagree(
            note, "inconsistent_sums", "credit, refund and offset", parts.total, note.total_amount_cents
        )
    if parts.total != note.total_amount_cents:
        findings.notice(
            "note_parts_differ",
            f"credit, refund and offset of {note.number} make {parts.total} minor units of {note.currency}, "
            f"one away from its total of {note.total_amount_cents}; the memo is posted with the total",
        )
    return parts


def _check_items(note: CreditNote) -> None:
    amounts = [item.amount_cents for item in note.items]
    amounts += [note.total_amount_cents, note.taxes_amount_cents, note.coupons_adjustment_amount_cents]
    amounts += [note.credit_amount_cents, note.refund_amount_cents, note.offset_amount_cents]
    if min(amounts) < 0:
        refuse(
            "negative_amount",
            note.number,
            f"{note.number} states a negative amount ({min(amounts)} minor units)",
            _MEND,
        )
    foreign = {item.fee.amount_currency for item in note.items} - {note.currency}
    if foreign:
        refuse(
            "mixed_currencies",
            note.number,
            f"{note.number} is in {note.currency}, but credits fees in {', '.join(sorted(foreign))}",
            _MEND,
        )


def _disagree(note: CreditNote, code: str, what: str, found: int, stated: int) -> None:
    refuse(
        code,
        note.number,
        f"{what} of {note.number} make {found} minor units of {note.currency}, but Lago states {stated}",
        _MEND,
    )
