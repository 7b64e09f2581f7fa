"""Which documents the next call carries, and whether it leaves now or waits to be filled."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from lago_ns_cli.domain.backlog import Backlog, Room, is_urgent
from lago_ns_cli.domain.batching import (
    CallCosts,
    after_call,
    after_cut,
    batch_bound,
    batch_share,
    costs_like,
    weigh,
    weight_bound,
)
from lago_ns_cli.domain.exchange import PushResult
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.domain.plan import Planned
from lago_ns_cli.domain.run_record import Learned
from lago_ns_cli.workflows.judging import was_attempted
from lago_ns_cli.workflows.pacing import Pacer

_LONGEST_PATIENCE_SECONDS = 2.0
"""How long a call that is not full is held back while more documents come."""

_FEWEST_TO_LEAVE_ONE = 4
"""Places of which one may be left for look-ups: with fewer, that would be too much."""

_FEWEST_IN_STOCK = 100
"""Documents that are decided ahead, where the places and batches are few."""


class Batches:
    """Fills calls from the backlog, by what calls were seen to cost.

    Args:
        most: Documents in a call, from the settings.
        leave: Called when a call that was held back may leave.

    Attributes:
        backlog: What waits for a call.
        alone: Documents that go in a call of their own.
        more_comes: Whether more documents are to be expected, with which calls can be filled.
    """

    def __init__(
        self, most: int, pacer: Pacer, leave: Callable[[], None], learned: Learned | None = None
    ) -> None:
        self._most = most
        self._pacer = pacer
        self._leave = leave
        self._costs = costs_like(learned) if learned is not None else CallCosts()
        self._tried: dict[Key, int] = {}
        self._patience: asyncio.TimerHandle | None = None
        self._patience_is_over = False
        self.backlog = Backlog(weigh, self._company)
        self.alone: set[Key] = set()
        self.more_comes = False

    @property
    def costs(self) -> CallCosts:
        """What calls were seen to cost so far."""
        return self._costs

    @property
    def is_full(self) -> bool:
        """Whether enough is decided: twice what all places carry."""
        places = self._pacer.pace.window
        return self.backlog.count > max(_FEWEST_IN_STOCK, 2 * places * self._most)

    def add(self, planned: Iterable[Planned], tried: Mapping[Key, int], today: date) -> None:
        """Take documents into the backlog.

        Args:
            tried: Attempts that count against documents.
        """
        for one in planned:
            if tried.get(one.subject.key):
                self._tried[one.subject.key] = tried[one.subject.key]
            self.backlog.add(one, urgent=is_urgent(one, today))
        self.more_comes = True

    def forget(self, key: Key) -> None:
        """Forget what is known of a document that is done with."""
        self.alone.discard(key)
        self._tried.pop(key, None)

    def next(self, left_at: Sequence[float]) -> list[Planned]:
        """Take what the next call carries; nothing where it should not leave yet.

        Args:
            left_at: When the calls left that are under way, by the loop's time.
        """
        room = self._room(left_at)
        if self._leaves_a_place(room) or self._waits_for_more(room):
            return []
        self.stop_waiting()
        return self.backlog.take(room)

    def stop_waiting(self) -> None:
        """Hold no call back any more."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience, self._patience_is_over = None, False

    def learn(self, batch: Sequence[Planned], results: Sequence[PushResult], seconds: float) -> float:
        """Learn from a call that was answered; returns how long it took, as a multiple of what was expected."""
        done = [planned for planned, result in zip(batch, results, strict=False) if was_attempted(result)]
        units = max((result.units for result in results if result.units), default=None)
        weight = sum(map(weigh, done))
        expected = self._costs.expected_seconds(weight)
        if done:
            self._costs = after_call(self._costs, weight=weight, seconds=seconds, units=units)
        if len(done) < len(batch):
            self.cut(len(done))
        return seconds / expected if expected else 1.0

    def cut(self, done: int) -> None:
        """Learn from a call that got only so many documents done."""
        self._costs = after_cut(self._costs, done)

    def _room(self, left_at: Sequence[float]) -> Room:
        most = batch_bound(self._costs, self._most)
        if self._fills_calls:
            return Room(share=most, most=most, weight=weight_bound(self._costs))
        places = self._pacer.free + (0 if self.more_comes else self._places_to_come(most, left_at))
        share = batch_share(self._costs, most, waiting=self.backlog.ready, free=places)
        return Room(share=share, most=most, weight=weight_bound(self._costs))

    def _places_to_come(self, most: int, left_at: Sequence[float]) -> int:
        """Count the places that are taken now and free for most of the time that a call takes from now on.

        What is left is shared with them; a call that has only just left is of no help.
        """
        seconds = self._costs.expected_seconds(most)
        now = asyncio.get_running_loop().time()
        return round(sum(min((now - left) / seconds, 1.0) for left in left_at)) if seconds else 0

    @property
    def _fills_calls(self) -> bool:
        """Whether more documents come, and it is known that a call costs something by itself."""
        return self.more_comes and self._costs.per_call > 0 and not self._patience_is_over

    def _leaves_a_place(self, room: Room) -> bool:
        """Keep the last place for the look-ups of what comes next, until there is enough for all places again.

        Else these would wait for a call to end, and then all places for them. While it is being found out
        how many places there are, all are taken: that is how it is found out.
        """
        pace = self._pacer.pace
        if not self.more_comes or pace.edge is None or pace.window < _FEWEST_TO_LEAVE_ONE or pace.free > 1:
            return False
        return self.backlog.count < pace.window * room.most

    def _waits_for_more(self, room: Room) -> bool:
        """Hold a call back that is not full yet: it would take a place for few documents. Not for long."""
        if not self._fills_calls or self.backlog.ready >= room.most:
            return False
        if self._patience is None:
            seconds = min(self._costs.expected_seconds(room.most) / 4, _LONGEST_PATIENCE_SECONDS)
            self._patience = asyncio.get_running_loop().call_later(seconds, self._lose_patience)
        return True

    def _lose_patience(self) -> None:
        self._patience, self._patience_is_over = None, True
        self._leave()

    def _company(self, planned: Planned) -> int | None:
        """With how many others a document may travel: fewer each time it failed."""
        key = planned.subject.key
        if key in self.alone:
            return 1
        tried = self._tried.get(key, 0)
        return self._most >> tried if tried else None
