"""The ledger's file: private, durable, upgraded, and never the cause of a traceback."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.errors import LedgerError
from lago_ns_cli.ledger import migrations
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.ledger.tables import metadata
from tests.adapters.ledger.builders import AT, accepted, hold, intent

ROOT = Path(__file__).parents[3]


def open_ledger(url: str) -> SqlLedger:
    ledger = SqlLedger(url, profile="default", account="1")
    hold(ledger, alive=False)
    return ledger


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def schema(engine: Engine) -> set[tuple[str, ...]]:
    """List each object by the lines that make it, in any order."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name != 'alembic_version'"
        )
        return {tuple(sorted(line.strip(" ,\t") for line in str(sql).splitlines())) for (sql,) in rows}


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_files_are_private_under_any_umask(url: str, umask: int) -> None:
    """0600 in folders of 0700, also the log and the index that SQLite keeps beside the file."""
    before = os.umask(umask)
    try:
        with open_ledger(url) as ledger:
            ledger.record_intents([intent()], AT)
            folder = file_of(url).parent
            bits = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    finally:
        os.umask(before)

    assert {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600} == bits
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_commit_survives_a_power_failure(ledger: SqlLedger) -> None:
    """Write-ahead log, synchronised at every commit, references checked."""
    with ledger._engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000} == found


def test_the_migrations_make_the_tables(ledger: SqlLedger) -> None:
    """The revisions together are the schema that the code believes in, to the letter."""
    wanted = create_engine("sqlite://")
    metadata.create_all(wanted)

    with ledger._engine.connect() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), metadata)
    assert schema(wanted) == schema(ledger._engine)


def test_the_newest_revision_is_the_one_that_opening_compares_with() -> None:
    """A forgotten HEAD would upgrade at every start, or never."""
    assert migrations.HEAD == ScriptDirectory.from_config(migrations.configuration()).get_current_head()


REVISIONS = [
    revision.revision
    for revision in ScriptDirectory.from_config(migrations.configuration()).walk_revisions("base", "heads")
]


@pytest.mark.parametrize("revision", ["base", *REVISIONS])
def test_a_ledger_of_every_earlier_revision_is_upgraded(url: str, revision: str) -> None:
    """Whoever skips releases loses nothing."""
    file_of(url).parent.mkdir()
    earlier = create_engine(url)
    with earlier.begin() as connection:
        if revision != "base":
            migrations.upgrade(connection, revision)
    earlier.dispose()

    with open_ledger(url) as ledger:
        ledger.record_intents([intent()], AT)
        ledger.record_outcomes([accepted()], AT)
        assert {("invoice", State.POSTED): 1} == ledger.counts()


def test_a_current_ledger_opens_without_alembic(url: str) -> None:
    """Loading it would double the time to the first line of output."""
    open_ledger(url).close()
    check = (
        "import sys; from lago_ns_cli.ledger.store import SqlLedger; "
        f"SqlLedger({url!r}, profile='default', account='1').close(); print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout.strip() == "False"


def test_two_processes_may_open_a_new_ledger_at_once(url: str) -> None:
    """The first creates it, the second finds it; neither fails."""
    program = (
        "from lago_ns_cli.ledger.store import SqlLedger; "
        f"SqlLedger({url!r}, profile='default', account='1').close()"
    )
    started = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(2)]

    assert [0, 0] == [process.wait(timeout=30) for process in started]


def test_a_newer_ledger_is_left_alone(url: str) -> None:
    """An older program must not guess at a schema it does not know."""
    open_ledger(url).close()
    with sqlite3.connect(file_of(url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(LedgerError, match=r"newer version of lago-ns \(schema 9999\)") as caught:
        open_ledger(url)
    assert "upgrade lago-ns" in str(caught.value.hint)


def test_another_programs_database_is_left_alone(url: str) -> None:
    """A path typed wrongly must not add our tables to someone's data."""
    file_of(url).parent.mkdir()
    with sqlite3.connect(file_of(url)) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
    connection.close()

    with pytest.raises(LedgerError, match="database of another program"):
        open_ledger(url)


@pytest.mark.parametrize("content", [b"not a database, but longer than a header", b"x" * 5000])
def test_a_file_that_is_no_database_is_named(url: str, content: bytes) -> None:
    """The message says which file, and to keep it."""
    file_of(url).parent.mkdir()
    file_of(url).write_bytes(content)

    with pytest.raises(LedgerError, match=r"ledger\.db cannot be used: file is not a database") as caught:
        open_ledger(url)
    assert "put a back-up in its place" in str(caught.value.hint)


def test_a_damaged_page_is_an_error_with_a_hint(url: str) -> None:
    """Damage shows when the page is read, not when the file is opened."""
    with open_ledger(url) as ledger:
        ledger.record_intents([intent(str(number)) for number in range(300)], AT)
    size = file_of(url).stat().st_size
    with file_of(url).open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * (size - 4096 * 3))

    with pytest.raises(LedgerError) as caught, open_ledger(url) as ledger:
        ledger.entries_in(list(State))
    assert "back-up" in str(caught.value.hint)


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """Opening it fails with the path."""
    with pytest.raises(LedgerError, match="cannot be used"):
        open_ledger(f"sqlite:///{tmp_path}")


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """A folder cannot be made below a file."""
    (tmp_path / "data").write_text("")

    with pytest.raises(LedgerError, match="cannot be used"):
        open_ledger(f"sqlite:///{tmp_path / 'data' / 'ledger.db'}")


def test_a_full_disk_says_so_and_loses_nothing(ledger: SqlLedger) -> None:
    """What was recorded before stays; the batch that did not fit is absent whole."""
    ledger.record_intents([intent()], AT)
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    with pytest.raises(LedgerError, match="full") as caught:
        ledger.record_intents([intent(str(number)) for number in range(2, 2_000)], AT)

    assert "make room on the disk" in str(caught.value.hint)
    assert {("invoice", State.SENDING): 1} == ledger.counts()


def test_a_busy_ledger_says_so(ledger: SqlLedger, url: str) -> None:
    """Another program holds the lock for longer than we wait."""
    blocker = sqlite3.connect(file_of(url), isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with ledger._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")

    with pytest.raises(LedgerError, match="locked") as caught:
        ledger.record_intents([intent()], AT)
    blocker.close()

    assert "another program is writing" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://u:canary@h/d", "asks for postgresql; a ledger is an SQLite file"),
        ("not a url", "cannot be understood"),
    ],
)
def test_a_url_that_is_no_sqlite_file_is_refused(url: str, message: str) -> None:
    """Without repeating it: it may hold a password."""
    with pytest.raises(LedgerError, match=message) as caught:
        open_ledger(url)
    assert "canary" not in str(caught.value)


def test_a_new_ledger_that_another_run_is_opening_is_waited_for(tmp_path: Path) -> None:
    """SQLite refuses the write-ahead log at once while somebody writes, whatever the busy time-out says."""
    path = tmp_path / "ledger.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    end = threading.Timer(0.5, other.execute, ("COMMIT",))
    end.start()

    with open_ledger(f"sqlite:///{path}") as ledger:
        assert [] == list(ledger.entries_in(tuple(State)))

    end.join()
    other.close()
