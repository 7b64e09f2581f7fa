"""Limits that others use too, and limits that change."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from benchmarks.cost_model import Cost, Limits, optimum_seconds
from benchmarks.figures import Figure, Scale
from benchmarks.organization import Shape
from benchmarks.stand import LAST_DAY, Pushes, Stand, open_stand
from benchmarks.throughput import explain, tell

_LIMIT = 5
_HELD = 4
_FIRST = 30
"""Calls in which the limit may be learned."""

_POLL_SECONDS = 0.02


def measure_competition(scale: Scale) -> Sequence[Figure]:
    """Another program holds four of five slots: all the time, or call after call of its own."""
    cost, batch = Cost(scale.of(50, 50, 5), scale.of(10, 10, 1)), 5
    count = scale.of(400, 100, 8) * batch
    figures = []
    for words, compete in (("reserved", False), ("call after call", True)):
        with open_stand(Shape(count, count // 2, LAST_DAY), limit=_LIMIT, batch=batch) as stand:
            stand.post_customers()
            if compete:
                stand.let_compete(_HELD, cost.seconds(batch))
            else:
                stand.set_limit(_LIMIT, held_by_others=_HELD)
            ended, pushes = stand.sync_invoices(cost)
            stand.check_books(range(count))
        figures.append(
            Figure(
                f"limit {_LIMIT}, another program holds {_HELD} ({words}): rejected ÷ calls after the first {_FIRST}",
                pushes.refused_after(_FIRST),
                0.05,
                "at most",
                bound=f"{len(pushes.calls)} calls; {explain(ended, pushes, _LIMIT - _HELD)}",
                told=tell(
                    pushes, optimum_seconds(count, batch=batch, cost=cost, limits=[(0, _LIMIT - _HELD)])
                ),
            )
        )
    return figures


def measure_changing_limit(scale: Scale) -> Sequence[Figure]:
    """The limit falls from 15 to 5 and rises again while documents are pushed."""
    high, low = scale.of(15, 15, 3), scale.of(5, 5, 1)
    cost, batch = Cost(scale.of(250, 100, 10), scale.of(250, 100, 5)), scale.of(20, 20, 2)
    lot = cost.seconds(batch)
    changes = [(3 * lot, low), (6 * lot, high)]
    count = high * batch * scale.of(8, 6, 3)
    with open_stand(Shape(2 * count, count, LAST_DAY, days=2), limit=high, batch=batch) as stand:
        stand.post_customers()
        stand.sync_invoices(cost, "--until", (LAST_DAY - timedelta(days=1)).isoformat())
        schedule = _Schedule(stand, changes)
        ended, pushes = stand.sync_invoices(cost, meanwhile=schedule.start)
        schedule.join()
        stand.check_books(range(2 * count))
    happened = [(0.0, high), *schedule.happened(pushes)]
    best = optimum_seconds(count, batch=batch, cost=cost, limits=happened)
    mean = sum(call.limit for call in pushes.calls) / len(pushes.calls)
    return [
        Figure(
            f"documents/s ÷ optimum, limit {high} → {low} → {high} in mid-run",
            best / pushes.seconds,
            0.85,
            bound=explain(ended, pushes, round(mean)),
            told={**tell(pushes, best), "limits": [list(one) for one in happened]},
        )
    ]


class _Schedule(threading.Thread):
    """Changes the limit at moments counted from the first push."""

    def __init__(self, stand: Stand, changes: Limits) -> None:
        super().__init__(daemon=True)
        self._stand = stand
        self._changes = changes
        self._changed: list[tuple[datetime, int]] = []

    def happened(self, pushes: Pushes) -> Limits:
        """When the limit did change, in seconds after the first push."""
        return [((moment - pushes.first).total_seconds(), limit) for moment, limit in self._changed]

    def run(self) -> None:
        """Wait for the first push, then for each moment."""
        before = self._pushes()
        while self._pushes() == before:
            time.sleep(_POLL_SECONDS)
        started = time.monotonic()
        for moment, limit in self._changes:
            time.sleep(max(started + moment - time.monotonic(), 0))
            self._stand.set_limit(limit)
            self._changed.append((datetime.now(UTC), limit))

    def _pushes(self) -> int:
        stats = self._stand.control("GET", "stats")
        return int(stats["operations"].get("push", 0) + stats["rejections"])
