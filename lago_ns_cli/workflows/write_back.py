"""Writes to Lago, with the guarantees of a push: intent first, then send, then read what came of it.

The one module that writes to Lago. Lago has no idempotency key, so an answer that is lost leaves
the entry in doubt until what Lago holds shows that it was written, or the quarantine has passed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from lago_ns_cli.domain.attempts import Entry, Intent, Outcome, OutcomeKind, State, StateChange
from lago_ns_cli.domain.documents import Tree
from lago_ns_cli.domain.doubt import next_look_up
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.plan import Action, Planned
from lago_ns_cli.domain.write_back import BackDecision, LagoRequest, is_settled, request_mark
from lago_ns_cli.errors import InDoubtError, LagoNsError, RejectedError, RemoteError
from lago_ns_cli.workflows.ports import Clock, LagoSource, LagoWriter, Ledger, NetSuite
from lago_ns_cli.workflows.reports import DocumentReported, Failure, PlanReported, SyncEvent, report_on

Decide = Callable[[], Awaitable[BackDecision]]
"""Looks at what Lago holds now, and decides; called again before a doubtful write is repeated."""

Confirm = Callable[[Tree], bool]
"""Whether Lago's answer to a write says what was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackRun:
    """What a write-back works with; the run holds its account."""

    lago: LagoSource
    writer: LagoWriter
    netsuite: NetSuite
    ledger: Ledger
    clock: Clock
    mappings: Mappings
    account_host: str
    quarantine: timedelta
    dry_run: bool = False


async def bring_back(run: BackRun, decide: Decide, confirm: Confirm) -> AsyncIterator[SyncEvent]:
    """Bring one thing to Lago, at most once; yields one event.

    Raises:
        AuthError: Lago refused the key or a permission; nothing was written.
        TransientError: Lago cannot be reached; nothing was written.
    """
    decision = await decide()
    if run.dry_run:
        yield PlanReported(_as_planned(decision))
        return
    key = decision.subject.key
    entry = run.ledger.entries([key]).get(key)
    if entry is not None and entry.state is State.IN_DOUBT and decision.request is not None:
        waiting = _wait_on(run, entry, decision)
        if waiting is not None:
            yield waiting
            return
    if decision.request is None:
        yield _settle(run, decision, entry)
        return
    yield await _send(run, decision, decision.request, entry, confirm)


def _wait_on(run: BackRun, entry: Entry, decision: BackDecision) -> DocumentReported | None:
    """Leave a doubtful write alone until Lago cannot carry it out any more."""
    now = run.clock.now()
    sent = run.ledger.last_attempts([entry.key]).get(entry.key)
    gave_up_at = (sent.finished_at if sent is not None else None) or now
    over = now >= gave_up_at + run.quarantine
    look_again = None if over else next_look_up(gave_up_at, now, run.quarantine)
    run.ledger.record_changes(
        [
            StateChange(
                subject=decision.subject,
                state=State.PENDING if over else State.IN_DOUBT,
                code=None if over else entry.code,
                reason=None if over else entry.reason,
                next_attempt_at=look_again,
            )
        ],
        now,
    )
    if over:
        return None
    until = look_again.isoformat(timespec="seconds") if look_again else "soon"
    reason = f"Lago does not show it; the next look is at {until}"
    return _reported(replace(decision, code="in_doubt", reason=reason), State.IN_DOUBT, "in_doubt")


def _settle(run: BackRun, decision: BackDecision, entry: Entry | None) -> DocumentReported:
    outcome = "unchanged" if decision.state is State.POSTED else decision.state.value
    if not is_settled(decision, entry):
        run.ledger.record_changes(
            [
                StateChange(
                    subject=decision.subject,
                    state=decision.state,
                    code=decision.code,
                    reason=decision.reason,
                    netsuite_id=decision.netsuite_id,
                )
            ],
            run.clock.now(),
        )
        if decision.state is State.POSTED and entry is not None and entry.state is State.IN_DOUBT:
            outcome = "found"
    return _reported(decision, decision.state, outcome)


async def _send(
    run: BackRun, decision: BackDecision, request: LagoRequest, entry: Entry | None, confirm: Confirm
) -> DocumentReported:
    again = entry is not None and entry.netsuite_id is not None
    action = Action.UPDATE if again else Action.CREATE
    intent = Intent(
        subject=decision.subject,
        action=action.value,
        fingerprint=request_mark(request),
        payload={**request.as_mapping(), "key": decision.subject.key, "action": action.value},
    )
    run.ledger.record_intents([intent], run.clock.now())
    try:
        answer = await run.writer.write(request)
    except InDoubtError as error:
        return _close(run, decision, _doubtful(run, decision, error))
    except RejectedError as error:
        outcome = _outcome(decision, OutcomeKind.REJECTED, State.HELD, error.code, error.message)
        return _close(run, replace(decision, hint=error.hint), outcome)
    except RemoteError as error:
        not_sent = _outcome(decision, OutcomeKind.NOT_ATTEMPTED, State.PENDING, error.code, error.message)
        _close(run, decision, replace(not_sent, counts=False))
        raise
    except BaseException:
        lost = InDoubtError("the run was interrupted before Lago answered", system="Lago")
        _close(run, decision, _doubtful(run, decision, lost))
        raise
    if not confirm(answer):
        vague = InDoubtError("Lago's answer does not say what was meant", system="Lago")
        return _close(run, decision, _doubtful(run, decision, vague))
    done = Outcome(
        key=decision.subject.key,
        kind=OutcomeKind.ACCEPTED,
        state=State.POSTED,
        netsuite_id=decision.netsuite_id,
        answer=answer,
    )
    return _close(run, decision, done, "updated" if again else "created")


def _doubtful(run: BackRun, decision: BackDecision, error: InDoubtError) -> Outcome:
    now = run.clock.now()
    doubt = _outcome(decision, OutcomeKind.IN_DOUBT, State.IN_DOUBT, error.code, error.message)
    return replace(doubt, next_attempt_at=next_look_up(now, now, run.quarantine))


def _outcome(
    decision: BackDecision, kind: OutcomeKind, state: State, code: str | None, reason: str | None
) -> Outcome:
    return Outcome(key=decision.subject.key, kind=kind, state=state, code=code, reason=reason)


def _close(
    run: BackRun, decision: BackDecision, outcome: Outcome, word: str | None = None
) -> DocumentReported:
    run.ledger.record_outcomes([outcome], run.clock.now())
    told = replace(decision, code=outcome.code, reason=outcome.reason)
    words = {State.PENDING: "not_attempted"}
    return _reported(told, outcome.state, word or words.get(outcome.state, outcome.state.value))


def hold_back(run: BackRun, decision: BackDecision, error: LagoNsError) -> DocumentReported:
    """Hold what cannot be looked at in Lago; what is in doubt stays so."""
    key = decision.subject.key
    entry = run.ledger.entries([key]).get(key)
    if entry is not None and entry.state is State.IN_DOUBT:
        told = replace(decision, code=error.code, reason=error.message, hint=error.hint)
        return _reported(told, State.IN_DOUBT, "in_doubt")
    return give_up(run, decision, error)


def give_up(run: BackRun, decision: BackDecision, error: LagoNsError) -> DocumentReported:
    """Leave something to a person, whatever state it is in."""
    held = replace(decision, state=State.HELD, code=error.code, reason=error.message, hint=error.hint)
    if run.dry_run:
        return _reported(held, State.HELD, "held")
    return _settle(run, held, run.ledger.entries([decision.subject.key]).get(decision.subject.key))


def _reported(decision: BackDecision, state: State, outcome: str) -> DocumentReported:
    failure = None
    if state is not State.POSTED:
        message = decision.reason or decision.code or outcome
        failure = Failure(code=decision.code or outcome, message=message, hint=decision.hint)
    return report_on(decision.subject, state, outcome, netsuite_id=decision.netsuite_id, failure=failure)


_ACTIONS = {State.POSTED: Action.SKIP, State.SKIPPED: Action.SKIP, State.HELD: Action.HOLD}


def _as_planned(decision: BackDecision) -> Planned:
    request = decision.request
    posted = request is None and decision.state is State.POSTED
    return Planned(
        subject=decision.subject,
        action=Action.CREATE if request is not None else _ACTIONS[decision.state],
        code="already_posted" if posted else decision.code,
        reason="Lago has it" if posted else decision.reason,
        hint=decision.hint,
        netsuite_id=decision.netsuite_id,
        payload=None if request is None else request.as_mapping(),
    )
