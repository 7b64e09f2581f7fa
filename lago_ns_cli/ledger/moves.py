"""Which moves an entry may make, and what each leaves behind.

::

    record_intents    pending, waiting, held, skipped, new ─► sending   (posted: to update, apply or adopt only)
    record_outcomes   sending ─► any other state
    record_changes    any state but sending ─► any but sending          (in doubt: posted, held, pending only)

An entry in doubt is never sent again directly: whoever looked it up says so by moving it to pending first.
Pure functions from an entry to its successor; ``store`` writes what they return.
"""

from dataclasses import replace
from datetime import datetime

from lago_ns_cli.domain.attempts import Entry, Intent, Outcome, OutcomeKind, State, StateChange, Subject
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.errors import LedgerError

_REPEATABLE = frozenset({"update", "apply", "adopt", "restore"})
"""Actions that state a desired end: doing them to a posted record again is no second effect."""

_AFTER_DOUBT = frozenset({State.POSTED, State.HELD, State.PENDING, State.IN_DOUBT})

_WITHOUT_RECORD = frozenset({"application"})
"""Kinds whose effect is on another entry's record, so that they have no internal id of their own."""


def to_sending(entry: Entry | None, intent: Intent, known: InternalId | None, at: datetime) -> Entry:
    """Move an entry to ``sending``.

    Args:
        entry: As it stands; None where the document is new.
        known: The link, where there is one.

    Raises:
        LedgerError: It is under way, in doubt, or posted and would be created again.
    """
    if entry is not None:
        _refuse_unsafe_sending(entry, intent)
    return replace(
        _about(intent.subject, entry, known, State.SENDING, at),
        state=State.SENDING,
        fingerprint=intent.fingerprint,
        code=None,
        reason=None,
        parent=None,
        next_attempt_at=None,
        updated_at=at,
    )


def after_outcome(entry: Entry, outcome: Outcome, at: datetime) -> Entry:
    """Move an entry whose attempt has ended.

    Attempts that count add up until the entry is posted; then they start again, or years of
    successful updates would use up the patience with one failure.

    Raises:
        LedgerError: The state does not fit the outcome, or the link would change.
    """
    if outcome.state is State.SENDING:
        raise _refusal(entry, "cannot end an attempt as sending", "state")
    if outcome.kind is OutcomeKind.IN_DOUBT and outcome.state is not State.IN_DOUBT:
        raise _refusal(entry, f"was sent and not answered, so it cannot be {outcome.state}", "state")
    attempts = entry.attempts + (1 if outcome.counts else 0)
    moved = replace(
        entry,
        state=outcome.state,
        netsuite_id=_linked(entry, outcome.netsuite_id),
        code=outcome.code,
        reason=outcome.reason,
        parent=None,
        attempts=0 if outcome.state is State.POSTED else attempts,
        next_attempt_at=outcome.next_attempt_at,
        updated_at=at,
    )
    return _checked(moved)


def after_change(entry: Entry | None, change: StateChange, known: InternalId | None, at: datetime) -> Entry:
    """Move an entry without an attempt; one that changes in nothing keeps its ``updated_at``.

    Raises:
        LedgerError: The move would lose an attempt that is under way or in doubt.
    """
    if entry is not None:
        _refuse_unsafe_change(entry, change)
    about = _about(change.subject, entry, known, change.state, at)
    if change.state is State.SENDING:
        raise _refusal(about, "is sent only with an intent", "state")
    moved = replace(
        about,
        state=change.state,
        netsuite_id=change.netsuite_id if change.relinks else _linked(about, change.netsuite_id),
        code=change.code,
        reason=change.reason,
        parent=change.parent,
        fingerprint=change.fingerprint or about.fingerprint,
        attempts=0 if change.state is State.POSTED else about.attempts,
        next_attempt_at=change.next_attempt_at,
    )
    return _checked(moved if moved == entry else replace(moved, updated_at=at))


def unknown_attempt(key: Key) -> LedgerError:
    """Say that an outcome came for an entry that has no open attempt."""
    return LedgerError(
        f"{key} has no attempt under way, so no outcome can be recorded.", code="ledger_no_attempt"
    )


def _refuse_unsafe_sending(entry: Entry, intent: Intent) -> None:
    if entry.state is State.SENDING:
        raise _refusal(entry, "is being sent; its attempt has to end first", "sending")
    if entry.state is State.IN_DOUBT:
        raise _refusal(entry, "is in doubt; it has to be looked up before it is sent again", "in_doubt")
    if entry.state is State.POSTED and intent.action not in _REPEATABLE:
        raise _refusal(entry, f"is posted; {intent.action} would make a second record", "posted")


def _refuse_unsafe_change(entry: Entry, change: StateChange) -> None:
    if entry.state is State.SENDING:
        raise _refusal(entry, "is being sent; its attempt has to end first", "sending")
    if entry.state is State.IN_DOUBT and change.state not in _AFTER_DOUBT:
        raise _refusal(entry, f"is in doubt; it cannot become {change.state}", "in_doubt")


def _about(
    subject: Subject, entry: Entry | None, known: InternalId | None, state: State, at: datetime
) -> Entry:
    if entry is None:
        return Entry(
            key=subject.key,
            kind=subject.kind,
            lago_id=subject.lago_id,
            number=subject.number,
            customer_id=subject.customer_id,
            state=state,
            record_type=subject.record_type,
            netsuite_id=known,
            amount=subject.amount,
            currency=subject.currency,
            document_date=subject.document_date,
            lago_updated_at=subject.lago_updated_at,
            created_at=at,
            updated_at=at,
        )
    return replace(
        entry,
        number=subject.number,
        customer_id=subject.customer_id,
        record_type=subject.record_type or entry.record_type,
        amount=subject.amount or entry.amount,
        currency=subject.currency or entry.currency,
        document_date=subject.document_date or entry.document_date,
        lago_updated_at=subject.lago_updated_at or entry.lago_updated_at,
    )


def _linked(entry: Entry, found: InternalId | None) -> InternalId | None:
    if None not in (found, entry.netsuite_id) and found != entry.netsuite_id:
        raise _refusal(
            entry,
            f"is linked to internal id {entry.netsuite_id}, so it cannot become {found}",
            "link_changed",
        )
    return found or entry.netsuite_id


def _checked(entry: Entry) -> Entry:
    if entry.state is State.POSTED and entry.netsuite_id is None and entry.kind not in _WITHOUT_RECORD:
        raise _refusal(entry, "cannot be posted without an internal id", "state")
    return entry


def _refusal(entry: Entry, why: str, code: str) -> LedgerError:
    return LedgerError(
        f"{entry.kind} {entry.number} ({entry.key}) {why}. Nothing was recorded.", code=f"ledger_{code}"
    )
