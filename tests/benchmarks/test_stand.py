"""The benchmarks measure a real run, and notice one that went wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks import table
from benchmarks.cost_model import Cost
from benchmarks.figures import Figure
from benchmarks.organization import Shape
from benchmarks.stand import LAST_DAY, BenchmarkError, LoggedCall, Pushes, open_stand


def test_a_run_is_measured_by_the_accounts_own_record() -> None:
    """A server process, the program as another, and both sides compared; what is not there is noticed."""
    with open_stand(Shape(8, 4, LAST_DAY), limit=2, batch=3) as stand:
        stand.post_customers()
        ended, pushes = stand.sync_invoices(Cost(20, 10))
        stand.check_books(range(8))
        with pytest.raises(BenchmarkError, match="should not be in the account"):
            stand.check_books(range(7))

    assert (8, 8) == (pushes.documents, ended.summary["writes"])
    assert all(call.seconds >= 0.03 for call in pushes.calls if call.ending == "answered")
    assert ended.peak_kib > 10_000
    assert 0 < ended.cpu_seconds


def call(second: float, ending: str = "answered", saves: int = 20) -> LoggedCall:
    """A call of ten seconds, or one that was refused at once."""
    moment = datetime(2026, 8, 31, tzinfo=UTC) + timedelta(seconds=second)
    done = ending == "answered"
    return LoggedCall(moment, 10.0 if done else 0.0, "push", ending, saves if done else 0, 1, 5)


def test_rates_go_from_the_first_push_to_the_last_answer() -> None:
    """Refused calls count as calls, and carry nothing."""
    pushes = Pushes((call(5), call(0, "limit"), call(0), call(6, "limit")))

    assert (40, 15.0, 2) == (pushes.documents, pushes.seconds, pushes.refused)
    assert 40 / 15 == pushes.rate
    assert (0.5, 1.0) == (pushes.refused_after(0), pushes.refused_after(3))


def test_the_table_tells_whether_a_goal_is_met() -> None:
    """At least, at most, not measured, only told."""
    good = Figure("documents/s ÷ optimum", 0.961, 0.95, bound="slots busy 96%")
    figures = [
        good,
        replace(good, measured=0.9),
        Figure("rejected ÷ calls", 0.01, 0.05, "at most"),
        Figure("peers", None, 10, bound="it failed"),
        Figure("told", 3),
    ]

    lines = table.render({"some": figures}).splitlines()

    assert ["yes", "NO", "yes", "NO", ""] == [line.split("|")[4].strip() for line in lines[2:7]]
    assert table.machine() == lines[-1]
