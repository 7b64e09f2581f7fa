"""What grows with the number of invoices, and what must not."""

import re
from collections.abc import Mapping, Sequence

from benchmarks.cost_model import Cost
from benchmarks.figures import Figure, Scale
from benchmarks.organization import Shape
from benchmarks.stand import LAST_DAY, BenchmarkError, Ended, Stand, open_stand

_FREE = Cost(0, 0)
_LIMIT = 10
_A_DAY = 100
"""Invoices of a day, where the days do not run out."""

_MOST_DAYS = 365
"""Further back, the simulated account has no open period."""

_BESIDES = 5
"""Calls to Lago that a run may make besides the pages it has to look at."""

_LIST = re.compile(r"invoices\?(?P<filters>.*) of (?P<pages>\d+) pages")


def measure(scale: Scale) -> Sequence[Figure]:
    """Peak memory and CPU time at many invoices against few; then once more, with nothing new."""
    few, many = scale.of(1000, 1000, 20), scale.of(100_000, 10_000, 40)
    small, small_idle, _ = _runs(few)
    large, large_idle, again = _runs(many)
    grown = f"{many:,} ÷ {few:,} invoices"
    per_document = [
        (whole.cpu_seconds - idle.cpu_seconds) / count
        for whole, idle, count in ((small, small_idle, few), (large, large_idle, many))
    ]
    return [
        Figure(
            f"peak memory, {grown}",
            large.peak_kib / small.peak_kib,
            1.25,
            "at most",
            bound=f"{small.peak_kib / 1024:.0f} MiB and {large.peak_kib / 1024:.0f} MiB",
        ),
        Figure(
            f"CPU time a document, {grown}",
            per_document[1] / per_document[0],
            1.15,
            "at most",
            bound=f"{per_document[0] * 1000:.2f} ms and {per_document[1] * 1000:.2f} ms, start-up left out",
        ),
        *_nothing_new(again, many),
    ]


def _runs(count: int) -> tuple[Ended, Ended, "_Again"]:
    """Push so many invoices; run where there is nothing to do; run again over all that is known."""
    customers = min(count, 1000)
    shape = Shape(count, customers, LAST_DAY, days=min(max(count // _A_DAY, 1), _MOST_DAYS))
    with open_stand(shape, limit=_LIMIT, on_disk=True, concurrency=_LIMIT) as stand:
        stand.post_customers()
        whole, _ = stand.sync_invoices(_FREE)
        stand.check_books(range(count))
        idle = stand.lago_ns("sync", "invoice", "--until", "2000-01-01", "--json")
        return whole, idle, _run_again(stand)


class _Again:
    """What a run over known invoices asked of Lago and wrote to NetSuite."""

    def __init__(self, ended: Ended, asked: Mapping[str, int], saves: int) -> None:
        self.ended = ended
        self.asked = asked
        self.saves = saves

    @property
    def calls(self) -> int:
        """All calls to Lago."""
        return sum(count for name, count in self.asked.items() if not name.startswith("invoices?"))

    @property
    def lists(self) -> dict[str, int]:
        """The lists of invoices that were asked for, by their filters, and how many pages each has."""
        found = (_LIST.fullmatch(name) for name in self.asked)
        return {one["filters"]: int(one["pages"]) for one in found if one}

    @property
    def named_pages(self) -> int:
        """The pages a run has to look at: of the window, and of the statuses that are not final or were voided."""
        return sum(
            pages
            for filters, pages in self.lists.items()
            if "issuing_date_from" in filters or "status" in filters
        )


def _run_again(stand: Stand) -> _Again:
    before = stand.control("GET", "stats")
    ended = stand.lago_ns("sync", "invoice", "--json")
    after = stand.control("GET", "stats")
    if ended.code != 0:
        raise BenchmarkError(f"the run over known invoices ended with {ended.code}:\n{ended.err[-1000:]}")
    asked = {
        name: count - before["lago_requests"].get(name, 0)
        for name, count in after["lago_requests"].items()
        if count > before["lago_requests"].get(name, 0)
    }
    return _Again(ended, asked, after["saves"] - before["saves"])


def _nothing_new(again: _Again, count: int) -> Sequence[Figure]:
    lists = "; ".join(f"{filters}: {pages}" for filters, pages in again.lists.items())
    name = f"no-change run over {count:,} known invoices"
    return [
        Figure(
            f"{name}: calls to Lago beyond the pages to look at",
            again.calls - again.named_pages,
            _BESIDES,
            "at most",
            bound=f"{again.calls} calls in {again.ended.wall_seconds:.1f} s; pages of {lists}",
            told={"asked": dict(again.asked)},
        ),
        Figure(f"{name}: writes to NetSuite", again.saves, 0, "at most", bound="what changed"),
    ]
