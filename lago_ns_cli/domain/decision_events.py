"""What the audit trail says of decisions about differences, and decisions read back from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.audit import AuditDraft, AuditEntry, AuditEvent, time_from, time_text
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.reconciliation.decisions import Before, Decision
from lago_ns_cli.domain.reconciliation.findings import Discrepancy, Finding, Verdict

Json = Mapping[str, object]

UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """That somebody took a decision back."""

    number: int
    by: str
    at: datetime
    note: str


def finding_words(finding: Finding) -> dict[str, str | None]:
    """Write down what a decision needs of a finding."""
    return {
        "what": finding.what.value,
        "kind": finding.kind,
        "document_key": finding.key,
        "lago_id": finding.lago_id,
        "document": finding.number,
        "customer": finding.customer,
        "entity": finding.entity,
        "currency": finding.currency,
        "netsuite_id": finding.netsuite_id,
        "fingerprint": finding.fingerprint,
        "lago": finding.lago,
        "netsuite": finding.netsuite,
        "difference": None if finding.difference is None else format(finding.difference, "f"),
        "cause": finding.cause,
        "action": finding.action,
        "command": finding.command,
    }


def finding_from(words: Mapping[str, str | None], day: date | None) -> Finding:
    """Read a finding back."""
    key, lago_id, record = words["document_key"], words["lago_id"], words["netsuite_id"]
    difference = words["difference"]
    return Finding(
        what=Discrepancy(words["what"] or ""),
        kind=words["kind"] or "",
        key=None if key is None else Key(key),
        lago_id=None if lago_id is None else LagoId(lago_id),
        number=words["document"] or "",
        customer=words["customer"] or "",
        entity=words["entity"] or "",
        currency=words["currency"] or "",
        netsuite_id=None if record is None else InternalId(record),
        fingerprint=words["fingerprint"],
        lago=words["lago"],
        netsuite=words["netsuite"],
        difference=None if difference is None else Decimal(difference),
        cause=words["cause"] or "",
        action=words["action"] or "",
        command=words["command"],
        day=day,
    )


def before_words(before: Before) -> dict[str, str | None]:
    """Write down where an entry stood."""
    return {
        "state": before.state.value,
        "why": before.code,
        "reason": before.reason,
        "netsuite_id": before.netsuite_id,
        "fingerprint": before.fingerprint,
    }


def before_from(words: Mapping[str, str | None]) -> Before:
    """Read back where an entry stood."""
    record, why = words["netsuite_id"], words["why"]
    return Before(
        state=State(words["state"] or ""),
        code=why,
        reason=words["reason"],
        netsuite_id=None if record is None else InternalId(record),
        fingerprint=words["fingerprint"],
    )


def draft_decision(decision: Decision) -> AuditDraft:
    """Write down what was decided, by whom and why."""
    content: dict[str, object] = {
        "number": decision.number,
        "by": decision.by,
        "note": decision.note,
        "until": _day(decision.until),
        "finding": finding_words(decision.finding),
        "day": _day(decision.finding.day),
        "before": None if decision.before is None else before_words(decision.before),
        "at": time_text(decision.at),
    }
    return _draft(decision.finding, decision.verdict.value, content)


def draft_undo(undo: Undo, decision: Decision) -> AuditDraft:
    """Write down that a decision was taken back."""
    content = {"number": undo.number, "by": undo.by, "note": undo.note, "at": time_text(undo.at)}
    return _draft(decision.finding, UNDO, content)


def decision_of(entry: AuditEntry) -> Decision | Undo:
    """Read a decision back, or that it was taken back."""
    told = entry.told()
    number, by, note = int(str(told["number"])), str(told["by"]), str(told["note"])
    at = time_from(str(told["at"]))
    if entry.detail == UNDO:
        return Undo(number=number, by=by, at=at, note=note)
    before = told["before"]
    return Decision(
        number=number,
        verdict=Verdict(entry.detail or ""),
        finding=finding_from(cast("Mapping[str, str | None]", told["finding"]), _date(told["day"])),
        by=by,
        at=at,
        note=note,
        until=_date(told["until"]),
        before=None if before is None else before_from(cast("Mapping[str, str | None]", before)),
    )


def _draft(finding: Finding, detail: str, content: Json) -> AuditDraft:
    return AuditDraft(
        event=AuditEvent.DECISION,
        content=content,
        key=finding.key,
        kind=finding.kind,
        lago_id=finding.lago_id,
        number=finding.number,
        detail=detail,
        netsuite_id=finding.netsuite_id,
        currency=finding.currency or None,
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: object) -> date | None:
    return None if text is None else date.fromisoformat(str(text))
