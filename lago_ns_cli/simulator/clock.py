"""Where the simulator gets its time from.

This is its only module that reads the machine's clock. Everything else takes a :class:`Clock`, so
that a test can put one in whose time stands still or jumps.
"""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The time, and a way to wait for it to pass."""

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait until this many seconds have passed on this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Tell the time, aware and in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait on the running event loop."""
        await asyncio.sleep(seconds)
