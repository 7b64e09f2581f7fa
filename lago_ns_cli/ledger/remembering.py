"""What one run leaves for the next: marks, lists of documents that are watched, and the runs themselves.

No history: losing it costs a longer look at Lago, never a document. So it is no part of the audit trail.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from lago_ns_cli.domain.identifiers import LagoId
from lago_ns_cli.domain.run_record import RunEnd, RunRecord
from lago_ns_cli.ledger.tables import marks, runs, watched

_OF_A_RUN = tuple(field.name for field in fields(RunRecord))


class Remembering:
    """A part of ``SqlLedger``, on its transactions."""

    _profile: int

    def _reading(self) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def _writing(self) -> AbstractContextManager[Connection]:
        raise NotImplementedError

    def record_run(self, record: RunRecord) -> None:
        """Keep a run, in place of what is known of it."""
        row: dict[str, Any] = {name: getattr(record, name) for name in _OF_A_RUN}
        row |= {"profile_id": self._profile, "outcomes": json.dumps(dict(record.outcomes))}
        kept = upsert(runs).values(row)
        with self._writing() as connection:
            connection.execute(kept.on_conflict_do_update(index_elements=["profile_id", "run"], set_={**row}))

    def runs(self, limit: int = 20) -> Sequence[RunRecord]:
        """Load the last runs, the newest first."""
        query = select(runs).where(runs.c.profile_id == self._profile).order_by(runs.c.id.desc())
        with self._reading() as connection:
            return [_run(row) for row in connection.execute(query.limit(limit)).mappings()]

    def mark(self, name: str) -> str | None:
        """Load what a run left under a name for the next one; None where nothing was left."""
        query = select(marks.c.value).where(marks.c.profile_id == self._profile, marks.c.name == name)
        with self._reading() as connection:
            value: str | None = connection.execute(query).scalar()
            return value

    def record_mark(self, name: str, value: str | None, at: datetime) -> None:
        """Leave something under a name, in place of what stands there; None removes it."""
        with self._writing() as connection:
            mine = (marks.c.profile_id == self._profile, marks.c.name == name)
            connection.execute(delete(marks).where(*mine))
            if value is not None:
                row = {"profile_id": self._profile, "name": name, "value": value, "recorded_at": at}
                connection.execute(insert(marks), row)

    def watched(self, name: str) -> Mapping[LagoId, str]:
        """Load a list of watched documents, each with what is noted of it."""
        query = select(watched.c.lago_id, watched.c.value).where(
            watched.c.profile_id == self._profile, watched.c.list == name
        )
        with self._reading() as connection:
            return {LagoId(row.lago_id): row.value for row in connection.execute(query)}

    def record_watched(self, name: str, notes: Mapping[LagoId, str | None], at: datetime) -> None:
        """Put documents on a list of watched ones, or, with None, take them off."""
        kept = [
            {"profile_id": self._profile, "list": name, "lago_id": one, "value": note, "recorded_at": at}
            for one, note in notes.items()
            if note is not None
        ]
        gone = [{"one": one} for one, note in notes.items() if note is None]
        if not notes:
            return
        with self._writing() as connection:
            if kept:
                connection.execute(_UPSERT, kept)
            if gone:
                mine = (watched.c.profile_id == self._profile, watched.c.list == name)
                connection.execute(delete(watched).where(*mine, watched.c.lago_id == bindparam("one")), gone)


_INSERT = upsert(watched)
_UPSERT = _INSERT.on_conflict_do_update(
    index_elements=["profile_id", "list", "lago_id"],
    set_={"value": _INSERT.excluded.value, "recorded_at": _INSERT.excluded.recorded_at},
)


def _run(row: RowMapping) -> RunRecord:
    told = {name: row[name] for name in _OF_A_RUN}
    told |= {"outcomes": json.loads(row["outcomes"]), "ended": RunEnd(row["ended"]) if row["ended"] else None}
    return RunRecord(**told)
