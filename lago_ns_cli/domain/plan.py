"""What is to be done with each document: decided first, done afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lago_ns_cli.domain.attempts import Entry, Intent, State, StateChange, Subject
from lago_ns_cli.domain.bounds import MOST_BYTES
from lago_ns_cli.domain.gate import Passage, Verdict
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.domain.json_bytes import json_bytes
from lago_ns_cli.domain.records import Record, fingerprint, record_as_json
from lago_ns_cli.domain.translation.context import Notice


class Action(StrEnum):
    """What is to be done with a document."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"  # link a record that is in NetSuite already
    RESTORE = "restore"  # state a record anew that somebody changed in NetSuite
    APPLY = "apply"  # put an existing memo on invoices
    SKIP = "skip"  # nothing to do, now or ever; the reason says which
    HOLD = "hold"  # a person is needed
    WAIT = "wait"  # something else must happen first


_ALREADY_POSTED = "already_posted"

WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.ADOPT, Action.APPLY, Action.RESTORE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The decision about one document.

    Args:
        code: Why, as ``lago-ns errors`` knows it; for skip, hold and wait.
        stored: Whether the decision changes the ledger (a document that is not final yet, or
            that is posted already, changes nothing).
        netsuite_id: The record to adopt or update, or the one it is posted as.
        parents: Keys of documents that must be posted before.
        size: Bytes of a document that is to be sent, as it will leave.
        archived: Whether Lago's original goes along into NetSuite's archive.
        payload: What is sent instead of the record's own form (a replay of what was sent).
        next_attempt_at: When what waits is looked at again, where it waits for a time (UTC).
    """

    subject: Subject
    action: Action
    code: str | None = None
    reason: str | None = None
    hint: str | None = None
    record: Record | None = None
    fingerprint: str | None = None
    netsuite_id: InternalId | None = None
    parents: tuple[Key, ...] = ()
    notices: tuple[Notice, ...] = ()
    original: bytes | None = None
    stored: bool = True
    size: int = 0
    archived: bool = True
    payload: Mapping[str, object] | None = None
    next_attempt_at: datetime | None = None


_TO_BE_RESTORED = frozenset({State.PENDING, State.WAITING})
"""States in which a document with a record is there because somebody decided to restore it."""


def plan_write(
    subject: Subject,
    record: Record,
    entry: Entry | None,
    *,
    asked_by_id: bool,
    original: bytes | None = None,
    notices: tuple[Notice, ...] = (),
    parents: tuple[Key, ...] = (),
    adopt: InternalId | None = None,
) -> Planned:
    """Decide about a document that could be translated.

    A held document without a link is sent again if it would now be sent otherwise, or if it was
    asked for by its id; unchanged it would only be refused again. One that is to be sent and has a
    record is stated anew, never created beside it.

    Args:
        entry: The document's row in the ledger, if it has one.
        adopt: A NetSuite record that is known to be this document.
    """
    settled = plan_settled(subject, entry)
    if settled is not None:
        return settled
    mark = fingerprint(record)
    restores = record.type != "customer" and entry is not None and entry.state in _TO_BE_RESTORED
    known = entry.netsuite_id if entry is not None and restores else None
    if entry is not None and entry.state is State.HELD and entry.fingerprint == mark and not asked_by_id:
        return _as_before(subject, entry, Action.HOLD)
    planned = Planned(
        subject=subject,
        action=Action.RESTORE if known else Action.CREATE if adopt is None else Action.ADOPT,
        record=record,
        fingerprint=mark,
        netsuite_id=known or adopt,
        parents=parents,
        notices=notices,
        original=original,
    )
    return within_bounds(planned)


def within_bounds(planned: Planned) -> Planned:
    """Measure a document that is to be sent; one that no call can carry is held, never cut.

    Lago's original alone may be too much for a call: then it stays in the ledger, and the
    archive in NetSuite goes without it.
    """
    size = _size(planned)
    if size > MOST_BYTES and planned.original is not None:
        told = f"Lago's original of {planned.subject.number} is too large to be archived in NetSuite"
        notices = (*planned.notices, Notice("archive_left_out", told))
        planned = replace(planned, archived=False, notices=notices)
        size = _size(planned)
    if size <= MOST_BYTES:
        return replace(planned, size=size)
    held = plan_hold(
        planned.subject,
        "too_large",
        f"{planned.subject.number} takes {size:,} bytes, and a call to NetSuite carries {MOST_BYTES:,}",
        "Add a row under [[grouping]] in mappings.toml, or post the document by hand.",
    )
    return replace(held, fingerprint=planned.fingerprint)


def _size(planned: Planned) -> int:
    return len(json_bytes(as_intent(planned).payload))


def plan_settled(subject: Subject, entry: Entry | None) -> Planned | None:
    """Decide about a document from the ledger alone; None where it has to be translated."""
    if entry is None:
        return None
    match entry.state:
        case State.POSTED:
            return Planned(
                subject=subject,
                action=Action.SKIP,
                code=_ALREADY_POSTED,
                reason=f"posted as {entry.netsuite_id}",
                netsuite_id=entry.netsuite_id,
                stored=False,
            )
        case State.SKIPPED:
            return _as_before(subject, entry, Action.SKIP)
        case State.IN_DOUBT | State.SENDING:
            return Planned(
                subject=subject,
                action=Action.WAIT,
                code="in_doubt",
                reason="it was sent and the answer was lost, so it must be looked up before anything is sent again",
                stored=False,
            )
        case State.HELD if entry.netsuite_id is not None:
            return _as_before(subject, entry, Action.HOLD)
        case _:
            return None


def _as_before(subject: Subject, entry: Entry, action: Action) -> Planned:
    return Planned(
        subject=subject,
        action=action,
        code=entry.code,
        reason=entry.reason,
        netsuite_id=entry.netsuite_id,
        stored=False,
    )


def plan_posted(subject: Subject, entry: Entry) -> Planned:
    """Decide that a posted document needs nothing, and that the ledger knows it was looked at."""
    return Planned(
        subject=subject,
        action=Action.SKIP,
        code=_ALREADY_POSTED,
        reason=f"posted as {entry.netsuite_id}",
        netsuite_id=entry.netsuite_id,
    )


def plan_gate(subject: Subject, verdict: Verdict) -> Planned:
    """Decide about a document that the gate does not let through."""
    return Planned(
        subject=subject,
        action=Action.WAIT if verdict.passage is Passage.LATER else Action.SKIP,
        code=verdict.code,
        reason=verdict.reason,
        stored=verdict.passage is Passage.NEVER,
    )


def plan_hold(subject: Subject, code: str, reason: str, hint: str | None) -> Planned:
    """Decide that a document needs a person."""
    return Planned(subject=subject, action=Action.HOLD, code=code, reason=reason, hint=hint)


def plan_wait(
    subject: Subject,
    parent: Key,
    reason: str,
    code: str = "parent_not_posted",
    next_attempt_at: datetime | None = None,
) -> Planned:
    """Decide that a document waits for a parent, perhaps until a time."""
    return Planned(
        subject=subject,
        action=Action.WAIT,
        code=code,
        reason=reason,
        parents=(parent,),
        next_attempt_at=next_attempt_at,
    )


def as_change(planned: Planned) -> StateChange:
    """Tell the ledger about a decision that sends nothing."""
    if planned.code == _ALREADY_POSTED:
        return StateChange(subject=planned.subject, state=State.POSTED)
    state = {Action.SKIP: State.SKIPPED, Action.HOLD: State.HELD, Action.WAIT: State.WAITING}[planned.action]
    return StateChange(
        subject=planned.subject,
        state=state,
        code=planned.code,
        reason=planned.reason,
        parent=planned.parents[0] if planned.action is Action.WAIT and planned.parents else None,
        netsuite_id=planned.netsuite_id if planned.action is Action.SKIP else None,
        fingerprint=planned.fingerprint,
        next_attempt_at=planned.next_attempt_at,
    )


def as_intent(planned: Planned) -> Intent:
    """Tell the ledger what is about to be sent.

    The payload is the document of the contract, complete: what the ledger keeps is what leaves.
    """
    if planned.record is None or planned.fingerprint is None:
        raise ValueError(f"{planned.subject.number}: nothing to send")
    payload = dict(planned.payload or record_as_json(planned.record))
    payload |= {"action": planned.action.value, "fingerprint": planned.fingerprint}
    if planned.netsuite_id is not None:
        payload["id"] = planned.netsuite_id
    if planned.original is not None and planned.archived:
        name = planned.subject.key.replace(":", "-") + ".json"
        payload["archive"] = {"name": name, "content": planned.original.decode("utf-8", "replace")}
    return Intent(
        subject=planned.subject,
        action=planned.action.value,
        fingerprint=planned.fingerprint,
        payload=payload,
        original=planned.original,
    )
