"""The campaign: whatever goes wrong, every document is in NetSuite once, and nothing stays open."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from lago_ns_cli.ledger.store import SqlLedger
from tests.campaigns.campaign import Result, run_many, run_schedule
from tests.campaigns.mutants import MUTANTS, Mutant, times_found
from tests.campaigns.people import DeedKind
from tests.campaigns.processes import WRITES, StallPoint
from tests.campaigns.schedules import ENOUGH_FAULTS, draw_schedule

FEWEST_DOCUMENTS = 20

_COMMITTING_VERBS = frozenset({"acquire", "bind", "record", "release", "renew", "restore"})


@pytest.mark.parametrize("first", range(0, 32, 8))
def test_nothing_is_lost_and_nothing_is_there_twice(first: int) -> None:
    """The first of the 300 schedules that CI runs; half of them in an account that takes the same key twice."""
    check([run_schedule(seed) for seed in range(first, first + 8)])


@pytest.mark.campaign
@pytest.mark.parametrize("first", range(300, 10_000, 1_940))
def test_nothing_is_lost_in_many_more_schedules(first: int) -> None:
    """The seeds up to 9,999; with those that CI runs, 10,000."""
    check(list(run_many(range(first, first + 1_940), processes=os.cpu_count() or 1)))


def check(results: Sequence[Result]) -> None:
    assert [] == [f"seed {one.seed}: {problem}" for one in results for problem in one.problems]
    assert FEWEST_DOCUMENTS <= min(one.documents for one in results)
    assert ENOUGH_FAULTS <= min(sum(one.faults.values()) for one in results)


def test_the_same_seed_is_the_same_story() -> None:
    """Twice in one process and once in another, whose hashes of text are other ones."""
    told = "from tests.campaigns.campaign import run_schedule; print(run_schedule(3).digest)"
    elsewhere = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    )

    first, second = run_schedule(3), run_schedule(3)

    assert first.lines == second.lines
    assert first.digest == second.digest == elsewhere.stdout.strip()


def test_half_of_the_schedules_are_of_an_account_that_takes_a_key_twice() -> None:
    """There the account itself refuses nothing."""
    assert 150 == sum(not draw_schedule(seed).unique for seed in range(300))


def test_schedules_have_people_and_other_runs_in_them() -> None:
    """Everything that a person may do, and second runs beside those that work and those that stand still."""
    runs = [run for seed in range(300) for run in draw_schedule(seed).runs]
    deeds = [deed.kind for run in runs for deed in run.deeds]
    overlaps = [run.overlap for run in runs if run.overlap is not None]

    assert set(DeedKind) == set(deeds)
    assert {None, *StallPoint} == {one.stall.point if one.stall else None for one in overlaps}
    assert 300 < len(overlaps)
    assert 150 < sum(any(run.deeds for run in draw_schedule(seed).runs) for seed in range(300))


def test_every_commit_of_the_ledger_is_a_boundary() -> None:
    """A method that is new and commits is a new place to be killed at."""
    methods = [name for name in dir(SqlLedger) if not name.startswith("_")]

    assert WRITES == {name for name in methods if name.partition("_")[0] in _COMMITTING_VERBS}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_has_its_line(mutant: Mutant) -> None:
    """Once, so that the run that plants it plants something."""
    assert 1 == times_found(mutant)
