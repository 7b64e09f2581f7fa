"""Ledgers with a history, one for each revision of the schema, as the SQL that makes them.

A file is what a release of that schema left behind: two profiles, every table, every state, every kind of outcome
and of audit entry, and text that others wrote. It is never changed once its revision has been released.
"""

import sqlite3
from pathlib import Path

FOLDER = Path(__file__).parent


def load(revision: str, path: Path) -> None:
    """Make the ledger of a revision at a path."""
    connection = sqlite3.connect(path)
    connection.executescript((FOLDER / f"{revision}.sql").read_text("utf-8"))
    connection.close()


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of every table, as it is stored."""
    connection = sqlite3.connect(path)
    names = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
    ]
    found = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    connection.close()
    return found
