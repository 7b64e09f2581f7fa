"""Another integration of the account takes places of the limit and lets them go."""

import asyncio

import pytest

from lago_ns_cli.simulator.netsuite.concurrency import ConcurrencyGate, LimitReachedError
from lago_ns_cli.simulator.netsuite.other_program import OtherProgram
from lago_ns_cli.simulator.virtual_time import VirtualClock, run_virtually


def test_it_holds_most_of_its_places_most_of_the_time_and_lets_each_go() -> None:
    """Four calls of a second, looked at for five minutes: nearly always three or four, never more."""

    async def scenario(clock: VirtualClock) -> list[int]:
        gate = ConcurrencyGate(5)
        OtherProgram(gate, clock, seed=1).change(calls=4, call_seconds=1.0)
        seen = []
        for _ in range(3000):
            await clock.sleep(0.1)
            seen.append(gate.others_in_flight)
        return seen

    seen = run_virtually(scenario)

    assert {4} < set(seen) <= {1, 2, 3, 4}
    assert 3.8 < sum(seen) / len(seen) < 4


def test_it_is_refused_like_everybody_else_and_comes_back() -> None:
    """While all places are taken it gets none; when they are free again it takes its own."""

    async def scenario(clock: VirtualClock) -> tuple[int, int, int]:
        gate = ConcurrencyGate(2)
        others = OtherProgram(gate, clock, seed=1)
        with gate.slot(), gate.slot():
            others.change(calls=2, call_seconds=1.0)
            await clock.sleep(10)
            refused = gate.others_rejections
        await clock.sleep(1)
        with pytest.raises(LimitReachedError), gate.slot():
            pass
        taken = gate.others_in_flight
        others.change(calls=0)
        await asyncio.sleep(0)
        return refused, taken, gate.others_in_flight

    refused, taken, left = run_virtually(scenario)

    assert refused > 100
    assert (2, 0) == (taken, left)


@pytest.mark.parametrize(("calls", "seconds"), [(-1, 1.0), (1, 0.0)])
def test_a_senseless_competitor_is_refused(calls: int, seconds: float) -> None:
    """Before it starts."""

    async def scenario(clock: VirtualClock) -> None:
        OtherProgram(ConcurrencyGate(2), clock, seed=1).change(calls=calls, call_seconds=seconds)

    with pytest.raises(ValueError, match="more than 0 seconds"):
        run_virtually(scenario)
