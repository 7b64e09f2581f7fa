"""Another integration of the same account, which takes slots and lets them go.

It makes no records; all that it does is to compete. Each of its lines of work makes a call, thinks for a
moment, and makes the next one, so that a slot it lets go may be taken by somebody else before it comes
back. Refused, it tries again a moment later, without backing off: many programs are like that.
"""

import asyncio
import random

from lago_ns_cli.simulator.clock import Clock
from lago_ns_cli.simulator.netsuite.concurrency import ConcurrencyGate, LimitReachedError

_SPREAD = 0.5
"""A call lasts between half and one and a half times its usual time."""

_PAUSE = 0.05
"""Between two calls, and after a refusal: at most this part of a call's usual time."""


class OtherProgram:
    """Keeps up to so many calls in flight.

    Args:
        gate: Where it takes its slots.
        clock: On which its calls last.
        seed: Same seed, same lengths of its calls.
    """

    def __init__(self, gate: ConcurrencyGate, clock: Clock, seed: int) -> None:
        self._gate = gate
        self._clock = clock
        self._dice = random.Random(f"other program {seed}")
        self._lines: list[asyncio.Task[None]] = []

    def change(self, *, calls: int, call_seconds: float = 1.0) -> None:
        """Start over with another number of calls; 0 ends it. To be called on the event loop.

        Args:
            call_seconds: How long one of its calls usually lasts.

        Raises:
            ValueError: Fewer than no calls, or calls of no length.
        """
        if calls < 0 or not 0 < call_seconds < 3600:
            raise ValueError("Another program makes 0 or more calls at once, each of more than 0 seconds.")
        for line in self._lines:
            line.cancel()
        self._lines = [asyncio.ensure_future(self._work(call_seconds)) for _ in range(calls)]

    async def _work(self, call_seconds: float) -> None:
        while True:
            try:
                with self._gate.slot_of_others():
                    await self._clock.sleep(call_seconds * self._dice.uniform(1 - _SPREAD, 1 + _SPREAD))
            except LimitReachedError:
                pass
            await self._clock.sleep(call_seconds * self._dice.uniform(0, _PAUSE))
