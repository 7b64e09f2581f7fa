"""Ledgers that earlier releases left behind: upgraded whole, read by today's program, or left as they were."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event

from lago_ns_cli.domain.attempts import OutcomeKind, State
from lago_ns_cli.domain.audit import AuditEvent
from lago_ns_cli.domain.identifiers import InternalId, Key
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import migrations
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.ledger.tables import metadata
from lago_ns_cli.simulator.server import ServeOptions, running_server
from lago_ns_cli.workflows.audit import verify
from tests.adapters.ledger.builders import LATER, accepted, hold, intent
from tests.adapters.ledger.histories import load, rows
from tests.cli.conftest import place_at
from tests.cli.terminal import no_traceback

ROOT = Path(__file__).parents[3]
REVISIONS = sorted(
    one.revision
    for one in ScriptDirectory.from_config(migrations.configuration()).walk_revisions("base", "heads")
)
HELD = Key("lago:inv:00000011-0000-4000-8000-000000000011")
STATES = {
    "lago:cus:c1": State.POSTED,
    "lago:inv:1": State.POSTED,
    "lago:inv:2": State.POSTED,
    "lago:cn:n1": State.POSTED,
    "lago:pay:p1": State.POSTED,
    "lago:prepaid:1": State.POSTED,
    "lago:inv:gone": State.SKIPPED,
    HELD: State.HELD,
    "lago:inv:child": State.WAITING,
    "lago:inv:later": State.PENDING,
    "lago:inv:lost": State.IN_DOUBT,
    "lago:inv:differs": State.HELD,
    "lago:inv:untried": State.PENDING,
    "lago:inv:sent": State.SENDING,
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger lies."""
    return tmp_path / "ledger.db"


def open_ledger(path: Path) -> SqlLedger:
    return SqlLedger(f"sqlite:///{path}", profile="default", account="1234567_SB1")


def known_of(found: dict[str, Any]) -> dict[str, Any]:
    """What was in a ledger, but for the mark of its revision."""
    return {name: kept for name, kept in found.items() if name != "alembic_version"}


def assert_whole(path: Path, before: dict[str, Any]) -> None:
    """Nothing was lost or changed, and the database is sound."""
    after = rows(path)
    assert known_of(before) == {name: after[name] for name in known_of(before)}
    assert [(migrations.HEAD,)] == after["alembic_version"]
    assert {table.name for table in metadata.sorted_tables} < after.keys()
    with sqlite3.connect(path) as connection:
        assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
        assert [] == connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_row_of_an_earlier_ledger_is_there_after_the_upgrade(path: Path, revision: str) -> None:
    """Each table has rows, each value is as stated, the chain holds, and the ledger is written on."""
    load(revision, path)
    before = rows(path)
    assert [] == [name for name, found in before.items() if not found]

    open_ledger(path).close()

    assert_whole(path, before)
    with open_ledger(path) as ledger:
        entries = {entry.key: entry for entry in ledger.entries_in(tuple(State))}
        assert STATES == {key: entry.state for key, entry in entries.items()}
        assert ("110.38", "USD", 1) == (
            entries[HELD].amount,
            entries[HELD].currency,
            len(ledger.attempts(Key("lago:inv:1"))),
        )
        assert [OutcomeKind.REJECTED, OutcomeKind.ACCEPTED] == [
            one.outcome for one in ledger.attempts(Key("lago:inv:2"))
        ]
        assert InternalId("9007199254740993") == ledger.links([Key("lago:inv:2")])[Key("lago:inv:2")]
        assert "n1=10.00" == ledger.facts_named("consumes")[Key("lago:inv:1")]
        verified = verify(ledger.trail, ledger.header())
        assert ((), True) == (tuple(verified.findings), verified.pruned > 0)
        told = {one.event for one in ledger.trail.entries()}
        assert {AuditEvent.INTENT, AuditEvent.OUTCOME, AuditEvent.LEASE, AuditEvent.PRUNE} <= told
        hold(ledger, "run-9", at=LATER, alive=False)
        ledger.record_intents([intent("new")], LATER)
        ledger.record_outcomes([accepted("new", "901")], LATER)
        assert State.POSTED is ledger.entries([Key("lago:inv:new")])[Key("lago:inv:new")].state


def test_the_history_of_every_revision_is_kept() -> None:
    """A new revision needs a ledger of its own: python -m tests.adapters.ledger.histories."""
    assert [f"{revision}.sql" for revision in REVISIONS] == sorted(
        one.name for one in (Path(__file__).parent / "histories").glob("*.sql")
    )


def test_the_commands_read_a_ledger_of_the_first_release(tmp_path: Path) -> None:
    """Status, the trail and a replay as they would be after an upgrade of the program; one that only reads too."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=0, customers=1)) as server:
        place = place_at(folder, server)
        load(REVISIONS[0], folder / "ledger.db")
        place.environment["LAGO_NS_LEDGER__URL"] = f"sqlite:///{folder / 'ledger.db'}"

        status = place.run("status", "--json")
        verified = place.run("audit", "verify", "--json")
        replayed = place.run("replay", "--held", "--dry-run", "--json")

    numbers = {one.get("number") for one in status.events}
    assert {"ACM-1F2E-042-008", "HOO-lost", "HOO-child", "HOO-sent"} <= numbers, status.out
    assert (0, True) == (verified.code, verified.events[-1]["intact"])
    assert "ACM-1F2E-042-008" in replayed.out
    assert replayed.code in (0, 1), replayed.err
    assert all(no_traceback(one) for one in (status, verified, replayed))


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from lago_ns_cli.ledger.store import SqlLedger

def kill(connection, cursor, statement, *rest):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", kill)
SqlLedger("sqlite:///" + sys.argv[1], profile="default", account="1234567_SB1")
"""


@pytest.mark.parametrize("statement", ["CREATE TABLE watched", "CREATE TABLE runs"])
def test_an_upgrade_that_was_killed_is_made_by_the_next_start(path: Path, statement: str) -> None:
    """Within a revision and between two of them: all of the upgrade happens, or nothing of it."""
    load(REVISIONS[0], path)
    before = rows(path)

    killed = subprocess.run([sys.executable, "-c", KILLED, path, statement], check=False, cwd=ROOT)

    assert killed.returncode == -9
    assert before == rows(path)
    open_ledger(path).close()
    assert_whole(path, before)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no database grow."""

    def no_more(connection: sqlite3.Connection, _entry: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", no_more)
    try:
        yield
    finally:
        event.remove(Engine, "connect", no_more)


def test_an_upgrade_on_a_full_disk_says_so_and_changes_nothing(path: Path) -> None:
    """Once there is room, the next start upgrades."""
    load(REVISIONS[0], path)
    before = rows(path)

    with full_disk(), pytest.raises(LedgerError, match="full") as caught:
        open_ledger(path)

    assert "make room on the disk, then run this again" in str(caught.value.hint)
    assert before == rows(path)
    open_ledger(path).close()
    assert_whole(path, before)


def test_a_ledger_from_the_future_is_refused_and_left_as_it_is(path: Path) -> None:
    """By whatever opens it: which schema it has, and the command that helps."""
    load(REVISIONS[-1], path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute("ALTER TABLE entries ADD COLUMN tomorrow VARCHAR")
    connection.close()
    before = rows(path)

    with pytest.raises(LedgerError, match=r"written by a newer version of lago-ns \(schema 9999\)") as caught:
        open_ledger(path)

    assert "pip install --upgrade lago-ns-cli" in str(caught.value.hint)
    assert before == rows(path)
