"""Whenever a process is killed, the next ones bring everything to its end: nothing lost, nothing twice."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.simulator.server import ServeOptions, running_server
from tests.cli.conftest import Place, place_at
from tests.cli.terminal import Result
from tests.crashes.rounds import documents_of, keys_of

ROOT = Path(__file__).parent.parent.parent
QUARANTINE_SECONDS = 3
LATENCY_MS = 15
"""Longer than the runner waits before it dies within a push."""

SETTLING_RUNS = 8
LOOKBACK_DAYS = "3650"
TYPES = ("customer", "invoice", "creditmemo", "customerpayment")
FEWEST_BOUNDARIES = 30


class Campaign:
    """One ledger, one account, and one process after the other.

    Attributes:
        deaths: How often a process was killed, by the name of the boundary.
        wanted: The keys of everything that Lago has said so far.
    """

    documents = staticmethod(documents_of)
    """What Lago says before each process."""

    def __init__(self, place: Place, seed: int) -> None:
        self.place = place
        self.deaths: Counter[str] = Counter()
        self.wanted: set[str] = set()
        self._seed = seed
        self._rounds = count(1)
        self._environment = {**place.environment, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}

    def kill(self, times: int) -> None:
        """Kill as many processes, each at another boundary until all had their turn.

        What one leaves is found by the next, which has documents of its own besides.
        """
        boundaries = self._enumerate()
        assert FEWEST_BOUNDARIES <= len(boundaries)
        order = self._meant(boundaries)
        random.Random(self._seed).shuffle(order)
        for number in chain.from_iterable(order for _ in count()):
            if self.deaths.total() == times:
                return
            ended, passed = self._start(number)
            if ended == -signal.SIGKILL:
                self.deaths[passed[-1]] += 1

    def _meant(self, boundaries: Sequence[str]) -> list[str]:
        """Name the boundaries that processes are killed at, as the runner takes them."""
        return [str(number) for number in range(1, len(boundaries) + 1)]

    def _enumerate(self) -> list[str]:
        """Let one process live, and name the boundaries that it passes."""
        ended, passed = self._start("0")
        assert 0 == ended
        return passed

    def _start(self, dies_at: str) -> tuple[int, list[str]]:
        number = next(self._rounds)
        documents = self.documents(number)
        self.place.control("lago/documents", documents)
        self.wanted |= keys_of(documents)
        notes = self.place.folder / f"boundaries-{number}"
        command = ["-m", "tests.crashes.runner", notes, dies_at, "--config", self.place.config, "sync", "all"]
        ended = subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return ended.returncode, notes.read_text("utf-8").splitlines()

    def settle(self) -> Result:
        """Run the real command as cron does, until nothing is open."""
        for _ in range(SETTLING_RUNS):
            ended = self.place.run("sync", "all")
            if ended.code == 0:
                return ended
            time.sleep(QUARANTINE_SECONDS)
        raise AssertionError(ended.out)

    def records(self) -> dict[str, list[dict[str, Any]]]:
        """Read NetSuite's own store."""
        return {kind: self.place.control(f"netsuite/records?type={kind}") for kind in TYPES}

    def saves(self) -> int:
        """Count the saves that NetSuite made so far."""
        return int(self.place.control("stats")["saves"])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place before an account that takes a while for each call."""
    folder = tmp_path / "place"
    folder.mkdir()
    with running_server(ServeOptions(port=0, invoices=0, customers=1, latency_ms=LATENCY_MS)) as running:
        there = place_at(folder, running)
        # Each round brings documents of the samples' dates, which lie further back than what a run looks at again.
        there.environment["LAGO_NS_SYNC__LOOKBACK_DAYS"] = LOOKBACK_DAYS
        yield there


def check(campaign: Campaign) -> None:
    print("killed", dict(sorted(campaign.deaths.items())))
    campaign.settle()
    records = campaign.records()

    found = Counter(row["externalid"] for rows in records.values() for row in rows)
    ours = {key: times for key, times in found.items() if str(key).startswith("lago:")}
    assert set() == campaign.wanted - ours.keys(), "lost"
    assert {} == {key: times for key, times in ours.items() if times > 1}, "there twice"
    named = Counter(
        (kind, row.get("custbody_lago_id") or row.get("custentity_lago_id"))
        for kind, rows in records.items()
        for row in rows
    )
    assert {} == {name: times for name, times in named.items() if name[1] and times > 1}, "there twice"
    invoices = len(records["invoice"]) // 2
    assert {"0.00": invoices, "95.00": invoices} == Counter(
        row["amountremaining"] for row in records["invoice"]
    )
    assert {"1.80": invoices} == Counter(row["unapplied"] for row in records["creditmemo"])

    saves = campaign.saves()
    assert 0 == campaign.place.run("sync", "all").code
    assert saves == campaign.saves()
    assert 0 == campaign.place.run("audit", "verify").code
    assert "ok" == integrity(campaign.place)


def integrity(place: Place) -> str:
    [path] = place.folder.glob("*.db")
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


def test_nothing_is_lost_and_nothing_twice_after_20_kills(place: Place) -> None:
    """A11, at boundaries drawn from all."""
    campaign = Campaign(place, seed=11)

    campaign.kill(20)

    check(campaign)


@pytest.mark.campaign
def test_nothing_is_lost_and_nothing_twice_after_300_kills(place: Place) -> None:
    """Each boundary comes several times: before, during and after every push, and around every commit."""
    campaign = Campaign(place, seed=12)

    campaign.kill(300)

    check(campaign)
    assert {"before push", "during push", "after push"} <= campaign.deaths.keys()
    assert {"before record_intents", "after record_intents"} <= campaign.deaths.keys()
    assert {"before record_outcomes", "after record_outcomes"} <= campaign.deaths.keys()
