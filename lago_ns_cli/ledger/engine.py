"""Opening the ledger's database: a private file, safe settings, the schema of this version.

SQLite is set for money: write-ahead log, and a commit is on the disk before it returns
(``synchronous=FULL``); WAL's usual NORMAL may lose the last commits when the power fails, and with them the
knowledge that something was sent.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import migrations
from lago_ns_cli.private_files import create_private_file

_BUSY_MILLISECONDS = 10_000
_LOOK_AGAIN_SECONDS = 0.05


def open_engine(url: str) -> Engine:
    """Open a ledger, creating its file and upgrading its schema where needed.

    Args:
        url: ``sqlite:///relative.db``, ``sqlite:////absolute.db``, or ``sqlite://`` for memory.

    Raises:
        LedgerError: The file cannot be opened, is no ledger, or is newer than this program.
    """
    name = database_name(url)
    with ledger_errors(name):
        if name != ":memory:":
            create_private_file(Path(name))
        engine = create_engine(url)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    try:
        with ledger_errors(name):
            _ensure_schema(engine, name)
    except BaseException:
        engine.dispose()
        raise
    return engine


def database_name(url: str) -> str:
    """Name the file behind a URL; ``:memory:`` where there is none.

    Raises:
        LedgerError: The URL is malformed or names another kind of database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise LedgerError(
            "The ledger's URL cannot be understood.", hint="write it as sqlite:///ledger.db"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        raise LedgerError(
            f"The ledger's URL asks for {parsed.get_backend_name()}; a ledger is an SQLite file.",
            hint="write it as sqlite:///ledger.db",
        )
    return parsed.database or ":memory:"


def begin_writing(engine: Engine) -> Connection:
    """Connect for a transaction that writes: it waits for its turn at the start, not at its first write."""
    return engine.connect().execution_options(ledger_begin="BEGIN IMMEDIATE")


@contextmanager
def ledger_errors(name: str) -> Iterator[None]:
    """Turn what the database and the disk raise into ``LedgerError`` with a hint."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, ValueError) as error:
        cause = getattr(error, "orig", None) or error
        raise LedgerError(f"The ledger {name} cannot be used: {cause}.", hint=_hint(error, name)) from error


def _hint(error: Exception, name: str) -> str:
    text_ = str(error).lower()
    for words, hint in _HINTS:
        if any(word in text_ for word in words):
            return hint.format(name=name)
    return f"check that {name} is a readable and writable file on a local disk"


_HINTS = (
    (("locked", "busy"), "another program is writing to the ledger; run this again when it has ended"),
    (("not a database", "malformed", "damaged"), "keep {name} as it is and put a back-up in its place"),
    (("disk is full", "no space"), "make room on the disk, then run this again; nothing was half written"),
    (("readonly", "read-only", "permission"), "give your user write access to {name} and to its folder"),
)


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where _begin says so
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    _use_write_ahead_log(cursor)
    cursor.close()


def _use_write_ahead_log(cursor: sqlite3.Cursor) -> None:
    """Wait for a turn: where two runs open a new ledger at once, SQLite refuses this at once and does not wait."""
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("ledger_begin", "BEGIN"))


def _ensure_schema(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        if _revision(connection) == migrations.HEAD:
            return
    with begin_writing(engine) as connection, connection.begin():
        revision = _revision(connection)  # another process may have been faster
        if revision == migrations.HEAD:
            return
        if revision is None and inspect(connection).get_table_names():
            raise LedgerError(
                f"{name} is a database of another program, not a ledger.",
                hint="name another file as [ledger] url",
            )
        _upgrade(connection, name, revision)


def _upgrade(connection: Connection, name: str, revision: str | None) -> None:
    from alembic.util import CommandError

    try:
        migrations.upgrade(connection)
    except CommandError as error:
        raise LedgerError(
            f"The ledger {name} was written by a newer version of lago-ns (schema {revision}).",
            hint="upgrade lago-ns: python -m pip install --upgrade lago-ns-cli; or name another file as [ledger] url",
        ) from error


def _revision(connection: Connection) -> str | None:
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except OperationalError as error:
        if "no such table" in str(error.orig):
            return None
        raise
    return None if found is None else str(found)
