"""``status`` and ``history``: the last runs, the pace, metrics, and the screen that is drawn again."""

import json
import re
import sys
import time
from pathlib import Path

import pexpect
import pytest

from lago_ns_cli.cli.run_lines import spark, took
from tests.cli.conftest import Place


@pytest.fixture
def synced(fresh: Place) -> Place:
    """Two runs: one that wrote, one that had nothing to do."""
    assert fresh.run("sync", "all").code in (0, 1)
    assert fresh.run("sync", "all").code in (0, 1)
    return fresh


def test_history_tells_the_last_runs_newest_first(synced: Place) -> None:
    """When, how long, what was done, how it ended; the JSON form has every figure."""
    table, events = synced.run("history"), synced.run("history", "--json", "--limit", "1")

    assert (0, 0) == (table.code, events.code)
    rows = [line.split("\t") for line in table.lines[1:-1]]
    assert [["sync all", "complete"]] * 2 == [[row[2], row[-1]] for row in rows]
    assert ["0", True] == [rows[0][4], int(rows[1][4]) > 20]
    assert re.fullmatch(
        r"summary: 2 runs, \d+ documents written, 0 failed; the last one: complete", table.lines[-1]
    )
    run, summary = events.events
    assert ("run", "complete", 1) == (run["event"], run["ended"], summary["runs"])
    assert {"calls", "refused", "most_at_once", "limit", "units", "outcomes"} <= run.keys()


def test_a_run_that_failed_is_told_and_makes_the_exit_code(synced: Place) -> None:
    """A refused login: the code that lago-ns errors explains, and 1."""
    synced.environment["LAGO_NS_NETSUITE__TOKEN_SECRET"] = "wrong"
    assert 3 == synced.run("sync", "all").code
    told = synced.run("history")

    assert 1 == told.code
    assert "failed: " in told.lines[1]
    assert told.lines[-1].endswith("1 failed; the last one: " + told.lines[1].split("\t")[-1])


def test_history_before_the_first_run_says_so(fresh: Place) -> None:
    """No table, no error."""
    told = fresh.run("history")

    assert (0, ["summary: 0 runs, 0 documents written, 0 failed; the last one: none yet"]) == (
        told.code,
        told.lines,
    )


def test_status_shows_the_last_runs_and_the_pace(synced: Place) -> None:
    """Behind the states and what needs somebody."""
    text, events = synced.run("status"), synced.run("status", "--json")

    assert any(line.startswith("pace: ") and " calls refused, " in line for line in text.lines)
    assert any(line.startswith("last 2 runs: open ") for line in text.lines)
    assert 2 == sum(event["event"] == "run" for event in events.events)


def test_metrics_are_written_for_the_textfile_collector(synced: Place, tmp_path: Path) -> None:
    """Documents by state, and the last run, as the status itself tells them."""
    path = tmp_path / "lago_ns.prom"
    synced.run("status", "--prometheus", path)
    counts = [event for event in synced.run("status", "--json").events if event["event"] == "count"]

    lines = path.read_text("utf-8").splitlines()
    for count in counts:
        labels = f'{{kind="{count["kind"]}",profile="default",state="{count["state"]}"}}'
        assert f"lago_ns_documents{labels} {float(count['documents'])}" in lines
    assert 'lago_ns_last_run_complete{profile="default"} 1.0' in lines
    assert [] == [path.name for path in tmp_path.iterdir() if path.suffix not in (".prom", "")]


def test_a_file_for_metrics_that_cannot_be_written_is_named(synced: Place) -> None:
    """No traceback, and the next step."""
    told = synced.run("status", "--prometheus", "/nowhere/at/all.prom")

    assert (2, True) == (told.code, "/nowhere/at/all.prom cannot be written" in told.err)


def test_watch_needs_a_terminal(fresh: Place) -> None:
    """In a pipe it would never end."""
    told = fresh.run("status", "--watch", "1")

    assert (2, True) == (told.code, "needs a terminal" in told.err)


@pytest.mark.skipif(sys.platform == "win32", reason="drives a POSIX terminal")
def test_watch_draws_again_and_ends_with_ctrl_c(synced: Place) -> None:
    """80 columns by 24 lines: what changed shows, the summary is the last line, and Ctrl-C is no error."""
    command = [
        str(Path(sys.executable).with_name("lago-ns")),
        "--config",
        str(synced.config),
        "status",
        "--watch",
        "0.3",
    ]
    environment = {
        **synced.environment,
        "TERM": "xterm",
        "NO_COLOR": "1",
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
    }
    child = pexpect.spawn(
        command[0], command[1:], env=environment, dimensions=(24, 80), encoding="utf-8", timeout=20
    )
    child.expect("credit_note +posted +[0-9]+")
    child.expect("summary: ")
    child.expect("lago-ns status at ")
    time.sleep(0.1)
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()

    assert 0 == child.exitstatus


@pytest.mark.parametrize(
    ("shares", "drawn"),
    [([], ""), ([0.0, 0.0], "▁▁"), ([0.0, 0.5, 1.0], "▁▅█"), ([0.1, 0.1], "██")],
)
def test_shares_are_drawn_as_high_as_their_share_of_the_highest(shares: list[float], drawn: str) -> None:
    """Nothing at all is a flat line."""
    assert drawn == spark(shares)


@pytest.mark.parametrize(("seconds", "told"), [(0.42, "0.4 s"), (75, "75 s"), (7509, "2:05:09")])
def test_durations_read_well(seconds: float, told: str) -> None:
    """From parts of a second to a night."""
    assert told == took(seconds)


def test_the_run_events_are_json(synced: Place) -> None:
    """Each line by itself."""
    for line in synced.run("history", "--json").lines:
        json.loads(line)
