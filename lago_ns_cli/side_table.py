"""Both sides beside each other in a temporary SQLite file, so that memory stays flat however many rows there are.

The file is 0600 in a folder of its own. Its name is taken away as soon as it is open, so that however the process
ends nothing stays behind: what it holds is what invoices hold. Where a file in use cannot be removed (Windows), it
goes when the table is closed.
"""

import os
import sqlite3
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

import msgspec

from lago_ns_cli.domain.identifiers import InternalId, Key, LagoExternalId, LagoId
from lago_ns_cli.domain.reconciliation.billed import Party
from lago_ns_cli.domain.reconciliation.rows import Applied, BilledRow, PostedRow
from lago_ns_cli.private_files import create_private_file

T = TypeVar("T")

_SCHEMA: Final = """
CREATE TABLE billed (
  kind TEXT, key TEXT, number TEXT, customer TEXT, parent TEXT, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE INDEX billed_parent ON billed (parent);
CREATE TABLE posted (
  identity TEXT, type TEXT, id INTEGER, kind TEXT, number TEXT, customer TEXT, body BLOB, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX posted_identity ON posted (identity);
CREATE INDEX posted_number ON posted (number) WHERE identity IS NULL;
CREATE TABLE applied (source INTEGER, target INTEGER, amount TEXT, PRIMARY KEY (source, target)) WITHOUT ROWID;
CREATE TABLE party (external_id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
"""

Pair = tuple[BilledRow, Sequence[PostedRow]]


class SideTable:
    """Rows of both sides; rows are added first, then read."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lago-ns-")  # 0700
        path = Path(self._folder.name) / "sides.db"
        create_private_file(path)
        self._connection = sqlite3.connect(path, isolation_level=None, cached_statements=64)
        # Nothing here outlives the process, so nothing has to survive it.
        self._connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        self._connection.execute("BEGIN")
        if os.name == "posix":
            self._folder.cleanup()
        self._billed = msgspec.msgpack.Decoder(BilledRow)
        self._posted = msgspec.msgpack.Decoder(PostedRow)
        self._encode = msgspec.msgpack.Encoder().encode

    def __enter__(self) -> "SideTable":
        """Give the open table."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Remove the table."""
        self.close()

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()
        self._folder.cleanup()

    def add_billed(self, rows: Iterable[BilledRow]) -> None:
        """Add rows of Lago's; one that is there already is replaced."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO billed VALUES (?, ?, ?, ?, ?, ?)",
            [(row.kind, row.key, row.number, row.customer, row.parent, self._encode(row)) for row in rows],
        )

    def add_posted(self, rows: Iterable[PostedRow]) -> None:
        """Add rows of NetSuite's."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO posted VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (row.identity, row.type, int(row.id), row.kind, row.number, row.customer, self._encode(row))
                for row in rows
            ],
        )

    def add_applied(self, rows: Iterable[tuple[InternalId, InternalId, Decimal]]) -> None:
        """Add amounts that memos and payments put on invoices: from, to, how much."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO applied VALUES (?, ?, ?)",
            [(int(source), int(target), str(amount)) for source, target, amount in rows],
        )

    def add_parties(self, parties: Mapping[LagoExternalId, Party]) -> None:
        """Add what payments need to know of customers."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO party VALUES (?, ?)",
            [(name, self._encode(party)) for name, party in parties.items()],
        )

    def parties(self, names: Collection[LagoExternalId]) -> dict[LagoExternalId, Party]:
        """Read what is known of customers."""
        marks = ", ".join("?" * len(names))
        rows = self._connection.execute(
            f"SELECT external_id, body FROM party WHERE external_id IN ({marks})",  # noqa: S608 - marks alone
            tuple(names),
        )
        return {LagoExternalId(name): msgspec.msgpack.decode(body, type=Party) for name, body in rows}

    def billed(self, key: Key) -> BilledRow | None:
        """Read one row of Lago's."""
        row = self._connection.execute(
            "SELECT body FROM billed WHERE key = ? AND kind IN ('invoice', 'credit_note', 'payment', 'prepaid', 'customer')",
            (key,),
        ).fetchone()
        return None if row is None else self._billed.decode(row[0])

    def billed_under(self, parent: LagoId) -> list[BilledRow]:
        """Read the notes and payments of one invoice."""
        rows = self._connection.execute("SELECT body FROM billed WHERE parent = ?", (parent,))
        return [self._billed.decode(body) for (body,) in rows]

    def posted(self, identity: Key) -> list[PostedRow]:
        """Read the records that say that they are a document."""
        rows = self._connection.execute("SELECT body FROM posted WHERE identity = ?", (identity,))
        return [self._posted.decode(body) for (body,) in rows]

    def applied(self, sources: Collection[InternalId]) -> dict[InternalId, tuple[Applied, ...]]:
        """Read what memos and payments are applied to; those applied to nothing are absent."""
        marks = ", ".join("?" * len(sources))
        rows = self._connection.execute(
            f"SELECT source, target, amount FROM applied WHERE source IN ({marks}) ORDER BY source, target",  # noqa: S608
            tuple(int(source) for source in sources),
        )
        return {
            InternalId(str(source)): tuple(
                Applied(InternalId(str(target)), Decimal(amount)) for _, target, amount in some
            )
            for source, some in groupby(rows, key=lambda row: row[0])
        }

    def pairs(self, kind: str, size: int) -> Iterator[list[Pair]]:
        """Read the documents of a kind, each with its records, in the order of their keys."""
        rows = self._connection.execute(
            "SELECT b.key, b.body, p.body FROM billed b LEFT JOIN posted p ON p.identity = b.key "
            "WHERE b.kind = ? ORDER BY b.kind, b.key",
            (kind,),
        )
        return _in_lists((self._pair(list(some)) for _, some in groupby(rows, key=lambda row: row[0])), size)

    def _pair(self, rows: Sequence[tuple[str, bytes, bytes | None]]) -> Pair:
        records = [self._posted.decode(posted) for _, _, posted in rows if posted is not None]
        return self._billed.decode(rows[0][1]), records

    def unbilled(self, kind: str, size: int) -> Iterator[list[PostedRow]]:
        """Read the records of ours of a kind that no document was read for."""
        rows = self._connection.execute(
            "SELECT p.body FROM posted p WHERE p.kind = ? AND p.identity IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM billed b WHERE b.kind = p.kind AND b.key = p.identity) ORDER BY p.type, p.id",
            (kind,),
        )
        return _in_lists((self._posted.decode(body) for (body,) in rows), size)

    def shared_numbers(self, kind: str) -> Iterator[tuple[BilledRow, PostedRow, PostedRow]]:
        """Read documents that have a record, that record, and a stranger's with the same number."""
        rows = self._connection.execute(
            "SELECT b.body, own.body, other.body FROM posted other JOIN billed b ON b.number = other.number "
            "JOIN posted own ON own.identity = b.key AND own.type = other.type "
            "WHERE other.identity IS NULL AND other.kind = ? AND b.kind = ? GROUP BY other.type, other.id",
            (kind, kind),
        )
        for billed, own, other in rows:
            yield self._billed.decode(billed), self._posted.decode(own), self._posted.decode(other)

    def numbers(self, kind: str) -> tuple[int, int]:
        """Count the documents of a kind that have a record, and those of them with the same number there."""
        matched, same = self._connection.execute(
            "SELECT COUNT(*), COALESCE(SUM(p.number = b.number), 0) FROM billed b JOIN posted p ON p.identity = b.key "
            "WHERE b.kind = ?",
            (kind,),
        ).fetchone()
        return int(matched), int(same)

    def customers_on_records(self, customer: LagoId) -> list[str]:
        """List the NetSuite customers that the records of a customer's documents are of."""
        rows = self._connection.execute(
            "SELECT DISTINCT p.customer FROM billed b JOIN posted p ON p.identity = b.key "
            "WHERE b.customer = ? AND p.customer IS NOT NULL ORDER BY p.customer",
            (customer,),
        )
        return [str(found) for (found,) in rows]


def _in_lists(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while some := list(islice(items, size)):
        yield some
