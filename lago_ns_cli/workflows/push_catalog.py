"""Stores Lago's mappable objects in NetSuite, where formulas, searches and people can look at them.

Decided from what is there already, so what did not change costs no write. Each write has its intent in the
ledger before it leaves, and its outcome after; one whose answer is lost is looked for in NetSuite's list, and
written again only when nothing can come of the first call any more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from lago_ns_cli.domain.attempts import SETTLED, Intent, Outcome, OutcomeKind, State
from lago_ns_cli.domain.carrying_on import LAGO_OBJECT
from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.doubt import next_look_up, quarantine_of
from lago_ns_cli.domain.lago_objects import (
    RECORD_TYPE,
    LagoObject,
    ObjectsPlan,
    StoredObject,
    decide_objects,
    lago_objects,
)
from lago_ns_cli.domain.object_clearing import ObjectWaiting, Remembered, clear_objects, object_subject
from lago_ns_cli.errors import InDoubtError, RejectedError, RemoteError
from lago_ns_cli.workflows.doubts import doubt_the_abandoned
from lago_ns_cli.workflows.ports import Clock, Ledger, NetSuite

OBJECTS_A_CALL = 200
_BYTES_A_CALL = 2_000_000


@dataclass(slots=True, kw_only=True)
class ObjectsStored:
    """How many records were written and why others were not; ``too_long`` ones are stored without their JSON.

    Attributes:
        found: Earlier writes without an answer that turned out to be done.
        waiting: Not written now, since an earlier write may still be carried out.
        left: Not sent any more after a call that was not answered.
    """

    created: int = 0
    updated: int = 0
    deactivated: int = 0
    unchanged: int = 0
    found: int = 0
    left: int = 0
    too_long: Sequence[str] = ()
    failures: list[StoredObject] = field(default_factory=list)
    waiting: list[ObjectWaiting] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsRun:
    """What storing works with; the ledger holds the account."""

    netsuite: NetSuite
    ledger: Ledger
    clock: Clock
    quarantine: timedelta


async def plan_lago_objects(lago: Catalog, netsuite: NetSuite, organization: str) -> ObjectsPlan:
    """Compare Lago's objects with NetSuite's records of them.

    Raises:
        RemoteError: NetSuite cannot be reached, or the role may not see such records.
    """
    present = [row async for row in netsuite.list_rows(RECORD_TYPE)]
    return decide_objects(lago_objects(lago, organization), present, organization)


async def store_lago_objects(plan: ObjectsPlan, run: ObjectsRun) -> ObjectsStored:
    """Write what has to be written; an object that is refused does not stop the others.

    Args:
        plan: Made while the ledger held the account.

    Raises:
        RemoteError: NetSuite cannot be reached, or refuses the whole call. What was written stays; run it again.
    """
    doubt_the_abandoned(run.ledger, run.clock)
    now = run.clock.now()
    cleared = clear_objects(plan, _remembered(plan, run.ledger), now, run.quarantine)
    run.ledger.record_changes(cleared.changes, now)
    told = ObjectsStored(
        unchanged=plan.unchanged,
        found=cleared.found,
        too_long=[one.title for one in cleared.send if one.json is None and not one.inactive],
        waiting=list(cleared.waiting),
    )
    to_send = list(cleared.send)
    while to_send:
        batch = _batch(to_send)
        try:
            answers = await _send(plan, batch, run)
        except InDoubtError as error:
            told.waiting += _doubtful(batch, error, run)
            told.left = len(to_send) - len(batch)
            return told
        settled = {answer.key for answer in answers if answer.outcome != "not_attempted"}
        if not settled:
            told.failures += answers
            return told
        for sent, answer in zip(batch, answers, strict=True):
            _count(told, sent, answer)
        to_send = [one for one in to_send if one.key not in settled]
    return told


def _remembered(plan: ObjectsPlan, ledger: Ledger) -> Remembered:
    keys = [one.key for one in (*plan.write, *plan.gone)]
    still_open = ledger.entries_in(frozenset(State) - SETTLED, kind=LAGO_OBJECT)
    entries = {**{entry.key: entry for entry in still_open}, **ledger.entries(keys)}
    doubtful = [entry.key for entry in still_open if entry.state is State.IN_DOUBT]
    return Remembered(entries=entries, given_up=ledger.given_up(doubtful))


async def _send(plan: ObjectsPlan, batch: Sequence[LagoObject], run: ObjectsRun) -> Sequence[StoredObject]:
    """Make one call: intents before, outcomes after."""
    run.ledger.record_intents([_intent(one, plan) for one in batch], run.clock.now())
    try:
        answers = await run.netsuite.store_objects(batch)
    except InDoubtError as error:
        _record(run, [_lost(one, error, run) for one in batch])
        raise
    except RejectedError as error:
        _record(run, [_refused(one, error.code, error.message) for one in batch])
        raise
    except RemoteError as error:
        _record(run, [_not_sent(one, error.code, error.message) for one in batch])
        raise
    _record(run, [_answered(*pair) for pair in zip(batch, answers, strict=True)])
    return answers


def _intent(one: LagoObject, plan: ObjectsPlan) -> Intent:
    action = "update" if one.key in plan.shown else "create"
    return Intent(
        subject=object_subject(one),
        action=action,
        fingerprint=one.fingerprint,
        payload={"type": RECORD_TYPE, "action": action, **asdict(one)},
    )


def _record(run: ObjectsRun, outcomes: Sequence[Outcome]) -> None:
    run.ledger.record_outcomes(outcomes, run.clock.now())


def _answered(one: LagoObject, answer: StoredObject) -> Outcome:
    if answer.outcome == "not_attempted":
        return _not_sent(one, answer.code, answer.message)
    if answer.id is None:
        return _refused(one, answer.code, answer.message)
    return Outcome(
        key=one.key,
        kind=OutcomeKind.ACCEPTED,
        state=State.POSTED,
        netsuite_id=answer.id,
        answer=asdict(answer),
    )


def _refused(one: LagoObject, code: str | None, reason: str | None) -> Outcome:
    return Outcome(key=one.key, kind=OutcomeKind.REJECTED, state=State.HELD, code=code, reason=reason)


def _not_sent(one: LagoObject, code: str | None, reason: str | None) -> Outcome:
    return Outcome(
        key=one.key,
        kind=OutcomeKind.NOT_ATTEMPTED,
        state=State.PENDING,
        code=code,
        reason=reason,
        counts=False,
    )


def _lost(one: LagoObject, error: InDoubtError, run: ObjectsRun) -> Outcome:
    now = run.clock.now()
    return Outcome(
        key=one.key,
        kind=OutcomeKind.IN_DOUBT,
        state=State.IN_DOUBT,
        code=error.code,
        reason=error.message,
        next_attempt_at=next_look_up(now, now, quarantine_of(error.code, run.quarantine)),
    )


def _doubtful(batch: Sequence[LagoObject], error: InDoubtError, run: ObjectsRun) -> list[ObjectWaiting]:
    until = run.clock.now() + quarantine_of(error.code, run.quarantine)
    return [
        ObjectWaiting(key=one.key, name=one.title, code="in_doubt", reason=error.message, until=until)
        for one in batch
    ]


def _batch(waiting: Sequence[LagoObject]) -> Sequence[LagoObject]:
    size = 0
    for count, one in enumerate(waiting[:OBJECTS_A_CALL]):
        size += len(one.json or "") + 1000
        if size > _BYTES_A_CALL and count:
            return waiting[:count]
    return waiting[:OBJECTS_A_CALL]


def _count(told: ObjectsStored, sent: LagoObject, answer: StoredObject) -> None:
    if answer.outcome == "created":
        told.created += 1
    elif answer.outcome == "updated" and sent.inactive:
        told.deactivated += 1
    elif answer.outcome == "updated":
        told.updated += 1
    elif answer.outcome == "unchanged":
        told.unchanged += 1
    elif answer.outcome != "not_attempted":
        told.failures.append(answer)
