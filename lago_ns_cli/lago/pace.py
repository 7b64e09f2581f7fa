"""As fast as Lago answers, and no faster: calls in turn, within the rate limit that its headers tell.

Lago's cloud counts the calls of a whole organization in windows and tells the state of the window
with every answer: ``X-RateLimit-Limit``, ``-Remaining``, and ``-Reset``, the seconds that are left
of it. A self-hosted Lago tells nothing and refuses nothing; what stands before it may.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from lago_ns_cli.retries import Sleep

MOST_IN_FLIGHT = 10
"""Calls to Lago at once: with answers in 0.2 seconds, Lago's own limit of 50 calls a second."""

_CALLS_TO_WIDEN = 20
_SHORTEST_WAIT_SECONDS = 0.05
_FIRST_PENALTY_SECONDS = 1.0
_LONGEST_PENALTY_SECONDS = 30.0


class Pace:
    """Lets calls go in the order they came, at most so many at once and so many in a window.

    Of a window, only what is left is used: what other programs with a key of this organization use
    up shows in the next answer. A refusal without a word on when to come back halves the calls at
    once and doubles the wait, once for all that were under way together; answers widen it again, one
    call for each twenty.

    Args:
        sleep: Waits for the next window.
        now: Seconds of a clock that never goes back; by default that of the running loop.
        most: Calls at once.
    """

    def __init__(
        self, sleep: Sleep, *, now: Callable[[], float] | None = None, most: int = MOST_IN_FLIGHT
    ) -> None:
        self._sleep = sleep
        self._now = now or _loop_time
        self._most = self._width = most
        self._in_flight = 0
        self._answered = 0
        self._limit: int | None = None
        self._left: int | None = None
        self._window_ends: float | None = None
        self._penalty = _FIRST_PENALTY_SECONDS
        self._closures = 0
        self._deciding = asyncio.Lock()
        self._waiting: deque[asyncio.Event] = deque()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[int]:
        """Wait until a call may leave; it is under way until the block ends.

        Gives how often calls had been refused until then, for ``refused``.
        """
        async with self._deciding:  # first come, first served
            while self._in_flight >= self._width or self._left == 0:
                await (self._window_over() if self._left == 0 else self._place_free())
            self._in_flight += 1
            if self._left is not None:
                self._left -= 1
        try:
            yield self._closures
        finally:
            self._in_flight -= 1
            while self._waiting:
                self._waiting.popleft().set()

    def heard(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer, whatever its status, while its call still holds its turn."""
        limit, left, reset = (_number(headers.get(f"x-ratelimit-{name}")) for name in _TOLD)
        if left is None or reset is None:
            return
        self._limit = None if limit is None else max(int(limit), 1)
        # Calls that are under way may not be counted in what Lago says is left.
        self._left = max(int(left) - (self._in_flight - 1), 0)
        self._window_ends = self._now() + reset

    def accepted(self) -> None:
        """Learn that a call was let in."""
        self._penalty = _FIRST_PENALTY_SECONDS
        self._answered += 1
        if self._answered >= _CALLS_TO_WIDEN and self._width < self._most:
            self._width, self._answered = self._width + 1, 0

    def refused(self, closures: int, retry_after_seconds: float | None) -> None:
        """Learn that a call came too early; nothing more leaves before the wait is over.

        Args:
            closures: What ``turn`` gave to the call.
            retry_after_seconds: When to come back, where that was told.
        """
        if closures < self._closures:
            return  # it left before an earlier refusal was heard
        self._closures += 1
        self._left, self._answered = 0, 0
        wait = retry_after_seconds
        if wait is None:
            wait = self._penalty
            self._penalty = min(self._penalty * 2, _LONGEST_PENALTY_SECONDS)
            self._width = max(self._width // 2, 1)
        self._window_ends = self._now() + wait

    async def _window_over(self) -> None:
        ends = self._window_ends
        if ends is not None:
            await self._sleep(max(ends - self._now(), _SHORTEST_WAIT_SECONDS))
        # An answer that came meanwhile may tell of a later window.
        if self._window_ends == ends:
            self._left = self._limit
            self._window_ends = None

    async def _place_free(self) -> None:
        freed = asyncio.Event()
        self._waiting.append(freed)
        await freed.wait()


_TOLD = ("limit", "remaining", "reset")


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < 86_400 else None


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
