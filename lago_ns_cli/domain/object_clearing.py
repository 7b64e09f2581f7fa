"""Which of Lago's objects may be written to NetSuite now, by what the ledger remembers of each.

A write whose answer was lost may be carried out late. So an object in doubt is written again only once
NetSuite's list, read after the quarantine, still does not show it; and one that the ledger knows as stored
and the list does not show is missed for as long before it is made anew, since a list may lag behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lago_ns_cli.domain.attempts import SETTLED, Entry, State, StateChange, Subject, subject_of
from lago_ns_cli.domain.carrying_on import LAGO_OBJECT
from lago_ns_cli.domain.doubt import quarantine_of
from lago_ns_cli.domain.identifiers import Key, LagoId
from lago_ns_cli.domain.lago_objects import RECORD_TYPE, LagoObject, ObjectsPlan

GONE = "object_gone"
"""Why nothing is stored any more: Lago has the object no longer, and NetSuite shows no record of it."""

MISSING = "object_missing"
"""Why an object waits: it was stored, and NetSuite's list does not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectWaiting:
    """An object that is not written now; ``until`` is when it may be."""

    key: Key
    name: str
    code: str
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What may be sent, and what the ledger is to note before.

    Args:
        changes: In order.
        found: How many were in doubt or held and turned out to be there.
    """

    send: tuple[LagoObject, ...]
    changes: tuple[StateChange, ...]
    waiting: tuple[ObjectWaiting, ...]
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What the ledger knows of objects.

    Args:
        entries: Those of the planned objects, and all that are open.
        given_up: When our side gave up on the last attempt of those in doubt.
    """

    entries: Mapping[Key, Entry]
    given_up: Mapping[Key, datetime]


def clear_objects(plan: ObjectsPlan, known: Remembered, now: datetime, quarantine: timedelta) -> Cleared:
    """Decide which objects of a plan may be sent.

    Args:
        plan: Made of a list that was read after every earlier attempt had ended.
        quarantine: How long after a lost answer nothing may be sent again.
    """
    clearing = _Clearing(plan, known, now, quarantine)
    planned = [*plan.write, *plan.gone]
    send = tuple(one for one in planned if clearing.may_send(one))
    names = {one.key for one in planned}
    for entry in known.entries.values():
        if entry.key not in names and entry.state not in SETTLED:
            clearing.settle(entry)
    return Cleared(
        send=send, changes=tuple(clearing.changes), waiting=tuple(clearing.waiting), found=clearing.found
    )


def object_subject(one: LagoObject) -> Subject:
    """Say what the entry of an object is about."""
    return Subject(
        key=one.key,
        kind=LAGO_OBJECT,
        lago_id=LagoId(one.lago_id or ""),
        number=one.title,
        customer_id=LagoId(""),
        record_type=RECORD_TYPE,
    )


class _Clearing:
    def __init__(self, plan: ObjectsPlan, known: Remembered, now: datetime, quarantine: timedelta) -> None:
        self._shown = plan.shown
        self._known = known
        self._now = now
        self._quarantine = quarantine
        self.changes: list[StateChange] = []
        self.waiting: list[ObjectWaiting] = []
        self.found = 0

    def may_send(self, one: LagoObject) -> bool:
        entry = self._known.entries.get(one.key)
        if entry is None:
            return True
        if self._in_doubt_until(entry) or self._missed_until(entry):
            return False
        shown = self._shown.get(one.key)
        if entry.state is State.IN_DOUBT:
            self._move(entry, State.PENDING, at=None if shown is None else one.key)
        elif shown is not None and entry.netsuite_id not in (None, shown.id):
            # Somebody deleted the record and made it anew under the same key.
            self._move(entry, State.PENDING, at=one.key)
        return True

    def settle(self, entry: Entry) -> None:
        """End an open entry that needs no write any more."""
        if entry.key in self._shown:
            self._move(entry, State.POSTED, at=entry.key)
            self.found += 1
        elif not self._in_doubt_until(entry):
            self._move(entry, State.PENDING)
            self._move(
                entry, State.SKIPPED, GONE, "Lago has it no longer, and NetSuite shows no record of it"
            )

    def _in_doubt_until(self, entry: Entry) -> datetime | None:
        if entry.state is not State.IN_DOUBT:
            return None
        gave_up_at = self._known.given_up.get(entry.key) or entry.updated_at
        until = gave_up_at + quarantine_of(entry.code, self._quarantine)
        return self._wait(entry, "in_doubt", "its answer was lost, and NetSuite does not show it", until)

    def _missed_until(self, entry: Entry) -> datetime | None:
        if entry.key in self._shown:
            return None
        if entry.state is State.PENDING and entry.code == MISSING and entry.next_attempt_at is not None:
            return self._wait(entry, MISSING, entry.reason or "", entry.next_attempt_at)
        if entry.netsuite_id is None or entry.state is State.IN_DOUBT:
            return None
        until = self._now + self._quarantine
        reason = f"NetSuite no longer shows its record {entry.netsuite_id}"
        self._move(entry, State.PENDING, MISSING, reason, until=until)
        return self._wait(entry, MISSING, reason, until)

    def _wait(self, entry: Entry, code: str, reason: str, until: datetime) -> datetime | None:
        if self._now >= until:
            return None
        self.waiting.append(
            ObjectWaiting(key=entry.key, name=entry.number, code=code, reason=reason, until=until)
        )
        return until

    def _move(
        self,
        entry: Entry,
        state: State,
        code: str | None = None,
        reason: str | None = None,
        *,
        at: Key | None = None,
        until: datetime | None = None,
    ) -> None:
        """Note a move; ``at`` is where the record stands now, without it none is known."""
        shown = None if at is None else self._shown[at]
        self.changes.append(
            StateChange(
                subject=subject_of(entry),
                state=state,
                code=code,
                reason=reason,
                netsuite_id=None if shown is None else shown.id,
                fingerprint=None if shown is None else shown.fingerprint,
                next_attempt_at=until,
                relinks=True,
            )
        )
