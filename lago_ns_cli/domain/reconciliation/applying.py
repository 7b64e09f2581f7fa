"""What memos and payments are applied to, and what is left open of them."""

from collections.abc import Mapping
from decimal import Decimal

from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.reconciliation import mending
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, finding
from lago_ns_cli.domain.reconciliation.known import NOT_SETTLED, Known, when
from lago_ns_cli.domain.reconciliation.rows import CREDIT_NOTE, PAYMENT, ZERO, BilledRow, PostedRow


def judge_applied(billed: BilledRow, posted: PostedRow, known: Known) -> list[Finding]:
    """Memos and payments: applied to what Lago says, and no further."""
    if billed.kind == CREDIT_NOTE and billed.voided:
        return _unused(billed, posted, known)
    found = _applications(billed, posted, known)
    if not found and billed.kind == CREDIT_NOTE and known.shown:
        found.append(
            finding(
                billed,
                posted,
                Discrepancy.CREDIT_COUNTED_TWICE,
                lago=str(billed.credit - billed.consumed),
                netsuite=str(posted.open),
                difference=known.shown,
                cause="Invoices show the consumed credit as a negative line, and the memo stays open "
                '(credit_note_policy = "negative_line").',
            )
        )
    return found


def _unused(billed: BilledRow, posted: PostedRow, known: Known) -> list[Finding]:
    refund = billed.total - billed.offset - billed.credit
    unused = posted.open - refund - known.shown
    if unused <= 0:
        return []
    return [
        finding(
            billed,
            posted,
            Discrepancy.VOIDED_IN_LAGO,
            lago="voided",
            netsuite=f"{posted.open} open",
            difference=unused,
            cause=f"It was voided in Lago after it was posted; {unused} of its credit are still open in NetSuite.",
            action=f"In NetSuite, close the open {unused} {billed.currency} of credit memo {posted.id}.",
        )
    ]


def _applications(billed: BilledRow, posted: PostedRow, known: Known) -> list[Finding]:
    expected, applied = _expected_applied(billed, known), posted.total - posted.open
    wanted = None if known.wanted is None else {one: amount for one, amount in known.wanted.items() if amount}
    found = None if posted.applied is None else {one.other: one.amount for one in posted.applied}
    in_place = wanted is None or found is None or wanted == found
    if in_place and expected in (None, applied):
        return []
    if known.application is not None and known.application.state in NOT_SETTLED:
        return [mending.in_ledger(finding(billed, posted, Discrepancy.OPEN_IN_LEDGER), known.application)]
    missing, extra = _apart(found, wanted)
    action, command = mending.apply_again(billed, posted, missing, extra)
    return [
        finding(
            billed,
            posted,
            Discrepancy.APPLIED,
            lago=_targets(wanted, expected),
            netsuite=_targets(found, applied),
            difference=applied - (applied if expected is None else expected),
            cause=_why_applied(missing, extra, posted),
            action=action,
            command=command,
        )
    ]


def _expected_applied(billed: BilledRow, known: Known) -> Decimal | None:
    if billed.kind == PAYMENT:
        return None if known.wanted is None else sum(known.wanted.values(), ZERO)
    return billed.offset + billed.consumed - known.shown


def _apart(
    found: Mapping[InternalId, Decimal] | None, wanted: Mapping[InternalId, Decimal] | None
) -> tuple[dict[InternalId, Decimal], dict[InternalId, Decimal]]:
    """What is missing on which invoice, and what is too much on which."""
    if found is None or wanted is None:
        return {}, {}
    changes = {one: wanted.get(one, ZERO) - found.get(one, ZERO) for one in found.keys() | wanted.keys()}
    return (
        {one: change for one, change in changes.items() if change > 0},
        {one: -change for one, change in changes.items() if change < 0},
    )


def _targets(amounts: Mapping[InternalId, Decimal] | None, total: Decimal | None) -> str:
    if amounts is None:
        return f"{total} applied"
    return (
        ", ".join(f"{amount} on {target}" for target, amount in sorted(amounts.items())) or "nothing applied"
    )


def _why_applied(
    missing: Mapping[InternalId, Decimal], extra: Mapping[InternalId, Decimal], posted: PostedRow
) -> str:
    if extra and missing:
        return f"Somebody put it on another invoice{when(posted)}."
    if extra:
        return f"Somebody put more of it on invoices than Lago did{when(posted)}."
    if missing:
        return f"Somebody took it off its invoice{when(posted)}."
    return "An invoice that consumes it is not in NetSuite yet."
