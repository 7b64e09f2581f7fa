"""Two runs at once, and runs that stood still until another one took their account (A13)."""

import asyncio
from pathlib import Path

import pytest

from lago_ns_cli.domain.lease import LEASE_TTL
from lago_ns_cli.errors import LeaseHeldError, LeaseLostError
from tests.campaigns.processes import Stall, StallPoint
from tests.campaigns.stage import Ended, Stage
from tests.integration.test_doubts import (
    assert_nothing_is_written,
    assert_once_each,
    play,
    pushes,
    run_until_settled,
)

LONG_SECONDS = LEASE_TTL.total_seconds() + 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger lies."""
    return tmp_path


async def beside(stage: Stage, stall: Stall, after_seconds: float) -> tuple[Ended, Ended]:
    """Run once, and once more beside it when it has stood still for so long."""
    stalled = asyncio.Event()
    first = asyncio.ensure_future(stage.sync(stall=stall, stalled=stalled))
    await stalled.wait()
    await asyncio.sleep(after_seconds)
    second = await stage.sync()
    return await first, second


def test_of_two_runs_at_once_one_is_refused(folder: Path) -> None:
    """A13: also where the first one waits long for its answers, since it says that it lives."""

    async def scenario(stage: Stage) -> None:
        stage.plan_faults(None, {"kind": "slow", "operation": "push", "seconds": 320})
        first = asyncio.ensure_future(stage.sync())
        await asyncio.sleep(LONG_SECONDS)

        second = await stage.sync()

        assert isinstance(second.error, LeaseHeldError)
        assert (await first).error is None
        assert_once_each(stage)

    play(folder, scenario)


def test_a_short_standstill_changes_nothing(folder: Path) -> None:
    """The other run is refused, and the first goes on where it was."""

    async def scenario(stage: Stage) -> None:
        first, second = await beside(stage, Stall(StallPoint.BEFORE_PUSH, 2, 60), 30)

        assert isinstance(second.error, LeaseHeldError)
        assert (None, []) == (first.error, first.sins)
        assert_once_each(stage)

    play(folder, scenario)


@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize(
    ("point", "number"),
    [
        (StallPoint.BEFORE_READ, 3),
        (StallPoint.BEFORE_PUSH, 1),
        (StallPoint.BEFORE_PUSH, 2),
        (StallPoint.AFTER_PUSH, 1),
        (StallPoint.ASLEEP, 1),
    ],
)
def test_a_run_that_was_taken_for_dead_sends_nothing_more(
    folder: Path, point: StallPoint, number: int, *, unique: bool
) -> None:
    """Wherever it stood still: what it was about to send is looked up and sent by others, or refused as too old."""

    async def scenario(stage: Stage) -> None:
        sent = pushes(stage)
        stage.plan_faults(None, {"kind": "limit", "operation": "push", "calls": [1]})
        first, second = await beside(stage, Stall(point, number, LONG_SECONDS + 300), LONG_SECONDS)

        assert second.error is None
        # What it had signed before is too old for NetSuite by now, which is not what ended it.
        assert isinstance(first.error, LeaseLostError)
        assert "to `sync all` on here (process 2)" in first.error.message
        assert [] == first.sins
        await run_until_settled(stage)
        assert_once_each(stage)
        assert len(sent) <= 2 * len({key for keys in sent for key in keys}) + 1  # twice each, and the limit
        await assert_nothing_is_written(stage)

    play(folder, scenario, unique=unique)
