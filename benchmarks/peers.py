"""Documents a second against the ``netsuite`` package, which posts one document a call."""

import json
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks import environments
from benchmarks.cost_model import Cost
from benchmarks.figures import Figure, Scale
from benchmarks.organization import Documents, Shape
from benchmarks.stand import LAST_DAY, ROOT, BenchmarkError, Pushes, Stand, open_stand, run
from benchmarks.throughput import explain, tell

_LIMIT = 5
_GOAL = 10


def measure(scale: Scale) -> Sequence[Figure]:
    """The same invoices, by both, at a limit of five calls that both are told."""
    python = environments.peer().python
    return [_against(python, Cost(call_ms, 0), scale) for call_ms in (0, 200)]


def _against(python: str, cost: Cost, scale: Scale) -> Figure:
    # The package gets fewer of the same documents: its rate does not change with their number.
    ours, theirs = scale.of(2000, 600, 4), scale.of(200, 60, 2)
    shape = Shape(ours, ours, LAST_DAY)
    pairs = [(_peer(python, shape, theirs, cost), _own(shape, cost)) for _ in range(scale.repeat)]
    ratios = [own.rate / peer.rate for peer, (own, _) in pairs]
    peer, (own, bound) = pairs[0]
    return Figure(
        f"documents/s ÷ netsuite 0.12.0, concurrency {_LIMIT}, {cost}",
        median(ratios),
        _GOAL,
        bound=f"{own.rate:.0f}/s against {peer.rate:.0f}/s; {bound}",
        told={
            "own": tell(own, 0.0),
            "peer": tell(peer, 0.0),
            "own_per_second": round(own.rate, 1),
            "peer_per_second": round(peer.rate, 1),
        },
    )


def _peer(python: str, shape: Shape, count: int, cost: Cost) -> Pushes:
    documents = Documents(shape)
    with open_stand(shape, limit=_LIMIT) as stand:
        stand.set_cost(cost)
        lines = "".join(f"{json.dumps(documents.bare(index))}\n" for index in range(count))
        ended = run(
            [python, "-W", "ignore", str(ROOT / "benchmarks" / "peer_netsuite.py"), *_arguments(stand)],
            environment=stand.environment,
            stdin=lines.encode(),
        )
        if ended.code != 0:
            raise BenchmarkError(f"the netsuite package ended with {ended.code}:\n{ended.err[-2000:]}")
        told = json.loads(ended.out)
        if told["distinct"] != count:
            raise BenchmarkError(
                f"the netsuite package posted {told['distinct']} of {count}: {told['errors'][:3]}"
            )
        stand.check_books(range(count))
        return stand.pushes("bare")


def _arguments(stand: Stand) -> Iterator[str]:
    yield from ("--url", stand.url, "--concurrency", str(_LIMIT))


def _own(shape: Shape, cost: Cost) -> tuple[Pushes, str]:
    with open_stand(shape, limit=_LIMIT, concurrency=_LIMIT) as stand:
        stand.post_customers()
        ended, pushes = stand.sync_invoices(cost)
        stand.check_books(range(shape.invoices))
    each = (part / pushes.documents * 1000 for part in (ended.cpu_seconds, pushes.server_seconds))
    bound = "CPU a document: own {:.1f} ms, simulator {:.1f} ms; ".format(*each)
    return pushes, bound + explain(ended, pushes, _LIMIT)
