"""The places for calls to NetSuite, shared by everything that a run asks of the account.

Durations are those of the running event loop: they only go on, and are virtual where the loop is.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from lago_ns_cli.domain import pacing
from lago_ns_cli.domain.pacing import Departure, Pace
from lago_ns_cli.errors import LimitError


class Pacer:
    """Hands out places, and learns from what becomes of the calls; to be made where the loop runs.

    Look-ups and calls that were refused before go first: somebody waits for them. What is left
    is taken by whoever registered with ``on_free``.
    """

    def __init__(
        self, *, most: int, leave_free: int = 0, known_limit: int | None = None, learns: bool = True
    ) -> None:
        self.pace: Pace = pacing.first_pace(
            most=most, leave_free=leave_free, known_limit=known_limit, at=_now()
        )
        self._learns = learns
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._growth: asyncio.TimerHandle | None = None
        self.on_free: Callable[[], None] = _nothing

    @property
    def learned_limit(self) -> int | None:
        """What the next run may begin with; None where the settings say how many calls there are."""
        return self.pace.limit if self._learns else None

    @property
    def free(self) -> int:
        """Places that nobody waits for."""
        return max(0, self.pace.free - len(self._waiting))

    def take(self) -> None:
        """Take a free place, for a call that is made ready."""
        self.pace = pacing.taken(self.pace)

    def leave(self) -> Departure:
        """Let a call leave, for which a place was taken."""
        was_filled = self.pace.filled_at
        self.pace, departure = pacing.left(self.pace, _now())
        if was_filled is None and self.pace.filled_at is not None:
            self.on_free()  # from now on it can be asked when the window grows
        return departure

    async def acquire(self) -> None:
        """Wait for a place and take it."""
        if self.free:
            self.take()
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self.ask_for_more()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.give_back(was_out=False)  # it was handed over at this very moment
            elif place in self._waiting:
                self._waiting.remove(place)
            raise

    def answered(self, strain: float = 1.0) -> None:
        """Give a place back after an answer."""
        self.pace = pacing.answered(self.pace, _now(), strain=strain)
        self._pass_on()

    def refused(self, call: Departure) -> None:
        """Give a place back after a refusal: too many calls were in flight."""
        self.pace = pacing.refused(self.pace, call, _now())
        self._pass_on()

    def give_back(self, *, was_out: bool = True) -> None:
        """Give a place back that says nothing about the account.

        Args:
            was_out: Whether its call had left.
        """
        self.pace = pacing.abandoned(self.pace, was_out=was_out)
        self._pass_on()

    def overloaded(self) -> None:
        """Slow down: the account showed that it is overloaded."""
        self.pace = pacing.overloaded(self.pace, _now())

    def ask_for_more(self) -> None:
        """Say that more calls wait than may leave; the window may grow, now or in a while."""
        self.pace = pacing.grown(self.pace, _now())
        wait = pacing.grows_at(self.pace) - _now()
        if self.pace.free:
            self._pass_on()
        elif self._growth is None and self.pace.window < self.pace.most and wait > 0:
            # Else it is answers that are missing, and each answer asks again.
            self._growth = asyncio.get_running_loop().call_later(wait + _MOMENT, self._grow)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for one call that reads."""
        await self.acquire()
        call = self.leave()
        try:
            yield
        except LimitError:
            self.refused(call)
            raise
        except BaseException:
            self.give_back()
            raise
        self.answered()

    def close(self) -> None:
        """Stop what is timed."""
        if self._growth is not None:
            self._growth.cancel()
            self._growth = None

    def _grow(self) -> None:
        self._growth = None
        if self._waiting:
            self.ask_for_more()
        else:
            self.on_free()

    def _pass_on(self) -> None:
        while self._waiting and self.pace.free:
            place = self._waiting.popleft()
            if not place.done():
                self.take()
                place.set_result(None)
        self.on_free()


_MOMENT = 0.001
"""Timers may fire a little early."""


def _now() -> float:
    return asyncio.get_running_loop().time()


def _nothing() -> None:
    pass
