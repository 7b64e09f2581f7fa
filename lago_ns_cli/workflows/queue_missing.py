"""Queues what NetSuite lacks, so that the next sync sends it under the same key."""

from collections.abc import Mapping, Sequence

from lago_ns_cli.domain.applications import application_subject, note_number, wanted_applications
from lago_ns_cli.domain.attempts import State, StateChange, Subject
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.reconciliation.mending import is_queued
from lago_ns_cli.domain.reconciliation.rows import CUSTOMER, RECORD_TYPES, BilledRow
from lago_ns_cli.workflows.deciding import NO_CUSTOMER
from lago_ns_cli.workflows.ports import Clock, Ledger
from lago_ns_cli.workflows.settling import Missing

_BATCH = 500
CODE = "queued_by_reconcile"


def queue(ledger: Ledger, clock: Clock, missing: Sequence[Missing]) -> int:
    """Let the next sync send documents, though the ledger may count them as posted.

    The account has to be held by the run. A record that was looked up everywhere and is not there
    is no longer a document's link.

    Returns:
        How many documents were queued.
    """
    wanted = [one for one in missing if is_queued(one.billed, one.entry)]
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        facts = ledger.facts([one.billed.key for one in some if one.application])
        changes = [_change(one, facts.get(one.billed.key, {})) for one in some]
        ledger.record_changes(changes, clock.now())
    return len(wanted)


def _change(missing: Missing, facts: Mapping[str, str]) -> StateChange:
    billed = missing.billed
    if missing.application:
        subject = application_subject(
            billed.lago_id,
            note_number(facts, billed.lago_id),
            billed.customer or NO_CUSTOMER,
            billed.currency,
            wanted_applications(facts),
        )
        reason = "a reconciliation found that the memo is not applied as in Lago"
        return StateChange(subject=subject, state=State.PENDING, code=CODE, reason=reason)
    return StateChange(
        subject=_subject(billed),
        state=State.PENDING,
        code=CODE,
        reason="a reconciliation found no record of it in NetSuite",
        relinks=True,
    )


def _subject(billed: BilledRow) -> Subject:
    is_customer = billed.kind == CUSTOMER
    return Subject(
        key=Key(billed.key),
        kind=billed.kind,
        lago_id=billed.lago_id,
        number=billed.number,
        customer_id=billed.customer or NO_CUSTOMER,
        record_type=RECORD_TYPES[billed.kind],
        amount=None if is_customer else format(billed.total, "f"),
        currency=billed.currency or None,
        document_date=billed.day,
    )
