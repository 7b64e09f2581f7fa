"""Documents a second against the best that anybody could do, at limits that are and are not known yet."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from benchmarks.cost_model import Cost, optimum_seconds
from benchmarks.figures import Figure, Scale
from benchmarks.organization import Shape
from benchmarks.stand import LAST_DAY, Ended, Pushes, open_stand

ROUNDS = 4
"""Calls that each slot makes in an optimal run."""

_GOALS = {5: (0.95, 0.80), 15: (0.95, 0.80), 45: (0.90, None)}
"""By limit: known from an earlier run, and from a cold start."""


def measure(scale: Scale) -> Sequence[Figure]:
    """Push so many documents at each limit, first cold, then with what was learned."""
    limits = [5, 15, 45] if not scale.quick and not scale.tiny else [5, 15] if not scale.tiny else [2]
    return [figure for limit in limits for figure in _at_limit(limit, scale)]


def measure_few_customers(scale: Scale) -> Sequence[Figure]:
    """As above, with fewer customers than slots: at most one call in flight for each of them."""
    limit, customers = scale.of(5, 5, 2), scale.of(3, 3, 1)
    cost, batch = _cost(scale), scale.of(20, 20, 2)
    count = customers * batch * ROUNDS
    with open_stand(Shape(count, customers, LAST_DAY), limit=limit, batch=batch) as stand:
        stand.post_customers()
        ended, pushes = stand.sync_invoices(cost)
        stand.check_books(range(count))
    best = optimum_seconds(count, batch=batch, cost=cost, limits=[(0, customers)])
    name = f"documents/s ÷ optimum, limit {limit}, {customers} customers, one call each"
    return [
        Figure(name, best / pushes.seconds, bound=explain(ended, pushes, customers), told=tell(pushes, best))
    ]


def _at_limit(limit: int, scale: Scale) -> Iterator[Figure]:
    cost, batch = _cost(scale), scale.of(20, 20, 2)
    count = ROUNDS * limit * batch
    known, cold = _GOALS.get(limit, (None, None))
    # Two days of as many documents each; each customer has two.
    with open_stand(Shape(2 * count, count, LAST_DAY, days=2), limit=limit, batch=batch) as stand:
        stand.post_customers()
        first = stand.sync_invoices(cost, "--until", (LAST_DAY - timedelta(days=1)).isoformat())
        second = stand.sync_invoices(cost)
        stand.check_books(range(2 * count))
    best = optimum_seconds(count, batch=batch, cost=cost, limits=[(0, limit)])
    for words, goal, (ended, pushes) in (("cold start", cold, first), ("known limit", known, second)):
        yield Figure(
            f"documents/s ÷ optimum, limit {limit}, {words}",
            best / pushes.seconds,
            goal,
            bound=explain(ended, pushes, limit),
            told=tell(pushes, best),
        )


def _cost(scale: Scale) -> Cost:
    return Cost(scale.of(500, 100, 10), scale.of(500, 100, 5))


def explain(ended: Ended, pushes: Pushes, limit: int) -> str:
    """Where the time went, by the account's own record."""
    busy = sum(call.seconds for call in pushes.calls) / (limit * pushes.seconds)
    own, server = (part / ended.wall_seconds for part in (ended.cpu_seconds, pushes.server_seconds))
    words = [
        f"slots busy {busy:.0%}",
        f"{pushes.batch:.1f} documents a call",
        f"CPU: own {own:.0%}, simulator {server:.0%}",
    ]
    return ", ".join([*words, f"{pushes.refused} refused"] if pushes.refused else words)


def tell(pushes: Pushes, best: float) -> dict[str, object]:
    """The numbers behind a rate."""
    return {
        "documents": pushes.documents,
        "calls": len(pushes.calls),
        "refused": pushes.refused,
        "seconds": round(pushes.seconds, 3),
        "optimum_seconds": round(best, 3),
    }
