"""Trying a read again: bounded, later each time, and not in step with others."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from lago_ns_cli.errors import LimitError, TransientError

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[object]]
Random = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how soon a call is made again.

    Args:
        attempts: All calls, the first included.
        limit_attempts: The same for calls that met a limit, which says nothing about the call itself;
            None is no difference.
        first_delay_seconds: The longest wait before the second call; doubled for each after it.
        max_delay_seconds: No wait is longer, whatever the server asks for.
    """

    attempts: int = 4
    limit_attempts: int | None = None
    first_delay_seconds: float = 0.5
    max_delay_seconds: float = 30.0

    def most_attempts(self, error: TransientError) -> int:
        """Tell how often a call is made that fails so."""
        if isinstance(error, LimitError) and self.limit_attempts is not None:
            return self.limit_attempts
        return self.attempts

    def delay_seconds(self, attempt: int, asked: float | None, random: Random) -> float:
        """Choose the wait after a failed attempt.

        Args:
            attempt: The attempt that failed, from 1.
            asked: What the server asked for; never undercut, except by the maximum.
            random: Gives a number from 0 up to 1. The wait is drawn from all of the interval
                ("full jitter"), so that callers that failed together do not come back together.
        """
        longest = min(self.first_delay_seconds * 2.0 ** (attempt - 1), self.max_delay_seconds)
        return min(max(random() * longest, asked or 0.0), self.max_delay_seconds)


async def retry_reads(
    read: Callable[[], Awaitable[T]], policy: RetryPolicy, *, sleep: Sleep, random: Random
) -> T:
    """Make a call that changes nothing, again where nothing speaks against it.

    Raises:
        TransientError: The last attempt's; any other error ends the attempts at once.
    """
    attempt = 1
    while True:
        try:
            return await read()
        except TransientError as error:
            if attempt >= policy.most_attempts(error):
                raise
            wait = policy.delay_seconds(attempt, error.retry_after_seconds, random)
        await sleep(wait)
        attempt += 1
