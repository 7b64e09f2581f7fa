"""What the simulated account takes for a call, and the least time in which documents can be pushed.

A call takes a fixed time and a time for each record that it saves, from its arrival to its answer. So many
calls as the limit says run at once; one more is refused and takes no time. Nothing else costs anything: not
the network, not the sender's own work. The optimum is a sender that knows the limit at every moment, sends
full batches, and starts the next call the moment a slot is free.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

Limits = Sequence[tuple[float, int]]
"""The limit from a moment on, in seconds after the first call; the first entry stands at 0."""


@dataclass(frozen=True)
class Cost:
    """What calls and records take."""

    call_ms: int
    record_ms: int

    def seconds(self, documents: int) -> float:
        """How long a call with so many documents takes."""
        return (self.call_ms + self.record_ms * documents) / 1000

    def __str__(self) -> str:
        return f"{self.call_ms} ms a call + {self.record_ms} ms a record"


def optimum_seconds(documents: int, *, batch: int, cost: Cost, limits: Limits) -> float:
    """The least time from the first call to the last answer.

    Calls in flight when the limit falls go on; none starts before fewer than the new limit are running.
    """
    ends: list[float] = []
    now, left, last = 0.0, documents, 0.0
    while left > 0:
        if len(ends) < _limit_at(limits, now):
            size = min(batch, left)
            left -= size
            heapq.heappush(ends, now + cost.seconds(size))
            last = max(last, now + cost.seconds(size))
            continue
        now = _next_change(limits, now, ends[0]) if ends else _next_change(limits, now, float("inf"))
        while ends and ends[0] <= now:
            heapq.heappop(ends)
    return last


def _limit_at(limits: Limits, moment: float) -> int:
    return [limit for start, limit in limits if start <= moment][-1]


def _next_change(limits: Limits, moment: float, end: float) -> float:
    return min([end, *(start for start, _ in limits if start > moment)])
