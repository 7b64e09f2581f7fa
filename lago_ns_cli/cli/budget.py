"""A run's budget: so many calls to NetSuite, or until a time of day; then it ends in good order."""

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta


class RunBudget(asyncio.Event):
    """The event that stops a run; it sets itself when the budget is used up.

    Whoever is about to make a call asks it first: no call leaves beyond the budget, and those in
    flight are waited for.

    Attributes:
        over: What was used up, as it was given; None while the run may go on, or was stopped otherwise.
    """

    def __init__(self, most_calls: int | None = None, until: time | None = None) -> None:
        super().__init__()
        self.over: str | None = None
        self._most_calls = most_calls
        self._until = until
        self._calls: Callable[[], int] = lambda: 0

    def begin(self, calls: Callable[[], int], now: datetime) -> None:
        """Begin to count.

        Args:
            calls: Tells how many calls have left.
            now: Local time.
        """
        self._calls = calls
        if self._until is not None:
            seconds = seconds_until(self._until, now)
            asyncio.get_running_loop().call_later(seconds, self._end, f"--until-time {self._until:%H:%M}")

    def is_set(self) -> bool:
        """Whether no call may leave any more."""
        if not super().is_set() and self._most_calls is not None and self._calls() >= self._most_calls:
            self._end(f"--max-calls {self._most_calls}")
        return super().is_set()

    def _end(self, why: str) -> None:
        if not super().is_set():
            self.over = why
            self.set()


def seconds_until(end: time, now: datetime) -> float:
    """Tell how long it is to a time of day, within the next 24 hours.

    Args:
        now: Local time, without a zone: what the clock on the wall shows.
    """
    at = datetime.combine(now.date(), end)
    if at <= now:
        at += timedelta(days=1)
    # Through the machine's own zone, so that a night in which the clock changes is as long as it is.
    return at.timestamp() - now.timestamp()
