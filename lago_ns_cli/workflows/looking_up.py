"""What a look-up says of an entry: the question, the verdict, and what it changes."""

from datetime import datetime, timedelta

from lago_ns_cli.domain.attempts import Entry, SentAttempt, State, StateChange, subject_of
from lago_ns_cli.domain.doubt import DoubtEnd, DoubtVerdict, judge_look_up, quarantine_of
from lago_ns_cli.domain.exchange import Found
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, key_of
from lago_ns_cli.domain.records import Record, record_from_json, under_customer
from lago_ns_cli.workflows.reports import DocumentReported, Failure, report_on

_REPEATABLE = frozenset({"update", "apply", "restore"})
"""Actions that state a desired end: sent again after the quarantine, they change nothing twice."""


def query_for(entry: Entry, attempt: SentAttempt) -> dict[str, str]:
    """Look for the record by its key; an update or an application by the record it changes."""
    payload = attempt.payload
    record_type = str(payload["type"])
    if payload.get("action") != "create" and payload.get("id"):
        return {"type": record_type, "id": str(payload["id"])}
    return {"type": record_type, "key": entry.key}


def customer_of(entry: Entry) -> Key:
    """Name the entry of a document's customer."""
    return key_of(Kind.CUSTOMER, entry.customer_id)


def judge(
    entry: Entry,
    attempt: SentAttempt,
    found: Found,
    now: datetime,
    quarantine: timedelta,
    customer: InternalId | None = None,
) -> DoubtVerdict:
    """Decide what a look-up says of an entry.

    Args:
        attempt: Its latest one.
        quarantine: How long after our side gave up absence proves nothing.
        customer: The record that its customer is linked to now. Where that was merged since the document
            was sent, its documents are under that one.
    """
    settled_by_hand = attempt.payload.get("action") == "restore" and entry.state is State.HELD
    if attempt.payload.get("action") in _REPEATABLE and not settled_by_hand:
        # A late commit of it must not overwrite what is sent next, so the quarantine holds here too.
        found = Found(found.status, ())

    def judged(meant: Record) -> DoubtVerdict:
        return judge_look_up(
            found,
            meant,
            entry.fingerprint or "",
            gave_up_at=attempt.finished_at or now,
            now=now,
            quarantine=quarantine_of(entry.code, quarantine),
        )

    sent = record_from_json(attempt.payload)
    verdict = judged(sent)
    if verdict.end is not DoubtEnd.DIFFERS or customer is None:
        return verdict
    moved = judged(under_customer(sent, customer))
    return moved if moved.end is DoubtEnd.POSTED else verdict


def change_after(entry: Entry, verdict: DoubtVerdict) -> StateChange:
    """Tell the ledger where a verdict leaves an entry."""
    states = {
        DoubtEnd.POSTED: State.POSTED,
        DoubtEnd.DIFFERS: State.HELD,
        DoubtEnd.NOT_THERE: State.PENDING,
        DoubtEnd.GOES_ON: State.IN_DOUBT,
        DoubtEnd.BLIND: State.IN_DOUBT,
    }
    return StateChange(
        subject=subject_of(entry),
        state=states[verdict.end],
        code={DoubtEnd.DIFFERS: "found_otherwise", DoubtEnd.BLIND: "INSUFFICIENT_PERMISSION"}.get(
            verdict.end, entry.code if states[verdict.end] is State.IN_DOUBT else None
        ),
        reason=verdict.reason or (entry.reason if states[verdict.end] is State.IN_DOUBT else None),
        netsuite_id=verdict.netsuite_id,
        fingerprint=entry.fingerprint,
        next_attempt_at=verdict.look_again_at,
    )


def report_verdict(entry: Entry, verdict: DoubtVerdict) -> DocumentReported:
    """Report what became of an entry that was looked up."""
    match verdict.end:
        case DoubtEnd.POSTED:
            return _reported(entry, State.POSTED, "found", verdict)
        case DoubtEnd.DIFFERS:
            return _reported(entry, State.HELD, "held", verdict, code="found_otherwise")
        case DoubtEnd.NOT_THERE:
            return _reported(entry, State.PENDING, "to_be_sent", verdict)
        case DoubtEnd.BLIND:
            return _reported(entry, State.IN_DOUBT, "in_doubt", verdict, code="INSUFFICIENT_PERMISSION")
        case DoubtEnd.GOES_ON:
            until = verdict.look_again_at.isoformat(timespec="seconds") if verdict.look_again_at else "soon"
            return still_in_doubt(entry, f"not seen yet; the next look-up is at {until}")


def still_in_doubt(entry: Entry, reason: str) -> DocumentReported:
    """Report an entry that nothing new is known of."""
    return _reported(
        entry, State.IN_DOUBT, "in_doubt", DoubtVerdict(DoubtEnd.GOES_ON, reason=reason), code="in_doubt"
    )


def _reported(
    entry: Entry, state: State, outcome: str, verdict: DoubtVerdict, *, code: str | None = None
) -> DocumentReported:
    failure = None if code is None else Failure(code=code, message=verdict.reason or outcome)
    found = verdict.netsuite_id or entry.netsuite_id
    return report_on(entry, state, outcome, netsuite_id=found, failure=failure)
