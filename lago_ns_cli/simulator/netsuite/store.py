"""The account's SQLite store: ids that are never reused, whole records, and one SQL transaction a save."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lago_ns_cli.simulator.netsuite.schema import CUSTOM_RECORD_COLUMNS, DDL
from lago_ns_cli.simulator.netsuite.values import Line, Value

TRANSACTIONS = "transaction"
ENTITIES = "entity"

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*\Z")


@dataclass(frozen=True)
class StoredRecord:
    """A record as it was last saved. ``body`` and ``sublists`` are the reader's own to change."""

    type: str
    id: int
    version: int
    body: dict[str, Value]
    sublists: dict[str, list[Line]]


class Store:
    """Opens the store and answers with rows.

    Args:
        state: The file that keeps the account across restarts; None keeps it in memory.
    """

    def __init__(self, state: Path | None) -> None:
        self.connection = sqlite3.connect(
            ":memory:" if state is None else state,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # A simulator may lose its last moments in a power cut; a slow one would be of no use.
        self.connection.execute("PRAGMA journal_mode = MEMORY")
        self.connection.execute("PRAGMA synchronous = OFF")
        self.connection.executescript(DDL)

    def close(self) -> None:
        """Release the file."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none of them; an inner block joins the outer one."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self.connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        row: tuple[Any, ...] | None = self.connection.execute(sql, parameters).fetchone()
        return row

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run a statement."""
        self.connection.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once a row."""
        self.connection.executemany(sql, rows)

    def next_in(self, sequence: str, count: int = 1, *, first: int = 200_001) -> int:
        """Take numbers from a sequence, which begins at ``first``.

        Returns:
            The first of ``count`` numbers in a row; none is ever given twice.
        """
        row = self.one(
            "INSERT INTO _sequence (name, last) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET last = last + ? RETURNING last",
            (sequence, first - 1 + count, count),
        )
        if row is None:  # pragma: no cover - RETURNING always answers
            raise AssertionError(sequence)
        return int(row[0]) - count + 1

    def read_record(self, pool: str, record_id: int) -> StoredRecord | None:
        """The record with that id in its group, or None."""
        row = self.one(
            "SELECT type, version, body, sublists FROM _record WHERE pool = ? AND id = ?", (pool, record_id)
        )
        if row is None:
            return None
        return StoredRecord(row[0], record_id, row[1], json.loads(row[2]), json.loads(row[3]))

    def write_record(self, pool: str, record: StoredRecord) -> None:
        """Keep a record in its newest version."""
        self.execute(
            "INSERT OR REPLACE INTO _record (pool, id, type, version, body, sublists) VALUES (?, ?, ?, ?, ?, ?)",
            (
                pool,
                record.id,
                record.type,
                record.version,
                json.dumps(record.body, separators=(",", ":")),
                json.dumps(record.sublists, separators=(",", ":")),
            ),
        )

    def ids_of(self, pool: str, record_type: str) -> list[int]:
        """Internal ids of all records of a type, ascending."""
        return [
            row[0]
            for row in self.rows(
                "SELECT id FROM _record WHERE pool = ? AND type = ? ORDER BY id", (pool, record_type)
            )
        ]

    def put(self, table: str, values: dict[str, object]) -> None:
        """Insert a row, or replace the one with the same key. Table and columns come from this program."""
        columns = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        self.execute(
            f'INSERT OR REPLACE INTO "{table}" ({columns}) VALUES ({marks})',  # noqa: S608 - own names, bound values
            tuple(values.values()),
        )

    def add_columns(self, table: str, columns: Sequence[str]) -> None:
        """Give a table the columns of custom fields that it lacks."""
        present = {row[1] for row in self.rows(f'PRAGMA table_info("{table}")')}
        for column in columns:
            if column not in present and _IDENTIFIER.match(column):
                self.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" TEXT')

    def make_custom_record_table(self, script_id: str) -> None:
        """Create the table of a custom record type."""
        if not _IDENTIFIER.match(script_id):
            raise ValueError(f"not a script id: {script_id}")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in CUSTOM_RECORD_COLUMNS)
        self.execute(f'CREATE TABLE IF NOT EXISTS "{script_id}" ({columns})')
