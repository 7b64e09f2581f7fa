"""What the audit trail says of the ledger's moves, and the moves read back from it.

The content of an entry is all of what was recorded, so that a ledger can be made again from its trail. Where
retention dropped the content, what the entry keeps (keys, state, link, hashes, amounts) has to do.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from lago_ns_cli.domain.attempts import Entry, Fact, Intent, Outcome, OutcomeKind, State, StateChange, Subject
from lago_ns_cli.domain.audit import AuditDraft, AuditEntry, AuditEvent, time_from, time_text
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.lease import Lease

_ORIGINAL = {"$original": True}
"""Stands in a payload for Lago's original, which is kept beside it; twice would be once too often."""

Json = Mapping[str, object]


def draft_intent(intent: Intent, entry: Entry) -> AuditDraft:
    """Write down what is about to be sent."""
    content: dict[str, object] = {
        "subject": _subject_json(intent.subject),
        "action": intent.action,
        "payload": _without_original(intent.payload, intent.original),
    }
    return _draft(AuditEvent.INTENT, entry, intent.action, content, intent.original)


def draft_outcome(outcome: Outcome, entry: Entry) -> AuditDraft:
    """Write down what became of an attempt."""
    content: dict[str, object] = {
        "kind": outcome.kind.value,
        "state": outcome.state.value,
        "code": outcome.code,
        "reason": outcome.reason,
        "netsuite_id": outcome.netsuite_id,
        "counts": outcome.counts,
        "next_attempt_at": _time(outcome.next_attempt_at),
        "answer": outcome.answer,
    }
    return _draft(AuditEvent.OUTCOME, entry, outcome.kind.value, content)


def draft_change(change: StateChange, entry: Entry) -> AuditDraft:
    """Write down a move without an attempt."""
    content: dict[str, object] = {
        "subject": _subject_json(change.subject),
        "state": change.state.value,
        "code": change.code,
        "reason": change.reason,
        "parent": change.parent,
        "netsuite_id": change.netsuite_id,
        "relinks": change.relinks,
        "fingerprint": change.fingerprint,
        "next_attempt_at": _time(change.next_attempt_at),
    }
    return _draft(AuditEvent.CHANGE, entry, None, content)


def draft_fact(fact: Fact) -> AuditDraft:
    """Write down a fact."""
    return AuditDraft(
        event=AuditEvent.FACT,
        key=fact.key,
        detail=fact.name,
        content={"name": fact.name, "value": fact.value},
    )


def draft_takeover(lease: Lease, before: Lease, ground: str) -> AuditDraft:
    """Write down that a run took the account from one that had died."""
    content = {"taken_by": str(lease), "token": lease.token, "taken_from": str(before), "because": ground}
    return AuditDraft(event=AuditEvent.LEASE, content=content)


def draft_prune(before: datetime, entries: int) -> AuditDraft:
    """Write down that contents were dropped."""
    return AuditDraft(event=AuditEvent.PRUNE, content={"before": time_text(before), "entries": entries})


def draft_restore(head: str) -> AuditDraft:
    """Write down that the trail up to here came from an export."""
    return AuditDraft(event=AuditEvent.RESTORE, content={"head": head})


def draft_command(command: str, content: Json) -> AuditDraft:
    """Write down what a person had done, by the words of the command."""
    return AuditDraft(event=AuditEvent.COMMAND, detail=command, content=content)


def intent_of(entry: AuditEntry) -> Intent:
    """Read an intent back."""
    told = entry.told()
    return Intent(
        subject=_subject(entry, told),
        action=entry.detail or "",
        fingerprint=entry.fingerprint or "",
        payload=sent_payload(entry) or {},
        original=entry.original,
    )


def outcome_of(entry: AuditEntry) -> Outcome:
    """Read an outcome back."""
    told = entry.told()
    return Outcome(
        key=Key(entry.key or ""),
        kind=OutcomeKind(entry.detail or ""),
        state=State(entry.state or ""),
        netsuite_id=_internal_id(entry.netsuite_id),
        code=_text(told, "code") or entry.code,
        reason=_text(told, "reason"),
        answer=cast("Json | None", told.get("answer")),
        counts=bool(told.get("counts", True)),
        next_attempt_at=_moment(told, "next_attempt_at"),
    )


def change_of(entry: AuditEntry) -> StateChange:
    """Read a change back."""
    told = entry.told()
    parent = _text(told, "parent")
    return StateChange(
        subject=_subject(entry, told),
        state=State(entry.state or ""),
        code=_text(told, "code") or entry.code,
        reason=_text(told, "reason"),
        parent=None if parent is None else Key(parent),
        netsuite_id=_internal_id(entry.netsuite_id),
        relinks=bool(told.get("relinks")),
        fingerprint=entry.fingerprint,
        next_attempt_at=_moment(told, "next_attempt_at"),
    )


def fact_of(entry: AuditEntry) -> Fact:
    """Read a fact back."""
    return Fact(Key(entry.key or ""), entry.detail or "", _text(entry.told(), "value") or "")


def sent_payload(intent: AuditEntry) -> Json | None:
    """Give the document of the contract as it was sent; None once retention dropped it."""
    if intent.content is None:
        return None
    payload = dict(cast("Json", intent.told()["payload"]))
    archive = payload.get("archive")
    if isinstance(archive, Mapping) and archive.get("content") == _ORIGINAL and intent.original is not None:
        payload["archive"] = {**archive, "content": _as_sent(intent.original)}
    return payload


def _without_original(payload: Json, original: bytes | None) -> Json:
    archive = payload.get("archive")
    if original is None or not isinstance(archive, Mapping) or archive.get("content") != _as_sent(original):
        return payload
    return {**payload, "archive": {**archive, "content": _ORIGINAL}}


def _as_sent(original: bytes) -> str:
    return original.decode("utf-8", "replace")


def _draft(
    event: AuditEvent, entry: Entry, detail: str | None, content: Json, original: bytes | None = None
) -> AuditDraft:
    return AuditDraft(
        event=event,
        content=content,
        key=entry.key,
        kind=str(entry.kind),
        lago_id=entry.lago_id,
        number=entry.number,
        customer_id=entry.customer_id,
        detail=detail,
        state=entry.state.value,
        code=entry.code,
        netsuite_id=entry.netsuite_id,
        fingerprint=entry.fingerprint,
        amount=entry.amount,
        currency=entry.currency,
        original=original,
    )


def _subject_json(subject: Subject) -> dict[str, object]:
    day = subject.document_date
    return {
        "record_type": subject.record_type,
        "amount": subject.amount,
        "currency": subject.currency,
        "document_date": None if day is None else day.isoformat(),
        "lago_updated_at": _time(subject.lago_updated_at),
    }


def _subject(entry: AuditEntry, told: Json) -> Subject:
    words = cast("Json", told.get("subject") or {})
    day = _text(words, "document_date")
    return Subject(
        key=Key(entry.key or ""),
        kind=entry.kind or "",
        lago_id=LagoId(entry.lago_id or ""),
        number=entry.number or "",
        customer_id=LagoId(entry.customer_id or ""),
        record_type=_text(words, "record_type"),
        amount=_text(words, "amount") if words else entry.amount,
        currency=_text(words, "currency") if words else entry.currency,
        document_date=None if day is None else date.fromisoformat(day),
        lago_updated_at=_moment(words, "lago_updated_at"),
    )


def _text(words: Json, name: str) -> str | None:
    found = words.get(name)
    return None if found is None else str(found)


def _internal_id(text: str | None) -> InternalId | None:
    return None if text is None else InternalId(text)


def _time(at: datetime | None) -> str | None:
    return None if at is None else time_text(at)


def _moment(words: Json, name: str) -> datetime | None:
    text = _text(words, name)
    return None if text is None else time_from(text)
