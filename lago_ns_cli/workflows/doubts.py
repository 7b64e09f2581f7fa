"""Entries whose answer was lost: looked up, and only then posted, held or sent again."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lago_ns_cli.domain.attempts import (
    Entry,
    Outcome,
    OutcomeKind,
    SentAttempt,
    State,
    StateChange,
    Subject,
)
from lago_ns_cli.domain.doubt import DoubtEnd, DoubtVerdict, judge_look_up, quarantine_of
from lago_ns_cli.domain.exchange import Found
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.records import record_from_json
from lago_ns_cli.workflows.reports import DocumentReported, Failure, SyncEvent
from lago_ns_cli.workflows.run import Run

_REPEATABLE = frozenset({"update", "apply"})
"""Actions that state a desired end: sent again after the quarantine, they change nothing twice."""


async def settle_doubts(run: Run, quarantine: timedelta) -> AsyncIterator[SyncEvent]:
    """Look up the entries in doubt whose time has come, those that a dead process left among them.

    Args:
        quarantine: How long after our side gave up nothing may be sent again.

    Yields:
        One report for each entry that left the doubt, or is still in it.

    Raises:
        RemoteError: NetSuite cannot be asked.
    """
    if run.options.dry_run:
        return
    doubt_the_abandoned(run)
    now = run.clock.now()
    entries = run.ledger.entries_in({State.IN_DOUBT})
    due = due_entries(entries, now)
    async for event in look_up_now(run, due, quarantine):
        yield event
    for entry in entries:
        if entry not in due:
            yield _still_in_doubt(entry, entry.reason or "its answer was lost")


async def look_up_now(run: Run, entries: Sequence[Entry], quarantine: timedelta) -> AsyncIterator[SyncEvent]:
    """Look entries up, whatever the schedule says; the quarantine still holds.

    A held entry with a link is posted if its record is now as meant, and stays held otherwise.

    Raises:
        RemoteError: NetSuite cannot be asked.
    """
    attempts = run.ledger.last_attempts([entry.key for entry in entries])
    known = [entry for entry in entries if entry.key in attempts]
    if not known:
        return
    found = await run.netsuite.find([_query(entry, attempts) for entry in known])
    for entry, result in zip(known, found, strict=True):
        verdict = _judge(entry, attempts[entry.key], result, run.clock.now(), quarantine)
        if entry.state is State.HELD and verdict.end is not DoubtEnd.POSTED:
            verdict = replace(verdict, end=DoubtEnd.DIFFERS, reason=verdict.reason or entry.reason)
        run.ledger.record_changes([_change(entry, verdict)], run.clock.now())
        yield _report(entry, verdict)


def doubt_the_abandoned(run: Run) -> None:
    """Put into doubt what is still marked as being sent.

    The run holds the account, so whoever marked it is gone, and nobody knows what became of it.
    """
    now = run.clock.now()
    abandoned = run.ledger.entries_in({State.SENDING})
    run.ledger.record_outcomes(
        [
            Outcome(
                key=entry.key,
                kind=OutcomeKind.IN_DOUBT,
                state=State.IN_DOUBT,
                code="process_died",
                reason="the process that sent it ended before the answer was recorded",
                next_attempt_at=now,
            )
            for entry in abandoned
        ],
        now,
    )


def _query(entry: Entry, attempts: Mapping[Key, SentAttempt]) -> dict[str, str]:
    """Look for the record by its key; an update or an application by the record it changes."""
    payload = attempts[entry.key].payload
    record_type = str(payload["type"])
    if payload.get("action") != "create" and payload.get("id"):
        return {"type": record_type, "id": str(payload["id"])}
    return {"type": record_type, "key": entry.key}


def _judge(
    entry: Entry, attempt: SentAttempt, found: Found, now: datetime, quarantine: timedelta
) -> DoubtVerdict:
    wait = quarantine_of(entry.code, quarantine)
    if attempt.payload.get("action") in _REPEATABLE:
        # A late commit of it must not overwrite what is sent next, so the quarantine holds here too.
        found = Found(found.status, ())
    return judge_look_up(
        found,
        record_from_json(attempt.payload),
        entry.fingerprint or "",
        gave_up_at=attempt.finished_at or now,
        now=now,
        quarantine=wait,
    )


def _change(entry: Entry, verdict: DoubtVerdict) -> StateChange:
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


def subject_of(entry: Entry) -> Subject:
    """Name what an entry is about."""
    return Subject(
        key=entry.key,
        kind=entry.kind,
        lago_id=entry.lago_id,
        number=entry.number,
        customer_id=entry.customer_id,
        record_type=entry.record_type,
        amount=entry.amount,
        currency=entry.currency,
        document_date=entry.document_date,
        lago_updated_at=entry.lago_updated_at,
    )


def _report(entry: Entry, verdict: DoubtVerdict) -> DocumentReported:
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
            return _still_in_doubt(entry, f"not seen yet; the next look-up is at {until}")


def _still_in_doubt(entry: Entry, reason: str) -> DocumentReported:
    return _reported(
        entry, State.IN_DOUBT, "in_doubt", DoubtVerdict(DoubtEnd.GOES_ON, reason=reason), code="in_doubt"
    )


def _reported(
    entry: Entry, state: State, outcome: str, verdict: DoubtVerdict, *, code: str | None = None
) -> DocumentReported:
    failure = None if code is None else Failure(code=code, message=verdict.reason or outcome)
    return DocumentReported(
        kind=entry.kind,
        lago_id=entry.lago_id,
        number=entry.number,
        state=state,
        outcome=outcome,
        netsuite_id=verdict.netsuite_id or entry.netsuite_id,
        failure=failure,
        amount=entry.amount,
        currency=entry.currency,
    )


def due_entries(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """Keep the entries that may be tried now."""
    return [entry for entry in entries if entry.next_attempt_at is None or entry.next_attempt_at <= now]
