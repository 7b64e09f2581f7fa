"""What is decided and not sent yet, a lane a customer.

At most one call is in flight for each customer, and a customer's documents go in the order they were
decided in, parents first. Urgent documents go before the others, whenever they came.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lago_ns_cli.domain.bounds import MOST_BYTES
from lago_ns_cli.domain.identifiers import Key, Kind
from lago_ns_cli.domain.plan import Planned

_LOOKED_AT = 50
"""Customers that are tried to fill a batch up; more would cost more than they bring."""

_AT_ONCE = frozenset({Kind.CUSTOMER.value, Kind.PAYMENT.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the next batch may hold.

    Args:
        share: Documents that it should have.
        most: Documents that it may have, so that a customer's documents stay together.
        weight: As ``weigh`` counts.
        size: Bytes.
    """

    share: int
    most: int
    weight: float = float("inf")
    size: int = MOST_BYTES


def is_urgent(planned: Planned, today: date) -> bool:
    """Tell whether a document passes a backfill: payments, customers, and what was issued since yesterday."""
    day = planned.subject.document_date
    return planned.subject.kind in _AT_ONCE or (day is not None and day >= today - timedelta(days=1))


class Backlog:
    """Lanes of documents that wait for a call; bounded by whoever fills it.

    Args:
        weigh: How much of a call's time a document takes.
        alone: Tells of a document with how many others it may travel at most: what failed before
            goes in ever smaller company, so that it cannot take others along for ever.
    """

    def __init__(
        self, weigh: Callable[[Planned], float], company: Callable[[Planned], int | None] | None = None
    ) -> None:
        self._weigh = weigh
        self._company = company or (lambda _: None)
        self._lanes: dict[str, deque[Planned]] = {}
        self._ready: tuple[OrderedDict[str, None], OrderedDict[str, None]] = (OrderedDict(), OrderedDict())
        self._urgent: set[str] = set()
        self._on_the_way: set[str] = set()
        self._ready_count = 0
        self.count = 0

    @property
    def ready(self) -> int:
        """How many documents could go now: those of customers without a call in flight."""
        return self._ready_count

    def add(self, planned: Planned, *, urgent: bool = False) -> None:
        """Put a document behind the others of its customer."""
        customer = planned.subject.customer_id
        self._lanes.setdefault(customer, deque()).append(planned)
        self.count += 1
        if urgent:
            self._urgent.add(customer)
        if customer not in self._on_the_way:
            self._ready_count += 1
            self._make_ready(customer)

    def take(self, room: Room) -> list[Planned]:
        """Take the next batch; its customers are on the way until ``arrived``."""
        batch = _Batch(room, self._weigh)
        for queue in self._ready:
            for customer in list(_first(queue, _LOOKED_AT)):
                if batch.full:
                    break
                self._move(customer, batch)
        return batch.documents

    def put_back(self, planned: Sequence[Planned]) -> None:
        """Put documents of customers on the way before all others of theirs, in this order."""
        for one in reversed(planned):
            self._lanes.setdefault(one.subject.customer_id, deque()).appendleft(one)
            self.count += 1

    def arrived(self, batch: Iterable[Planned]) -> None:
        """Let the customers of a batch go again, ahead of others: the longest lane ends last."""
        for customer in dict.fromkeys(one.subject.customer_id for one in batch):
            self._on_the_way.discard(customer)
            if self._lanes.get(customer):
                self._ready_count += len(self._lanes[customer])
                self._make_ready(customer, first=True)
            else:
                self._forget(customer)

    def withdraw(self, batch: Iterable[Planned], failed: Collection[Key]) -> list[Planned]:
        """Take out what cannot go because a parent failed, and what cannot go because of that in turn."""
        gone = set(failed)
        withdrawn: list[Planned] = []
        for customer in dict.fromkeys(one.subject.customer_id for one in batch):
            lane = self._lanes.get(customer)
            if not lane:
                continue
            kept: deque[Planned] = deque()
            for one in lane:
                if gone.isdisjoint(one.parents):
                    kept.append(one)
                else:
                    gone.add(one.subject.key)
                    withdrawn.append(one)
            self._lanes[customer] = kept
        self.count -= len(withdrawn)
        return withdrawn

    def _move(self, customer: str, batch: "_Batch") -> None:
        lane = self._lanes[customer]
        taken = 0
        whole = batch.fits_whole(lane)
        if not whole and batch.documents:
            return  # parting a customer's documents only makes its lane longer
        while lane and batch.takes(lane[0], self._company(lane[0])):
            batch.add(lane.popleft())
            taken += 1
        if not taken:
            return
        self.count -= taken
        self._ready_count -= taken + len(lane)
        self._on_the_way.add(customer)
        for queue in self._ready:
            queue.pop(customer, None)

    def _make_ready(self, customer: str, *, first: bool = False) -> None:
        urgent, others = self._ready
        if customer in self._urgent:
            others.pop(customer, None)
        queue = urgent if customer in self._urgent else others
        if customer not in queue:
            queue[customer] = None
            if first:
                queue.move_to_end(customer, last=False)

    def _forget(self, customer: str) -> None:
        self._lanes.pop(customer, None)
        self._urgent.discard(customer)


class _Batch:
    """A batch that is being filled."""

    def __init__(self, room: Room, weigh: Callable[[Planned], float]) -> None:
        self._room = room
        self._weigh = weigh
        self._weight = 0.0
        self._size = 0
        self._most = room.most
        self.documents: list[Planned] = []

    @property
    def full(self) -> bool:
        return len(self.documents) >= min(self._room.share, self._most)

    def fits_whole(self, lane: Collection[Planned]) -> bool:
        if len(self.documents) + len(lane) > min(self._room.most, self._most):
            return False
        weight = self._weight + sum(map(self._weigh, lane))
        return weight <= self._room.weight and self._size + sum(one.size for one in lane) <= self._room.size

    def takes(self, planned: Planned, company: int | None) -> bool:
        """Whether a document still fits; the first one always does."""
        most = self._most if company is None else min(self._most, company)
        if not self.documents:
            self._most = max(1, most)
            return True
        return (
            len(self.documents) < most
            and self._weight + self._weigh(planned) <= self._room.weight
            and self._size + planned.size <= self._room.size
        )

    def add(self, planned: Planned) -> None:
        self.documents.append(planned)
        self._weight += self._weigh(planned)
        self._size += planned.size


def _first(queue: OrderedDict[str, None], count: int) -> Iterable[str]:
    for at, customer in enumerate(queue):
        if at == count:
            return
        yield customer
