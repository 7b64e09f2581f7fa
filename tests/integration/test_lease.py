"""Overlapping runs: refused with a name, waited for, and stopped when another took over."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lago_ns_cli.domain.attempts import State
from lago_ns_cli.domain.lease import HEARTBEAT_SECONDS, LEASE_TTL, Owner
from lago_ns_cli.errors import LeaseHeldError, LeaseLostError
from lago_ns_cli.ledger.processes import this_process
from lago_ns_cli.ledger.store import SqlLedger
from lago_ns_cli.simulator.world import ACCOUNT_ID
from lago_ns_cli.workflows.leasing import hold_account
from tests.cli.conftest import Place, fresh
from tests.integration.world import FixedClock, Tampering, World, encoded, sample

__all__ = ["fresh"]


class SteppedClock(FixedClock):
    """A clock on which time passes only while the test lets it; sleepers sleep until then."""

    def __init__(self) -> None:
        super().__init__()
        self._sleeping: list[tuple[float, asyncio.Event]] = []

    async def sleep(self, seconds: float) -> None:
        wake = asyncio.Event()
        self._sleeping.append((self._now.timestamp() + seconds, wake))
        await wake.wait()

    async def advance(self, seconds: float) -> None:
        """Let time pass, a second at a time, and everybody act who wakes."""
        for _ in range(round(seconds)):
            self._now += timedelta(seconds=1)
            for due, wake in self._sleeping:
                if due <= self._now.timestamp():
                    wake.set()
            for _ in range(3):
                await asyncio.sleep(0)


def open_ledger(path: Path) -> SqlLedger:
    return SqlLedger(f"sqlite:///{path / 'ledger.db'}", profile="default", account="1")


@pytest.fixture
def first(tmp_path: Path) -> Iterator[SqlLedger]:
    with open_ledger(tmp_path) as ledger:
        yield ledger


@pytest.fixture
def second(tmp_path: Path) -> Iterator[SqlLedger]:
    with open_ledger(tmp_path) as ledger:
        yield ledger


def owner(name: str) -> Owner:
    return this_process(name)


def test_a_run_says_that_it_lives_and_gives_the_account_back(first: SqlLedger) -> None:
    """The heartbeat rises every half minute; after the run nobody holds the account."""
    clock = SteppedClock()

    async def whole() -> None:
        async with hold_account(first, clock, owner("a"), "sync all") as lease:
            await asyncio.sleep(0)
            await clock.advance(2 * HEARTBEAT_SECONDS + 5)
            held = first.current_lease()
            assert held is not None
            assert timedelta(seconds=2 * HEARTBEAT_SECONDS) == held.heartbeat_at - lease.since

    asyncio.run(whole())

    assert first.current_lease() is None


def test_the_account_is_given_back_after_an_error(first: SqlLedger) -> None:
    """A run that fails must not be in the way of the next."""

    async def whole() -> None:
        async with hold_account(first, SteppedClock(), owner("a"), "sync all"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(whole())

    assert first.current_lease() is None


def test_a_run_waits_for_another_as_long_as_it_may(first: SqlLedger, second: SqlLedger) -> None:
    """It takes the account within seconds of its end; after the wait it is refused."""
    clock = SteppedClock()

    async def take(seconds: float) -> None:
        async with hold_account(second, clock, owner("b"), "sync all", wait_seconds=seconds):
            pass

    async def whole() -> None:
        first.acquire_lease(owner("a"), "sync invoice", clock.now())
        waiting = asyncio.create_task(take(60))
        impatient = asyncio.create_task(take(10))
        await asyncio.sleep(0)
        await clock.advance(20)
        with pytest.raises(LeaseHeldError, match="`sync invoice`"):
            await impatient
        assert not waiting.done()
        first.release_lease()
        await clock.advance(3)
        await waiting

    asyncio.run(whole())


def test_a_run_that_was_overtaken_sends_nothing_more(small: World) -> None:
    """It hung for long while another took over; its next call does not leave, and the other's stands."""

    def hang(asked: dict[str, object]) -> None:
        if asked["operation"] == "ping":
            with small.open_ledger() as other:
                later = small.clock.now() + LEASE_TTL + timedelta(seconds=1)
                other.acquire_lease(this_process("other"), "replay --held", later)

    small.wrap = lambda inner: Tampering(inner, before=hang)

    run = small.sync("customer", "invoice", source=encoded(sample()))

    assert isinstance(run.error, LeaseLostError)
    assert "`replay --held`" in run.error.message
    assert [] == small.records("invoice")
    assert [] == small.entries(State.SENDING)


@pytest.mark.parametrize("command", [("sync", "invoice"), ("ledger", "rebuild")])
def test_overlapping_runs_exit_5_and_say_who_runs(fresh: Place, command: tuple[str, ...]) -> None:
    """What cron mails to a person: who, since when, doing what; a dry run is not in the way."""
    assert 0 == fresh.run("sync", "customer").code
    path = next(fresh.folder.rglob("*.db"))
    with SqlLedger(f"sqlite:///{path}", profile="default", account=ACCOUNT_ID) as ledger:
        clock = FixedClock()
        ledger.acquire_lease(this_process("other"), "sync all --since 2026-10-01", clock.now())
        ledger.renew_lease(clock.now().replace(year=2100))

        refused = fresh.run(*command)
        dry = fresh.run("sync", "invoice", "--dry-run")
        ledger.release_lease()

    assert 5 == refused.code
    assert "sync all --since 2026-10-01" in refused.err
    assert "hint: let it end, or wait for it: --wait SECONDS" in refused.err
    assert dry.code in (0, 1)
    assert fresh.run("sync", "invoice", "--wait", "5").code in (0, 1)
