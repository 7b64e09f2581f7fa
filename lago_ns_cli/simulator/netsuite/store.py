"""The account's SQLite store: ids that are never reused, whole records, and one SQL transaction a save."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

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
        template: A store whose rows a new one in memory begins with.
    """

    def __init__(self, state: Path | None, template: "Store | None" = None) -> None:
        self.connection = sqlite3.connect(
            ":memory:" if state is None else state,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        # A simulator may lose its last moments in a power cut; a slow one would be of no use.
        self.connection.execute("PRAGMA journal_mode = MEMORY")
        self.connection.execute("PRAGMA synchronous = OFF")
        if template is None:
            self.connection.executescript(DDL)
        else:
            template.connection.backup(self.connection)

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
        row = self.one("SELECT last FROM _sequence WHERE name = ?", (sequence,))
        if row is None:
            self.execute("INSERT INTO _sequence (name, last) VALUES (?, ?)", (sequence, first - 1 + count))
            return first
        self.execute("UPDATE _sequence SET last = last + ? WHERE name = ?", (count, sequence))
        return int(row[0]) + 1

    def read_record(self, pool: str, record_id: int) -> StoredRecord | None:
        """The record with that id in its group, or None."""
        row = self.one(
            "SELECT type, version, body, sublists FROM _record WHERE pool = ? AND id = ?", (pool, record_id)
        )
        if row is None:
            return None
        return StoredRecord(row[0], record_id, row[1], *map(msgspec.json.decode, row[2:]))

    def write_record(self, pool: str, record: StoredRecord) -> None:
        """Keep a record in its newest version."""
        self.execute(
            "INSERT OR REPLACE INTO _record (pool, id, type, version, body, sublists) VALUES (?, ?, ?, ?, ?, ?)",
            (
                pool,
                record.id,
                record.type,
                record.version,
                msgspec.json.encode(record.body).decode(),
                msgspec.json.encode(record.sublists).decode(),
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

    def put(self, table: str, values: Mapping[str, object]) -> None:
        """Insert a row, or replace the one with the same key. Table and columns come from this program."""
        columns, given = _filled(values)
        self.execute(_insertion("INSERT OR REPLACE", table, columns), given)

    def put_new(self, table: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Insert rows. Table and columns come from this program."""
        alike: dict[tuple[str, ...], list[tuple[object, ...]]] = {}
        for row in rows:
            columns, given = _filled(row)
            alike.setdefault(columns, []).append(given)
        for columns, some in alike.items():
            self.execute_many(_insertion("INSERT", table, columns), some)

    def add_columns(self, table: str, columns: Sequence[str]) -> None:
        """Give a table the columns of custom fields that it lacks."""
        present = {row[1] for row in self.rows(f'PRAGMA table_info("{table}")')}
        for column in columns:
            if column not in present and _IDENTIFIER.match(column):
                self.execute(f'ALTER TABLE "{table}" ADD COLUMN "{column}" TEXT')

    def add_index(self, table: str, column: str) -> None:
        """Let rows be found by a column of a custom field."""
        if _IDENTIFIER.match(column):
            self.execute(f'CREATE INDEX IF NOT EXISTS "{table}_{column}" ON "{table}" ("{column}")')

    def make_custom_record_table(self, script_id: str) -> None:
        """Create the table of a custom record type."""
        if not _IDENTIFIER.match(script_id):
            raise ValueError(f"not a script id: {script_id}")
        columns = ", ".join(f'"{name}" {kind}' for name, kind in CUSTOM_RECORD_COLUMNS)
        self.execute(f'CREATE TABLE IF NOT EXISTS "{script_id}" ({columns})')


def _filled(row: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[object, ...]]:
    """The columns that are not NULL, and what they hold; Python's SQLite looks long for a way to write each None."""
    filled = {name: value for name, value in row.items() if value is not None}
    return tuple(filled), tuple(filled.values())


@lru_cache(maxsize=1024)
def _insertion(verb: str, table: str, columns: tuple[str, ...]) -> str:
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    return f'{verb} INTO "{table}" ({names}) VALUES ({marks})'
