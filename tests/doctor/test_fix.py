"""What ``--fix`` mends on this machine, and that it mends nothing else."""

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from lago_ns_cli.cli.fixing import Fix, fix_all
from lago_ns_cli.domain.account_memory import account_key
from lago_ns_cli.domain.lease import Owner
from lago_ns_cli.ledger import migrations
from lago_ns_cli.simulator.world import ACCOUNT_ID
from tests.doctor import cases
from tests.doctor.patient import Bench, Patient

ARRANGE: dict[str, Callable[[Patient], object]] = {case.name: case.arrange for case in cases.CASES}


def fix(patient: Patient) -> list[Fix]:
    with patient.in_environment():
        return list(fix_all(Bench(patient), patient.clock))


def told(patient: Patient, fixes: list[Fix]) -> list[str]:
    return [patient.shortened(f"{one.check}: {one.what}") for one in fixes]


def bits(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_sound_set_up_is_left_as_it_is(patient: Patient) -> None:
    """Nothing to mend, nothing done; the ledger is not even made."""
    assert [] == fix(patient)
    assert not patient.ledger.exists()


def test_others_lose_the_right_to_change_configuration_and_mappings(patient: Patient) -> None:
    """Reading stays as it was."""
    patient.config.chmod(0o664)
    patient.mappings.chmod(0o666)

    assert [
        "config.permissions: others may no longer change lago-ns.toml",
        "mappings.file: others may no longer change mappings.toml",
    ] == told(patient, fix(patient))
    assert (0o644, 0o644) == (bits(patient.config), bits(patient.mappings))
    assert [] == patient.complaints()


def test_the_ledger_becomes_its_owners_alone(patient: Patient) -> None:
    """With the files that SQLite keeps beside it."""
    with patient.open_ledger():
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            patient.ledger.with_name(name).chmod(0o644)
        fixes = fix(patient)
        assert {0o600} == {bits(path) for path in patient.ledger.parent.glob("ledger.db*")}

    assert ["ledger.file: others may no longer read ledger.db"] == told(patient, fixes)
    assert [] == patient.complaints()


def test_a_missing_folder_is_made_for_its_owner_alone(patient: Patient) -> None:
    """With its parents; the ledger itself is left to the first run."""
    patient.set("ledger", url="sqlite:///books/2026/ledger.db")

    assert ["ledger.file: made the folder books/2026"] == told(patient, fix(patient))
    assert 0o700 == bits(patient.config.parent / "books" / "2026")


def test_the_lease_of_a_dead_run_is_given_back(patient: Patient) -> None:
    """The trail tells whom it was taken from, and what was mended."""
    ARRANGE["ledger-dead-lease"](patient)

    fixes = fix(patient)

    assert [
        (
            "ledger.lease: gave account 1234567_SB1 back: `sync all` of profile default runs on books-01 (process 4242) since "
            "2026-11-22 07:30:00 UTC, but it was not heard of for 7200 seconds"
        )
    ] == told(patient, fixes)
    assert [] == patient.complaints()
    with patient.open_ledger() as ledger:
        assert ledger.current_lease() is None
        facts = ledger.facts([account_key(ACCOUNT_ID)])[account_key(ACCOUNT_ID)]
    assert "gave account 1234567_SB1 back" in facts["fixed:ledger.lease"]


def test_a_lease_that_may_be_alive_stays(patient: Patient) -> None:
    """Only silence or a proven death is a ground."""
    owner = Owner(run="r1", host="books-01", pid=4242, pid_scope="elsewhere", process_start="1")
    with patient.open_ledger() as ledger:
        ledger.acquire_lease(owner, "sync all", patient.world.clock.now())

    assert [] == fix(patient)


def test_an_old_ledger_is_copied_and_upgraded(patient: Patient) -> None:
    """The copy is as private as the ledger, and still old."""
    engine = create_engine(f"sqlite:///{patient.ledger}")
    with engine.begin() as connection:
        migrations.upgrade(connection, "0001")
    engine.dispose()
    patient.ledger.chmod(0o600)
    assert [f"warning ledger.schema: {OLD} | {BACK_UP}"] == patient.complaints()

    fixes = fix(patient)

    backup = patient.ledger.with_name("ledger.db.0001.bak")
    what = f"upgraded ledger.db from schema 0001 to {migrations.HEAD}; before it: ledger.db.0001.bak"
    assert [f"ledger.schema: {what}"] == told(patient, fixes)
    assert [] == patient.complaints()
    assert ("0001", 0o600) == (revision(backup), bits(backup))


OLD = f"The ledger has the schema 0001, this program {migrations.HEAD}; the next run upgrades it."
BACK_UP = "Back the file up, then: lago-ns doctor --fix"


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_what_cannot_be_mended_is_told(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the others are mended all the same."""
    patient.config.chmod(0o664)
    patient.mappings.chmod(0o666)
    change = Path.chmod

    def refuse(path: Path, mode: int) -> None:
        if path == patient.config:
            raise PermissionError(1, "Operation not permitted")
        change(path, mode)

    monkeypatch.setattr(Path, "chmod", refuse)

    assert [True, False] == [one.error is not None for one in fix(patient)]


@pytest.mark.parametrize(
    "name",
    [case.name for case in cases.CASES if case.name.startswith(("config-", "ledger-", "mappings-")) is False][
        ::7
    ],
)
def test_nothing_but_this_machine_is_touched(patient: Patient, name: str) -> None:
    """What is wrong on the other sides is a matter for people."""
    ARRANGE[name](patient)
    before = patient.world.store()

    assert [] == fix(patient)
    assert before == patient.world.store()


def test_a_configuration_that_cannot_be_read_is_left_alone(patient: Patient) -> None:
    """There is nothing to go by."""
    patient.config.write_text("[lago\n", "utf-8")

    assert [] == fix(patient)
