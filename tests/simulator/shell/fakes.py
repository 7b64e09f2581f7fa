"""Stand-ins that the shell's tests share."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lago_ns_cli.simulator.exchange import Call
from lago_ns_cli.simulator.faults import Fault, Status, Target
from lago_ns_cli.simulator.netsuite.envelopes import Answer


class JumpingClock:
    """A clock whose sleepers return at once, each having moved the time on.

    Attributes:
        slept: How long each sleep was, in seconds.
    """

    def __init__(self, start: datetime = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)


class StandingClock(JumpingClock):
    """A clock whose sleepers wait until a test lets the time go on."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[tuple[datetime, asyncio.Event]] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        awake = asyncio.Event()
        self._waiting.append((self.now() + timedelta(seconds=seconds), awake))
        await awake.wait()

    async def pass_time(self, seconds: float) -> None:
        """Move on, wake who is due and let them work."""
        self.advance(seconds)
        for due, awake in self._waiting:
            if due <= self.now():
                awake.set()
        for _ in range(20):
            await asyncio.sleep(0)


@dataclass
class EchoService:
    """A service that answers with its call's body and remembers each call that it performed."""

    clock: JumpingClock
    target: Target = "netsuite"
    performed: list[bytes] = field(default_factory=list)

    def operation_of(self, call: Call) -> str:
        return call.body.decode()

    async def perform(self, call: Call, fault: Fault | None) -> Answer:
        if fault is not None:
            await self.clock.sleep(fault.seconds)
        self.performed.append(call.body)
        return Answer(200, b"did " + call.body, {"content-type": "text/plain"})

    def refusal(self, call: Call, fault: Fault) -> Answer | None:  # noqa: ARG002
        return None

    def status_answer(self, call: Call, rule: Status) -> Answer:  # noqa: ARG002
        return Answer(rule.status, b"no", {})
