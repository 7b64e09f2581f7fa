"""Time that passes only when everybody waits for it.

An event loop whose clock stands still while anything is ready to run, and jumps to the next timer when
nothing is. Hours of waiting take no time, and the same program runs in the same order every time, also
where timers are due together. Threads and sockets have no place in it: nothing here waits for them.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
"""When virtual time begins, unless told otherwise."""

_Result = TypeVar("_Result")


class StandstillError(RuntimeError):
    """Everything waits, and no timer is set: nothing could ever happen again."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, which begins at 0.

    Raises:
        StandstillError: Out of ``run_until_complete``, where all tasks wait for each other.
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        super().__init__(_Jumping(self._jump))
        # A timer counts as due this much early. After half a year the default is less than what a float of
        # seconds can tell apart, and a timer that is due exactly now would never be.
        self._clock_resolution = 1e-7

    def time(self) -> float:
        """Tell the loop's time, in seconds."""
        return self._seconds

    def _jump(self, seconds: float | None) -> None:
        if seconds is None:
            raise StandstillError("Everything waits, and no timer is set.")
        self._seconds += max(seconds, 0.0)


class _Jumping(selectors.BaseSelector):
    """A selector that passes the time instead of waiting; no file ever becomes ready."""

    def __init__(self, jump: Callable[[float | None], None]) -> None:
        self._jump = jump
        self._files: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self._files[fileobj] = key = selectors.SelectorKey(fileobj, -1, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._files.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._jump(timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._files


class VirtualClock:
    """The time of a virtual loop; satisfies the clocks of the simulator and of the workflows.

    Args:
        loop: Whose time it tells; the clock may also be read while the loop does not run.
        start: The time when the loop's clock stood at 0; aware.
    """

    def __init__(self, loop: VirtualLoop, start: datetime = START) -> None:
        self._loop = loop
        self._start = start

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        return self._start + timedelta(seconds=self._loop.time())

    async def sleep(self, seconds: float) -> None:
        """Wait until this many seconds have passed on this clock."""
        await asyncio.sleep(seconds)


def run_virtually(main: Callable[[VirtualClock], Coroutine[Any, Any, _Result]]) -> _Result:
    """Run a program on a virtual clock to its end.

    Args:
        main: Called with the clock; what it leaves running is cancelled when it ends.

    Raises:
        StandstillError: All tasks wait for each other.
    """
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(VirtualClock(loop)))
    finally:
        _cancel_all(loop)
        loop.close()


def _cancel_all(loop: VirtualLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
