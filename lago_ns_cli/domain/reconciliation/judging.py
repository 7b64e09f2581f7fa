"""From a billed row and its records to findings: what differs, why, and what mends it."""

from collections.abc import Sequence
from decimal import Decimal

from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.reconciliation import mending
from lago_ns_cli.domain.reconciliation.applying import judge_applied
from lago_ns_cli.domain.reconciliation.dues import judge_due
from lago_ns_cli.domain.reconciliation.figures import judge_figures
from lago_ns_cli.domain.reconciliation.findings import Cell, Discrepancy, Finding, finding
from lago_ns_cli.domain.reconciliation.known import Account, Known, when
from lago_ns_cli.domain.reconciliation.marks import judge_customer, judge_marks, judge_number
from lago_ns_cli.domain.reconciliation.rows import CUSTOMER, INVOICE, PREPAID, BilledRow, PostedRow
from lago_ns_cli.domain.reconciliation.tie_out import billed_amounts, difference, posted_amounts

_UNAPPROVED = frozenset({"pending_approval", "rejected"})
_COMPARED_ALL_THE_SAME = frozenset({"before_go_live", "zero"})


def judge(
    billed: BilledRow, records: Sequence[PostedRow], known: Known, account: Account
) -> tuple[list[Finding], PostedRow]:
    """Compare a document with the records that say that they are it.

    Args:
        records: At least one.

    Returns:
        The findings, and the record that was taken for the document's own.
    """
    main = _main(records, known.entry)
    found = [_duplicate(billed, main, one, account) for one in records if one.id != main.id]
    return [*found, *_judge_pair(billed, main, known, account)], main


def _main(records: Sequence[PostedRow], entry: Entry | None) -> PostedRow:
    linked = [one for one in records if entry is not None and one.id == entry.netsuite_id]
    keyed = [one for one in records if one.keyed]
    return (linked or keyed or sorted(records, key=lambda one: (one.voided, int(one.id))))[0]


def _duplicate(billed: BilledRow, main: PostedRow, other: PostedRow, account: Account) -> Finding:
    return finding(
        billed,
        other,
        Discrepancy.DUPLICATE,
        lago=f"record {main.id}",
        netsuite=f"records {main.id} and {other.id}",
        difference=None if billed.kind == CUSTOMER else other.total,
        cause="Another connection, or a person, entered the document once more.",
        action=f"In NetSuite, void or delete {other.type} {other.id}, or take our Lago id off it; keep {main.id}.",
        effects=tuple(sorted(posted_amounts(other, billed, account.currencies).items())),
    )


def _judge_pair(billed: BilledRow, posted: PostedRow, known: Known, account: Account) -> list[Finding]:
    if billed.kind == CUSTOMER:
        return _customer(billed, posted, known)
    if billed.voided and billed.kind in (INVOICE, PREPAID):
        return _voided(billed, posted, known, account)
    if billed.excuse is not None and billed.excuse.code not in _COMPARED_ALL_THE_SAME and not billed.voided:
        return [_not_to_be_there(billed, posted, account)]
    if posted.voided:
        return [_voided_in_netsuite(billed, posted, account)]
    return [
        *judge_figures(billed, posted, known, account),
        *judge_marks(billed, posted, known),
        *_standing(billed, posted, known, account),
    ]


def _customer(billed: BilledRow, posted: PostedRow, known: Known) -> list[Finding]:
    found = judge_marks(billed, posted, known)
    if posted.inactive and billed.excuse is None:
        found.append(
            finding(
                billed,
                posted,
                Discrepancy.INACTIVE,
                lago="active",
                netsuite="inactive",
                cause="Somebody made the customer inactive; NetSuite refuses new documents of it.",
                action=f"In NetSuite, make customer {posted.id} active again.",
            )
        )
    return found


def _voided(billed: BilledRow, posted: PostedRow, known: Known, account: Account) -> list[Finding]:
    if posted.voided:
        return _rest(billed, posted, account, Discrepancy.TAKEN_BACK, "It was voided on both sides.")
    effects = _whole(billed, posted, account)
    if known.void_memo is not None and not known.void_memo.voided:
        return [
            finding(
                billed,
                posted,
                Discrepancy.TAKEN_BACK,
                lago="voided",
                netsuite=f"{posted.total}, taken back by memo {known.void_memo.id}",
                difference=posted.total,
                cause="It was voided in Lago after it was posted, and a memo took it back.",
                effects=effects,
            )
        ]
    parent = () if billed.parent is None else (Key(f"lago:inv:{billed.parent.lower()}"),)
    return [
        finding(
            billed,
            posted,
            Discrepancy.VOIDED_IN_LAGO,
            lago="voided",
            netsuite=str(posted.total),
            difference=posted.total,
            cause=f"It was voided in Lago after it was posted as {posted.id}.",
            action=mending.void_action(posted, reverses=account.reverses_voids),
            command=mending.sync_command(billed) if account.reverses_voids else None,
            follows_from=parent,
            effects=effects,
        )
    ]


def _rest(
    billed: BilledRow, posted: PostedRow, account: Account, what: Discrepancy, cause: str
) -> list[Finding]:
    effects = _whole(billed, posted, account)
    return [finding(billed, posted, what, cause=cause, effects=effects)] if effects else []


def _not_to_be_there(billed: BilledRow, posted: PostedRow, account: Account) -> Finding:
    reason = billed.excuse.reason if billed.excuse else ""
    return finding(
        billed,
        posted,
        Discrepancy.STATUS,
        lago=billed.excuse.code if billed.excuse else None,
        netsuite=posted.status,
        difference=posted.total,
        cause=f"It is not to be in NetSuite: {reason}.",
        action=f"In NetSuite, void or delete {posted.type} {posted.id}, or finalize the document in Lago.",
        effects=_whole(billed, posted, account),
    )


def _voided_in_netsuite(billed: BilledRow, posted: PostedRow, account: Account) -> Finding:
    return finding(
        billed,
        posted,
        Discrepancy.VOIDED_IN_NETSUITE,
        lago=str(billed.total),
        netsuite="voided",
        difference=-billed.total,
        cause=f"Somebody voided {posted.type} {posted.id} in NetSuite{when(posted)}.",
        action=mending.voided_action(billed, posted),
        effects=_whole(billed, posted, account),
    )


def _whole(billed: BilledRow, posted: PostedRow, account: Account) -> tuple[tuple[Cell, Decimal], ...]:
    """The whole difference of a document, for a finding that accounts for all of it."""
    apart = difference(posted_amounts(posted, billed, account.currencies), billed_amounts(billed, posted))
    return tuple(sorted(apart.items()))


def _standing(billed: BilledRow, posted: PostedRow, known: Known, account: Account) -> list[Finding]:
    """Customer, number, status, and what is open or applied."""
    found = [*judge_customer(billed, posted, known), *judge_number(billed, posted, known, account)]
    if posted.status in _UNAPPROVED:
        found.append(
            finding(
                billed,
                posted,
                Discrepancy.STATUS,
                lago="finalized",
                netsuite=posted.status,
                cause=f"It is {posted.status.replace('_', ' ')} in NetSuite, so it is not in the general ledger.",
                action=f"In NetSuite, approve {posted.type} {posted.id}.",
            )
        )
    if billed.kind == INVOICE:
        return found + judge_due(
            billed,
            posted,
            known.shares,
            related=known.related,
            payments_carried=account.payments_carried,
        )
    return found + judge_applied(billed, posted, known)
