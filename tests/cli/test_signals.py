"""Ctrl-C and SIGTERM: what is in flight may end, nothing new leaves, and nothing is sent twice afterwards."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lago_ns_cli.simulator.server import ServeOptions, running_server
from tests.cli.conftest import SAMPLE, Place, place_at
from tests.cli.terminal import QUIET_ENVIRONMENT

NUMBER = "ACM-1F2E-042-008"
SLOW_MS = 1_500
PATIENCE_SECONDS = 30


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Place]:
    """A place before an account whose pushes will take a while; its customer is there already."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=0, customers=1)) as running:
        place = place_at(folder, running)
        document = json.loads(SAMPLE.read_bytes())["invoice"]
        other = {**document, "lago_id": document["lago_id"].replace("11", "12"), "number": f"{NUMBER}-A"}
        place.control("lago/documents", {"invoices": [other]})
        assert 0 == place.run("sync", "customer").code
        assert 0 == place.run("sync", "invoice", other["number"]).code
        place.control("lago/documents", {"invoices": [document]})
        yield place


def slow_down(place: Place, milliseconds: int) -> None:
    rule = {"kind": "slow", "operation": "push", "seconds": milliseconds / 1000}
    place.control("faults", {"fault": [rule] if milliseconds else []})


class Started:
    """The program, running."""

    def __init__(self, place: Place, *arguments: str) -> None:
        self._place = place
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lago_ns_cli", "--config", str(place.config), *arguments],
            env={**QUIET_ENVIRONMENT, **place.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for_the_push(self) -> None:
        """Wait until NetSuite works on a push."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._place.control("stats")["faults"].get("slow"):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < until
            time.sleep(0.02)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; returns the exit code and both streams."""
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, err


def count_pushes(place: Place) -> int:
    return int(place.control("stats")["operations"].get("push", 0))


def invoices(place: Place) -> list[str]:
    return [row["tranid"] for row in place.control("netsuite/records?type=invoice")]


def state_of(place: Place) -> str:
    listed = place.run("replay", "--dry-run", "--json").events
    return next((one["state"] for one in listed if one.get("number") == NUMBER), "settled")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_waits_for_the_call_in_flight(slow: Place, number: signal.Signals) -> None:
    """Its answer is recorded; exit 130; afterwards there is nothing left to do, and nothing is sent again."""
    slow_down(slow, SLOW_MS)
    started = Started(slow, "sync", "all")
    started.wait_for_the_push()

    started.process.send_signal(number)
    code, out, err = started.end()

    assert 130 == code
    assert "stopping: no new calls" in err
    assert 1 == err.count("run the same command again")
    assert NUMBER in out
    assert "stopped by a signal; " in out.splitlines()[-1]
    assert "settled" == state_of(slow)
    slow_down(slow, 0)
    pushes = count_pushes(slow)
    assert 0 == slow.run("sync", "all").code
    assert pushes == count_pushes(slow)
    assert 1 == invoices(slow).count(NUMBER)


def test_a_reader_that_leaves_early_loses_nothing(slow: Place) -> None:
    """A64: stdout is closed while a call is under way; the same command goes on, and nothing is there twice."""
    slow_down(slow, SLOW_MS)
    started = Started(slow, "sync", "all", "--json")
    started.wait_for_the_push()

    assert started.process.stdout is not None
    started.process.stdout.close()
    assert started.process.stderr is not None
    with started.process.stderr as stream:
        err = stream.read()
    started.process.wait(PATIENCE_SECONDS)

    assert "Traceback" not in err
    slow_down(slow, 0)
    assert 0 == slow.run("sync", "all").code
    assert "settled" == state_of(slow)
    assert 1 == invoices(slow).count(NUMBER)


def test_the_second_signal_ends_at_once(slow: Place) -> None:
    """What was in flight is in doubt, is found later, and is not sent again."""
    slow_down(slow, 4 * SLOW_MS)
    started = Started(slow, "sync", "all")
    started.wait_for_the_push()
    before = time.monotonic()

    started.process.send_signal(signal.SIGINT)
    heard = started.process.stderr
    assert heard is not None
    while "stopping" not in heard.readline():
        assert started.process.poll() is None
    started.process.send_signal(signal.SIGINT)
    code, _, _ = started.end()

    assert 130 == code
    assert time.monotonic() - before < 4 * SLOW_MS / 1000
    assert "in_doubt" == state_of(slow)
    pushes = count_pushes(slow)
    wait_for(lambda: 1 == invoices(slow).count(NUMBER))
    slow_down(slow, 0)
    assert 0 == slow.run("replay", "--in-doubt").code
    assert ("settled", pushes) == (state_of(slow), count_pushes(slow))
    assert 1 == invoices(slow).count(NUMBER)


def wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_run_waits_for_another_as_long_as_it_was_told(slow: Place) -> None:
    """With ``--wait`` the second run goes on when the first has ended; without, it exits 5 at once."""
    slow_down(slow, SLOW_MS)
    first = Started(slow, "sync", "all")
    first.wait_for_the_push()

    refused = slow.run("sync", "all")
    waited = slow.run("sync", "all", "--wait", str(PATIENCE_SECONDS))
    replayed = slow.run("replay", "--held", "--wait", "1")

    assert (5, 0, 0) == (refused.code, waited.code, replayed.code)
    assert "sync all" in refused.err
    assert 0 == first.end()[0]
    assert 1 == invoices(slow).count(NUMBER)
