"""Rows of findings and of decisions about them, within a transaction."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from lago_ns_cli.domain.decision_events import (
    Undo,
    before_from,
    before_words,
    finding_from,
    finding_words,
)
from lago_ns_cli.domain.reconciliation.decisions import Decision
from lago_ns_cli.domain.reconciliation.findings import Finding, Verdict
from lago_ns_cli.ledger.tables import decisions, findings


def write_findings(connection: Connection, profile: int, seen: Sequence[Finding], at: datetime) -> None:
    """Remember findings that were seen; one that is known is seen again."""
    rows = {
        one.id: {
            "profile_id": profile,
            "id": one.id,
            **finding_words(one),
            "day": one.day,
            "seen_at": at,
        }
        for one in seen
    }
    if rows:
        connection.execute(_SEEN, list(rows.values()))


_NEW = upsert(findings)
_SEEN = _NEW.on_conflict_do_update(
    index_elements=["profile_id", "id"],
    set_={
        column.name: _NEW.excluded[column.name]
        for column in findings.columns
        if column.name not in ("profile_id", "id")
    },
)


def forget_findings(
    connection: Connection,
    profile: int,
    kinds: Sequence[str],
    days: tuple[date | None, date | None],
    entity: str | None,
    before: datetime,
) -> None:
    """Forget findings that a comparison of these documents no longer saw."""
    gone = delete(findings).where(
        findings.c.profile_id == profile, findings.c.kind.in_(kinds), findings.c.seen_at < before
    )
    since, until = days
    if since is not None:
        gone = gone.where(or_(findings.c.day.is_(None), findings.c.day >= since))
    if until is not None:
        gone = gone.where(or_(findings.c.day.is_(None), findings.c.day <= until))
    if entity is not None:
        gone = gone.where(findings.c.entity == entity)
    connection.execute(gone)


def load_findings(connection: Connection, profile: int) -> list[Finding]:
    """Load the findings that comparisons saw last, by document."""
    query = select(findings).where(findings.c.profile_id == profile)
    rows = connection.execute(query.order_by(findings.c.kind, findings.c.document, findings.c.id)).mappings()
    return [_finding(row) for row in rows]


def load_decisions(connection: Connection, profile: int) -> list[Decision]:
    """Load all decisions in their order, those that were taken back too."""
    query = select(decisions).where(decisions.c.profile_id == profile).order_by(decisions.c.number)
    return [_decision(row) for row in connection.execute(query).mappings()]


def next_number(connection: Connection, profile: int) -> int:
    """Tell the number of the next decision."""
    last = connection.execute(
        select(func.max(decisions.c.number)).where(decisions.c.profile_id == profile)
    ).scalar()
    return int(last or 0) + 1


def write_decisions(connection: Connection, profile: int, made: Sequence[Decision]) -> None:
    """Insert decisions that have their numbers."""
    if made:
        connection.execute(insert(decisions), [_values(profile, one) for one in made])


def write_undo(connection: Connection, profile: int, undo: Undo) -> None:
    """Mark a decision as taken back."""
    mine = update(decisions).where(decisions.c.profile_id == profile, decisions.c.number == undo.number)
    connection.execute(mine.values(undone_by=undo.by, undone_at=undo.at, undone_note=undo.note))


def _values(profile: int, decision: Decision) -> dict[str, Any]:
    before = None if decision.before is None else json.dumps(before_words(decision.before))
    return {
        "profile_id": profile,
        "number": decision.number,
        "verdict": decision.verdict.value,
        "by": decision.by,
        "at": decision.at,
        "note": decision.note,
        "until": decision.until,
        **finding_words(decision.finding),
        "day": decision.finding.day,
        "before": before,
        "undone_by": decision.undone_by,
        "undone_at": decision.undone_at,
        "undone_note": decision.undone_note,
    }


def _finding(row: RowMapping) -> Finding:
    return finding_from({name: value for name, value in row.items() if name != "day"}, row["day"])


def _decision(row: RowMapping) -> Decision:
    return Decision(
        number=row["number"],
        verdict=Verdict(row["verdict"]),
        finding=_finding(row),
        by=row["by"],
        at=row["at"],
        note=row["note"],
        until=row["until"],
        before=None if row["before"] is None else before_from(json.loads(row["before"])),
        undone_by=row["undone_by"],
        undone_at=row["undone_at"],
        undone_note=row["undone_note"],
    )
