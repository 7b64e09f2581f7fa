"""Time that jumps: hours take no time, and everything happens in the same order."""

import asyncio
from datetime import timedelta

import pytest

from lago_ns_cli.simulator.virtual_time import START, StandstillError, VirtualClock, run_virtually


def test_an_hour_of_sleep_is_an_hour_on_the_clock() -> None:
    """And none on the wall."""

    async def main(clock: VirtualClock) -> None:
        await clock.sleep(3600)
        assert START + timedelta(hours=1) == clock.now()

    run_virtually(main)


def test_years_pass_like_hours() -> None:
    """However late it is, a timer that is due goes off."""

    async def main(clock: VirtualClock) -> None:
        await clock.sleep(timedelta(days=4000).total_seconds())
        await clock.sleep(0.1)
        assert timedelta(days=4000, milliseconds=100) <= clock.now() - START

    run_virtually(main)


def test_time_stands_still_while_anything_is_ready() -> None:
    """Work takes no time; only waiting does."""

    async def main(clock: VirtualClock) -> None:
        sleeper = asyncio.create_task(clock.sleep(1))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert (START, False) == (clock.now(), sleeper.done())
        await sleeper

    run_virtually(main)


def test_sleepers_wake_in_the_order_of_their_times_and_always_in_the_same() -> None:
    """Also those that are due at the same moment."""

    async def main(clock: VirtualClock) -> list[str]:
        woke: list[str] = []

        async def sleep(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woke.append(name)

        names = {"late": 900.0, "a": 30.0, "b": 30.0, "c": 30.0, "early": 1.0}
        await asyncio.gather(*(sleep(name, seconds) for name, seconds in names.items()))
        return woke

    first, second = run_virtually(main), run_virtually(main)

    assert ("early", "late") == (first[0], first[-1])
    assert first == second


def test_a_deadline_passes_by_itself() -> None:
    """Timeouts are timers like others."""

    async def main(clock: VirtualClock) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(330):
                await asyncio.Event().wait()
        assert START + timedelta(seconds=330) == clock.now()

    run_virtually(main)


def test_a_standstill_is_told() -> None:
    """Where everybody waits for each other, nothing hangs."""

    async def main(_: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(StandstillError):
        run_virtually(main)


def test_what_is_left_running_is_cancelled() -> None:
    """It gets its chance to clean up."""
    ended: list[str] = []

    async def linger(clock: VirtualClock) -> None:
        try:
            await clock.sleep(10**6)
        finally:
            ended.append("cancelled")

    async def main(clock: VirtualClock) -> "asyncio.Task[None]":
        task = asyncio.create_task(linger(clock))
        await clock.sleep(1)
        return task

    run_virtually(main)

    assert ["cancelled"] == ended
