"""How far a run is: a live line on a terminal, a line every half minute in a log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType

HEARTBEAT_SECONDS = 30


class Progress:
    """Counts documents on stderr; says nothing where ``quiet``.

    Args:
        left: Tells how much is left, after so many seconds, as it stands at the end of the line.
    """

    def __init__(self, *, quiet: bool, left: Callable[[float], str] = lambda _: "") -> None:
        self._left = left
        self._live = sys.stderr.isatty() and not quiet
        self._beats = not self._live and not quiet
        self._started = monotonic()
        self._last = self._started
        self._done = 0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._erase()

    def advance(self, count: int = 1) -> None:
        """Count documents."""
        self._done += count
        now = monotonic()
        if self._live:
            print(f"\r\033[K{self._line(now)}", end="", file=sys.stderr, flush=True)
        elif self._beats and now - self._last >= HEARTBEAT_SECONDS:
            self._last = now
            print(f"progress: {self._line(now)}", file=sys.stderr, flush=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Clear the live line while something else is printed."""
        self._erase()
        yield

    def _erase(self) -> None:
        if self._live and self._done:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _line(self, now: float) -> str:
        seconds = now - self._started
        rate = self._done / seconds if seconds else 0.0
        return f"{self._done} documents, {rate:.0f}/s, {seconds:.0f} s{self._left(seconds)}"
