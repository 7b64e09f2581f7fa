"""A ledger that is only looked at: what ``status`` needs, in the time of a glance.

Reading through SQLAlchemy costs many times what reading costs, and all of it is loading SQLAlchemy. So this
reads the same tables by hand, of a file that is there and has the schema of this version; every other case,
errors included, is left to ``SqlLedger``. A test holds both to the same answers.
"""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from lago_ns_cli.domain.accounts import canonical_account
from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.run_record import RunEnd, RunRecord
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import migrations

_PREFIX = "sqlite:///"
_BUSY_SECONDS = 10
_KEYS_IN_ONE_QUERY = 500
_OF_A_RUN = tuple(field.name for field in fields(RunRecord))
_TIMES = ("next_attempt_at", "lago_updated_at", "created_at", "updated_at")
_COLUMNS = tuple(field.name for field in fields(Entry) if field.name != "netsuite_id")
_ENTRIES = f"""
SELECT {", ".join(f"entries.{name}" for name in _COLUMNS)}, links.netsuite_id
FROM entries LEFT JOIN links ON links.profile_id = entries.profile_id AND links.key = entries.key
WHERE entries.profile_id = ?"""  # noqa: S608 - names of our own


class LedgerView:
    """The rows of one profile, to be read; satisfies ``status.Looked``."""

    def __init__(self, connection: sqlite3.Connection, profile: int, name: str) -> None:
        """Take an open file."""
        self._connection = connection
        self._profile = profile
        self._name = name

    def __enter__(self) -> "LedgerView":
        """Give the view."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._connection.close()

    def counts(self) -> Mapping[tuple[str, State], int]:
        """Count entries by kind and state."""
        rows = self._rows(
            "SELECT kind, state, count(*) AS number FROM entries WHERE profile_id = ? GROUP BY kind, state"
        )
        return {(row["kind"], State(row["state"])): row["number"] for row in rows}

    def unchanged_since(self) -> Mapping[tuple[str, State], datetime]:
        """Tell, by kind and state, since when the entry that rests longest has not changed."""
        rows = self._rows(
            "SELECT kind, state, min(updated_at) AS since FROM entries WHERE profile_id = ? GROUP BY kind, state"
        )
        return {(row["kind"], State(row["state"])): datetime.fromisoformat(row["since"]) for row in rows}

    def entries(self, keys: Collection[Key]) -> Mapping[Key, Entry]:
        """Load entries by key; unknown keys are absent."""
        rows = self._by_key(f"{_ENTRIES} AND entries.key IN", keys)
        return {Key(row["key"]): _entry(row) for row in rows}

    def entries_in(self, states: Collection[State], *, limit: int | None = None) -> Sequence[Entry]:
        """Load the entries that are in one of these states, oldest first, at most ``limit``."""
        marks = ", ".join("?" * len(states))
        query = f"{_ENTRIES} AND entries.state IN ({marks}) ORDER BY entries.id LIMIT ?"
        return [_entry(row) for row in self._rows(query, *sorted(states), -1 if limit is None else limit)]

    def given_up(self, keys: Collection[Key]) -> Mapping[Key, datetime]:
        """Tell when the last attempt of each entry ended; those without one are absent."""
        query = "SELECT key, finished_at FROM attempts WHERE profile_id = ? AND finished_at IS NOT NULL AND key IN"
        rows = self._by_key(query, keys, order="ORDER BY number")
        return {Key(row["key"]): datetime.fromisoformat(row["finished_at"]) for row in rows}

    def runs(self, limit: int = 20) -> Sequence[RunRecord]:
        """Load the last runs, the newest first."""
        rows = self._rows("SELECT * FROM runs WHERE profile_id = ? ORDER BY id DESC LIMIT ?", limit)
        return [_run(row) for row in rows]

    def _by_key(self, query: str, keys: Collection[Key], order: str = "") -> Iterator[sqlite3.Row]:
        remaining = iter(dict.fromkeys(keys))
        while some := list(islice(remaining, _KEYS_IN_ONE_QUERY)):
            yield from self._rows(f"{query} ({', '.join('?' * len(some))}) {order}", *some)

    def _rows(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        try:
            return self._connection.execute(query, (self._profile, *parameters)).fetchall()
        except sqlite3.Error as error:
            raise LedgerError(
                f"The ledger {self._name} cannot be used: {error}.",
                hint=f"check that {self._name} is a readable file on a local disk",
            ) from error


def look_at(url: str, *, profile: str, account: str) -> LedgerView | None:
    """Open a ledger to look at it.

    Returns:
        None where it has to be made, upgraded or refused: ``SqlLedger`` does that.
    """
    path = Path(url.removeprefix(_PREFIX))
    if not url.startswith(_PREFIX) or "?" in url or not path.is_file():
        return None
    try:
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    except sqlite3.Error:
        return None
    connection.row_factory = sqlite3.Row
    try:
        known = _profile(connection, profile, canonical_account(account))
    except sqlite3.Error:
        known = None
    if known is None:
        connection.close()
        return None
    return LedgerView(connection, known, str(path))


def _profile(connection: sqlite3.Connection, name: str, account: str) -> int | None:
    with closing(connection.execute("SELECT version_num FROM alembic_version")) as cursor:
        if [tuple(row) for row in cursor] != [(migrations.HEAD,)]:
            return None
    row = connection.execute("SELECT id, account FROM profiles WHERE name = ?", (name,)).fetchone()
    return None if row is None or row["account"] != account else int(row["id"])


def _entry(row: sqlite3.Row) -> Entry:
    columns: dict[str, Any] = dict(row)
    columns["state"] = State(columns["state"])
    for name in _TIMES:
        if columns[name] is not None:
            columns[name] = datetime.fromisoformat(columns[name])
    if columns["document_date"] is not None:
        columns["document_date"] = date.fromisoformat(columns["document_date"])
    return Entry(**columns)


def _run(row: sqlite3.Row) -> RunRecord:
    columns = {name: row[name] for name in _OF_A_RUN}
    return RunRecord(
        **{
            **columns,
            "began_at": datetime.fromisoformat(row["began_at"]),
            "ended_at": datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None,
            "ended": RunEnd(row["ended"]) if row["ended"] else None,
            "outcomes": json.loads(row["outcomes"]),
        }
    )
