"""What is still to be paid of an invoice, on both sides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lago_ns_cli.domain.identifiers import Key, LagoId
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, finding
from lago_ns_cli.domain.reconciliation.rows import ZERO, Applied, BilledRow, PostedRow, is_ours


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """What a payment or note of Lago's puts on an invoice.

    Args:
        command: The kind, as ``lago-ns sync`` calls it.
        amount: None where Lago does not tell the split.
        open_in_ledger: Whether the ledger says that it is held, waiting or in doubt.
    """

    key: Key
    lago_id: LagoId
    name: str
    command: str
    amount: Decimal | None
    open_in_ledger: bool = False


def judge_due(
    billed: BilledRow,
    posted: PostedRow,
    shares: Sequence[PaymentShare],
    *,
    related: Collection[Key],
    payments_carried: bool,
) -> list[Finding]:
    """Compare what is due, and tell where a difference comes from.

    Args:
        shares: The payments and notes by which Lago says that it is settled, as far as they were read.
        related: Memos and payments on this invoice that have findings of their own.
        payments_carried: Whether the settings carry payments at all.
    """
    due = billed.due if billed.due is not None else ZERO
    base = finding(billed, posted, Discrepancy.AMOUNT_DUE, lago=str(due), netsuite=str(posted.open))
    if billed.paid_by_word:
        return [_paid_by_word(base, posted, due)] if posted.open else []
    # A total that differs is a finding of its own, and makes the same difference here.
    apart = posted.open - due - (posted.total - billed.total)
    strange = [one for one in posted.applied_by or () if not is_ours(one.key)]
    foreign = sum((one.amount for one in strange), ZERO)
    if not apart:
        return []
    found = [_paid_in_netsuite(base, posted, strange, foreign)] if foreign else []
    rest = apart + foreign
    if rest:
        found.append(_rest(replace(base, difference=rest), posted, shares, related, payments_carried))
    return found


def _paid_by_word(base: Finding, posted: PostedRow, due: Decimal) -> Finding:
    return replace(
        base,
        what=Discrepancy.PAID_WITHOUT_PAYMENT,
        lago=f"succeeded, {due} without a payment",
        netsuite=f"{posted.open} open",
        difference=posted.open,
        cause="Lago calls it paid, and has no payment for it: its status was set by hand or it was paid in advance.",
        action=f"Enter the payment on invoice {posted.id} in NetSuite, or set the status back in Lago and record "
        "the payment there.",
    )


def _paid_in_netsuite(
    base: Finding, posted: PostedRow, strange: Sequence[Applied], foreign: Decimal
) -> Finding:
    names = ", ".join(one.number or one.other for one in strange)
    return replace(
        base,
        difference=-foreign,
        cause=f"It was paid or credited in NetSuite itself: {names}.",
        action=f"Record the payment in Lago, or take {names} off invoice {posted.id} in NetSuite.",
    )


def _rest(
    base: Finding,
    posted: PostedRow,
    shares: Sequence[PaymentShare],
    related: Collection[Key],
    payments_carried: bool,
) -> Finding:
    """What neither the total nor payments entered in NetSuite account for."""
    applied = {one.key: one.amount for one in posted.applied_by or ()}
    wrong = [
        share
        for share in shares
        if share.key not in applied or (share.amount is not None and share.amount != applied[share.key])
    ]
    names = ", ".join(share.name for share in wrong)
    if related:
        return replace(
            base,
            cause=f"It follows from what is wrong with {', '.join(sorted(related))}.",
            action="Mend what it follows from.",
            follows_from=tuple(sorted(related)),
        )
    if wrong and not payments_carried:
        return replace(
            base,
            what=Discrepancy.SKIPPED,
            cause=f"Payments are not carried ([sync] kinds.payment = false): {names}.",
        )
    if any(share.open_in_ledger for share in wrong):
        return replace(
            base,
            what=Discrepancy.OPEN_IN_LEDGER,
            cause=f"What settles it is held, waiting or in doubt: {names}.",
            action="See what the ledger says of it.",
            command="lago-ns status",
        )
    if wrong:
        return replace(
            base,
            cause=f"Not applied in NetSuite as in Lago: {names}.",
            action="Bring what is missing.",
            command=f"lago-ns sync {wrong[0].command} {wrong[0].lago_id}",
        )
    return replace(
        base,
        cause="Lago and NetSuite count other payments and credits for it.",
        action=f"Compare the payments and credits of invoice {posted.id} in NetSuite with those in Lago.",
    )
