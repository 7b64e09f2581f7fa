"""Documents without a record, records without a document, and strangers with our numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import InternalId, Kind, key_of
from lago_ns_cli.domain.reconciliation import mending
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, finding
from lago_ns_cli.domain.reconciliation.known import NOT_SETTLED, Known
from lago_ns_cli.domain.reconciliation.posted import lago_id_of
from lago_ns_cli.domain.reconciliation.rows import CUSTOMER, PREPAID, VOID, BilledRow, PostedRow
from lago_ns_cli.domain.reconciliation.tie_out import billed_amounts, posted_amounts


def judge_missing(billed: BilledRow, known: Known, strangers: Sequence[PostedRow]) -> list[Finding]:
    """Say why a document that was looked up everywhere has no record.

    Args:
        strangers: Records that carry its number and are not ours.
    """
    effects = tuple(sorted((cell, -amount) for cell, amount in billed_amounts(billed).items()))
    entry = known.entry
    base = finding(
        billed,
        None,
        Discrepancy.MISSING_IN_NETSUITE,
        lago=str(billed.total) if billed.kind != CUSTOMER else billed.number,
        difference=-billed.total if billed.kind != CUSTOMER and billed.counts else None,
        effects=effects,
    )
    if entry is not None and entry.state in NOT_SETTLED and not strangers:
        return [mending.in_ledger(replace(base, what=Discrepancy.OPEN_IN_LEDGER), entry)]
    if billed.excuse is not None:
        return [_excused(base, billed)]
    if (
        billed.kind == PREPAID
        and entry is None
        and known.parent is not None
        and known.parent.state in NOT_SETTLED
    ):
        return [mending.in_ledger(replace(base, what=Discrepancy.OPEN_IN_LEDGER), known.parent)]
    if entry is not None and entry.state is State.SKIPPED:
        return [replace(base, what=Discrepancy.SKIPPED, cause=_sentence(entry.reason or entry.code or ""))]
    if strangers:
        return [_taken(base, billed, strangers[0], entry)]
    if entry is not None and entry.netsuite_id is not None:
        return [mending.lost(base, billed, entry)]
    if billed.kind == PREPAID and known.parent is None and billed.parent is not None:
        cause = "It is sent with its invoice, which was never sent."
        invoice = key_of(Kind.INVOICE, billed.parent)
        return [replace(base, cause=cause, action="Send the invoice.", follows_from=(invoice,))]
    return [
        replace(
            base,
            cause="It was never sent.",
            action="Send it.",
            command=mending.sync_command(billed),
        )
    ]


def _excused(base: Finding, billed: BilledRow) -> Finding:
    excuse = billed.excuse
    if excuse is None:
        return base
    names = {"unknown_status": Discrepancy.NOT_FINAL, "partner": Discrepancy.SELF_BILLED}
    what = names.get(excuse.code) or Discrepancy(excuse.code)
    return replace(base, what=what, cause=_sentence(excuse.reason))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def _taken(base: Finding, billed: BilledRow, stranger: PostedRow, entry: Entry | None) -> Finding:
    return replace(
        base,
        what=Discrepancy.NUMBER_TAKEN,
        netsuite_id=stranger.id,
        netsuite=str(stranger.total),
        cause=f"{stranger.type} {stranger.id}, which is not ours, carries the number {billed.number}.",
        action=f"In NetSuite, give {stranger.type} {stranger.id} another number or delete it; then send the document.",
        command=mending.send_again(billed)
        if entry is not None and entry.state is State.POSTED
        else mending.sync_command(billed),
    )


def number_shared(billed: BilledRow, posted: PostedRow, stranger: PostedRow) -> Finding:
    """Report a stranger's record beside ours with the same number."""
    return finding(
        billed,
        stranger,
        Discrepancy.NUMBER_TAKEN,
        lago=f"record {posted.id}",
        netsuite=f"record {stranger.id} over {stranger.total}",
        cause=f"{stranger.type} {stranger.id}, which is not ours, carries the number {billed.number} too.",
        action=f"In NetSuite, give {stranger.type} {stranger.id} another number, or delete it if it is the same sale.",
    )


def judge_unbilled(
    posted: PostedRow, entry: Entry | None, currencies: Mapping[str, str], *, other_organization: bool
) -> list[Finding]:
    """Say why a record of ours has no document in Lago; a voided one needs none.

    Args:
        other_organization: Whether its customer is none of this Lago organization.
    """
    base = Finding(
        what=Discrepancy.MISSING_IN_LAGO,
        kind=posted.kind,
        key=posted.identity,
        lago_id=lago_id_of(posted),
        number=posted.number or str(posted.id),
        currency=currencies.get(posted.currency or "", ""),
        netsuite_id=posted.id,
        netsuite=posted.number if posted.kind == CUSTOMER else str(posted.total),
        day=posted.day,
    )
    if other_organization:
        cause = "Its customer is none of this Lago organization: another profile posts to this account too."
        return [replace(base, what=Discrepancy.OTHER_ORGANIZATION, cause=cause)]
    if posted.kind == CUSTOMER:
        return [_deleted_customer(base, posted, entry)]
    effects = tuple(sorted(posted_amounts(posted, None, currencies).items()))
    if posted.voided and not effects:
        return []
    return [
        replace(
            base,
            difference=posted.total,
            cause=f"Lago knows no {posted.kind.replace('_', ' ')} {base.lago_id}: it was entered by hand under one "
            "of our keys, or it was removed from Lago.",
            action=f"In NetSuite, void or delete {posted.type} {posted.id}, unless Lago lost the document.",
            effects=effects,
        )
    ]


def _deleted_customer(base: Finding, posted: PostedRow, entry: Entry | None) -> Finding:
    if entry is None:
        return replace(
            base,
            cause=f"Lago knows no customer {base.lago_id}, and the ledger does not either.",
            action=f"In NetSuite, look at customer {posted.id}: take our key off it if it is not ours.",
        )
    return replace(
        base,
        what=Discrepancy.DELETED_IN_LAGO,
        number=entry.number,
        cause=f"Customer {entry.number} was deleted in Lago; a new customer with that external id is another one.",
    )


def judge_void_memo(posted: PostedRow, invoice: BilledRow, currencies: Mapping[str, str]) -> list[Finding]:
    """Judge the memo that takes back an invoice."""
    voided = replace(invoice, key=posted.identity or invoice.key, kind=VOID, number=posted.number)
    effects = tuple(sorted(posted_amounts(posted, voided, currencies).items()))
    if posted.voided and not effects:
        return []
    found = finding(
        voided,
        posted,
        Discrepancy.TAKEN_BACK,
        lago=f"{invoice.number} voided",
        netsuite=str(posted.total),
        difference=posted.total,
        cause=f"It takes back {invoice.number}, which was voided in Lago.",
        effects=effects,
    )
    if invoice.voided:
        return [found]
    return [
        replace(
            found,
            what=Discrepancy.MISSING_IN_LAGO,
            lago=f"{invoice.number} not voided",
            cause=f"It takes back {invoice.number}, which is not voided in Lago.",
            action=f"In NetSuite, void or delete {posted.type} {posted.id}.",
        )
    ]


def judge_gone_customer(
    billed: BilledRow, record: InternalId, candidates: Sequence[str], *, taken: bool
) -> Finding:
    """Say that a customer's record is no longer there, and which one it may be now.

    Args:
        candidates: Customers in NetSuite that its documents are of by now.
        taken: Whether the one candidate is another Lago customer's record.
    """
    command, action = mending.link_again(billed, candidates, taken=taken)
    return finding(
        billed,
        None,
        Discrepancy.CUSTOMER_GONE,
        lago=f"record {record}",
        netsuite=f"its documents are of {', '.join(candidates)}" if candidates else "no record",
        cause=f"Record {record} was merged into another one, or deleted.",
        action=action,
        command=command,
    )
