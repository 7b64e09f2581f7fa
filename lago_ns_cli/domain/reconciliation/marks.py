"""Whose a record is: the key, the fingerprint and the link, its customer and its number."""

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.reconciliation import mending
from lago_ns_cli.domain.reconciliation.billed import Sent
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, finding
from lago_ns_cli.domain.reconciliation.known import Account, Known, changed, when
from lago_ns_cli.domain.reconciliation.rows import BilledRow, PostedRow, is_ours


def judge_marks(billed: BilledRow, posted: PostedRow, known: Known) -> list[Finding]:
    """Our own fields on the record, and what the ledger knows of it."""
    found = []
    entry = known.entry
    if entry is not None and entry.netsuite_id not in (None, posted.id):
        action, command = mending.relink(billed, posted)
        found.append(
            finding(
                billed,
                posted,
                Discrepancy.LINK,
                lago=f"record {entry.netsuite_id}",
                netsuite=f"record {posted.id}",
                cause=f"The ledger names record {entry.netsuite_id}; its key is on {posted.id}.",
                action=action,
                command=command,
            )
        )
    if not posted.keyed and not _kept_from_the_start(posted, known):
        found.append(
            finding(
                billed,
                posted,
                Discrepancy.KEY,
                lago=billed.key,
                netsuite=posted.external_id or "none",
                cause="Another program or an import wrote the record's external id.",
                action=f"In NetSuite, set the external id of {posted.type} {posted.id} back to {billed.key}.",
            )
        )
    if (
        entry is not None
        and entry.state is State.POSTED
        and entry.netsuite_id == posted.id
        and entry.fingerprint is not None
        and entry.fingerprint != posted.fingerprint
    ):
        found.append(
            finding(
                billed,
                posted,
                Discrepancy.FINGERPRINT,
                lago=entry.fingerprint,
                netsuite=posted.fingerprint or "none",
                cause=f"The field that only lago-ns writes was written by somebody else{when(posted)}.",
                action=f"Look at what else was changed on {posted.type} {posted.id}, and set its fingerprint back.",
            )
        )
    return found


def _kept_from_the_start(posted: PostedRow, known: Known) -> bool:
    """Whether the record was adopted with another program's external id, which is never overwritten."""
    before = known.sent.external_id if known.sent is not None else None
    return before is not None and not is_ours(before) and before == posted.external_id


def judge_customer(billed: BilledRow, posted: PostedRow, known: Known) -> list[Finding]:
    if known.customer is None or known.customer == posted.customer:
        return []
    gone = known.customer_gone
    cause = (
        f"The record {known.customer} of customer {billed.customer_name} was merged or deleted."
        if gone
        else changed(_sent_customer(known.sent), posted.customer, known, posted)
    )
    return [
        finding(
            billed,
            posted,
            Discrepancy.CUSTOMER,
            lago=f"{billed.customer_name} ({known.customer})",
            netsuite=posted.customer,
            cause=cause,
            action=f"In NetSuite, move {posted.type} {posted.id} back to customer {known.customer}."
            if gone is None
            else "",
            follows_from=() if gone is None else (gone,),
        )
    ]


def _sent_customer(sent: Sent | None) -> str | None:
    return None if sent is None else sent.fields.get("entity") or sent.fields.get("customer")


def judge_number(billed: BilledRow, posted: PostedRow, known: Known, account: Account) -> list[Finding]:
    if billed.kind not in account.numbers_kept or billed.number == posted.number:
        return []
    if known.sent is not None and known.sent.number == posted.number:
        return []  # NetSuite gave it another number from the start
    return [
        finding(
            billed,
            posted,
            Discrepancy.NUMBER,
            lago=billed.number,
            netsuite=posted.number or "none",
            cause=f"Somebody gave the record another number{when(posted)}.",
            action=f"In NetSuite, set the number of {posted.type} {posted.id} back to {billed.number}.",
        )
    ]
