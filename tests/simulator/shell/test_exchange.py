"""What the wire does to a call under each fault, and whether the work was done all the same."""

import asyncio
from typing import Any

import httpx
import pytest

from lago_ns_cli.simulator.exchange import BackgroundWork, ConnectionDroppedError, Exchange
from lago_ns_cli.simulator.faults import (
    AnyRule,
    CommitThenSilence,
    FaultPlan,
    Faults,
    HalfAnswer,
    Html,
    LateCommit,
    Latency,
    Reset,
    Status,
)
from tests.simulator.shell.fakes import EchoService, JumpingClock, StandingClock


class Wire:
    """An exchange around an echo, called in process."""

    def __init__(self, *rules: AnyRule, clock: JumpingClock | None = None) -> None:
        self.clock = clock or JumpingClock()
        self.service = EchoService(self.clock)
        self.work = BackgroundWork()
        self.app = Exchange(self.service, Faults(FaultPlan(fault=rules)), self.clock, self.work)

    async def post(self, body: str = "push") -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
            return await client.post("/r", content=body)


def test_without_faults_the_answer_arrives() -> None:
    """The plain case."""
    wire = Wire()
    answer = asyncio.run(wire.post())

    assert (answer.status_code, answer.text) == (200, "did push")


@pytest.mark.parametrize(
    ("rule", "status", "performed"),
    [
        (Status(status=503), 503, 0),
        (Status(status=500, executed=True), 500, 1),
        (Html(), 200, 0),
        (Html(status=502, executed=True), 502, 1),
        (Latency(seconds=2), 200, 1),
    ],
)
def test_another_answer_may_or_may_not_mean_that_nothing_was_done(
    rule: AnyRule, status: int, performed: int
) -> None:
    """What the caller sees and what was done are set apart."""
    wire = Wire(rule)
    answer = asyncio.run(wire.post())

    assert (status, performed) == (answer.status_code, len(wire.service.performed))


@pytest.mark.parametrize(
    ("rule", "performed"),
    [
        (Reset(when="before_body"), 0),
        (Reset(when="during_body"), 0),
        (Reset(), 0),
        (Reset(executed=True), 1),
        (HalfAnswer(), 1),
    ],
)
def test_a_dropped_connection_rises_in_process(rule: AnyRule, performed: int) -> None:
    """Without a real connection the caller gets the error itself."""
    wire = Wire(rule)

    with pytest.raises(ConnectionDroppedError):
        asyncio.run(wire.post())
    assert performed == len(wire.service.performed)


def test_silence_lasts_until_the_caller_leaves_and_the_work_is_done() -> None:
    """Committed, never answered: the caller's own timeout ends it."""

    async def scenario() -> Wire:
        wire = Wire(CommitThenSilence(), clock=StandingClock())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wire.post(), timeout=0.05)
        return wire

    assert asyncio.run(scenario()).service.performed == [b"push"]


def test_nobody_waits_longer_than_the_longest_silence() -> None:
    """A caller without a timeout is dropped in the end."""
    with pytest.raises(ConnectionDroppedError):
        asyncio.run(Wire(CommitThenSilence()).post())


def test_a_late_commit_happens_after_the_caller_gave_up() -> None:
    """Reset at once; nothing for 599 s; done at 600 s."""

    async def scenario() -> tuple[list[int], int]:
        clock = StandingClock()
        wire = Wire(LateCommit(after_seconds=600, answer="reset"), clock=clock)
        counts = []
        with pytest.raises(ConnectionDroppedError):
            await wire.post()
        for seconds in (0, 599, 1):
            await clock.pass_time(seconds)
            counts.append(len(wire.service.performed))
        await wire.work.settle()
        return counts, len(wire.work)

    assert asyncio.run(scenario()) == ([0, 0, 1], 0)


def test_a_late_commit_may_hide_behind_a_timeout_page() -> None:
    """The edge answers 504 while the work goes on."""

    async def scenario() -> tuple[int, int]:
        wire = Wire(LateCommit(after_seconds=1, answer="timeout"))
        answer = await wire.post()
        await wire.work.settle()
        return answer.status_code, len(wire.service.performed)

    assert asyncio.run(scenario()) == (504, 1)


def test_work_goes_on_when_its_caller_hangs_up() -> None:
    """A server that has a request finishes it; cancelling the caller changes nothing."""

    async def scenario() -> list[bytes]:
        clock = StandingClock()
        wire = Wire(LateCommit(count=0), clock=clock)
        started = asyncio.Event()
        perform = wire.service.perform

        async def slow(*arguments: Any) -> Any:
            started.set()
            await clock.sleep(60)
            return await perform(*arguments)

        wire.service.perform = slow  # type: ignore[method-assign, assignment]
        caller = asyncio.create_task(wire.post())
        await started.wait()
        caller.cancel()
        await clock.pass_time(60)
        return wire.service.performed

    assert asyncio.run(scenario()) == [b"push"]
