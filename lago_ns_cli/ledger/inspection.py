"""Looking at a ledger file without making, upgrading or changing it."""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lago_ns_cli.domain.account_memory import (
    LOGIN,
    UNIQUE_KEYS,
    account_key,
    read_login,
    read_unique_keys,
)
from lago_ns_cli.domain.diagnosis.facts import LedgerFacts, Problem
from lago_ns_cli.domain.lease import Lease
from lago_ns_cli.domain.run_record import PACE_MARK, read_learned
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import migrations
from lago_ns_cli.ledger.engine import database_name, ledger_errors
from lago_ns_cli.ledger.processes import is_alive

_SHARED = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "glusterfs", "ceph", "lustre"}
)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def inspect_ledger(url: str, *, profile: str, account: str | None) -> LedgerFacts:
    """Look at a ledger as it is.

    Raises:
        LedgerError: The URL is none.
    """
    name = database_name(url)
    facts = LedgerFacts(place=name, current_revision=migrations.HEAD, exists=False)
    if name == ":memory:":
        return facts
    path = Path(name)
    if not path.exists():
        return replace(
            facts, folder_problem=_folder_problem(path.parent), filesystem=shared_filesystem(path.parent)
        )
    facts = replace(
        facts,
        exists=True,
        folder_problem=None if os.access(path, os.W_OK) else "your user may not write to it",
        filesystem=shared_filesystem(path),
        others_may_read=os.name == "posix" and bool(path.stat().st_mode & _OTHERS),
    )
    try:
        with _reading(path) as connection:
            return _contents(connection, facts, profile, account)
    except LedgerError as error:
        return replace(facts, problem=Problem(message=error.message, hint=error.hint, code=error.code))


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    # A reader of a write-ahead log makes files beside it, as whoever it runs as; where there is none, nobody
    # writes, and the file alone is the whole ledger.
    rest = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    place = f"{path.absolute().as_uri()}?mode=ro{rest}"
    with ledger_errors(str(path)), closing(sqlite3.connect(place, uri=True, timeout=5)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def _contents(
    connection: sqlite3.Connection, facts: LedgerFacts, profile: str, account: str | None
) -> LedgerFacts:
    tables = {
        str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    facts = replace(facts, integrity=str(connection.execute("PRAGMA quick_check(1)").fetchone()[0]))
    if "alembic_version" not in tables:
        return facts if not tables else replace(facts, problem=_FOREIGN)
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    facts = replace(facts, revision=None if row is None else str(row[0]))
    if facts.revision != migrations.HEAD:
        return facts
    owned = connection.execute(
        "SELECT id, account, organization FROM profiles WHERE name = ?", (profile,)
    ).fetchone()
    if owned is not None:
        facts = replace(facts, account=str(owned["account"]), organization=owned["organization"])
        facts = _remembered(connection, facts, int(owned["id"]), str(owned["account"]))
    return _with_lease(connection, facts, account)


_FOREIGN = Problem(
    message="The file is a database of another program, not a ledger.",
    hint="Name another file as [ledger] url.",
    code="ledger",
)


def _remembered(
    connection: sqlite3.Connection, facts: LedgerFacts, profile: int, account: str
) -> LedgerFacts:
    rows = connection.execute(
        "SELECT name, value FROM facts WHERE profile_id = ? AND key = ?", (profile, account_key(account))
    )
    known = {str(row["name"]): str(row["value"]) for row in rows}
    return replace(
        facts,
        unique_keys=read_unique_keys(known.get(UNIQUE_KEYS)),
        limit=_learned_limit(connection, profile),
        last_login=read_login(known.get(LOGIN)),
    )


def _learned_limit(connection: sqlite3.Connection, profile: int) -> int | None:
    query = "SELECT value FROM marks WHERE profile_id = ? AND name = ?"
    row = connection.execute(query, (profile, PACE_MARK)).fetchone()
    return None if row is None else read_learned(str(row["value"])).limit


def _with_lease(connection: sqlite3.Connection, facts: LedgerFacts, account: str | None) -> LedgerFacts:
    row = connection.execute(
        "SELECT * FROM leases WHERE account = ? AND owner IS NOT NULL", (account,)
    ).fetchone()
    if row is None:
        return facts
    values: dict[str, Any] = dict(row)
    lease = Lease(
        **{**values, "since": _moment(values["since"]), "heartbeat_at": _moment(values["heartbeat_at"])}
    )
    return replace(facts, lease=lease, lease_alive=is_alive(lease.process))


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


def _folder_problem(folder: Path) -> str | None:
    """Say why no file can be made in a folder, or in the nearest one that is there."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if not there.is_dir():
        return f"{there} is not a folder"
    return None if os.access(there, os.W_OK | os.X_OK) else f"your user may not write to {there}"


def shared_filesystem(path: Path) -> str | None:
    """Name the kind of file system that a path lies on, where several machines may share it."""
    if sys.platform != "linux":
        return None
    there = next(one for one in (path, *path.parents) if one.exists()).resolve()
    try:
        kinds = _mounts(Path("/proc/self/mountinfo").read_text("utf-8"))
    except OSError:
        return None
    kind = next((kinds[str(one)] for one in (there, *there.parents) if str(one) in kinds), None)
    return kind if kind in _SHARED else None


def _mounts(text: str) -> dict[str, str]:
    """Read the kinds of file systems by where they are mounted; of two at one place, the later."""
    found = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        place = before.split()[4].encode().decode("unicode_escape")
        found[place] = after.split()[0]
    return found
