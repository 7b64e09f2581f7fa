"""How many calls an account answers at once.

One pool serves a whole account. A call that finds no free slot is refused at once; nothing is queued.
Source: Oracle's help on concurrency governance (``bridgehead_1500275603``).
"""

from collections.abc import Iterator
from contextlib import contextmanager


class LimitReachedError(Exception):
    """No slot is free."""


class ConcurrencyGate:
    """Counts calls in flight and refuses those beyond the limit.

    Attributes:
        limit: Slots of the account.
        held_by_others: Slots that another program uses all the time: a reservation.
        in_flight: Calls that are running now.
        others_in_flight: Calls of another program that are running now (:mod:`.other_program`).
        most_at_once: The highest ``in_flight`` so far.
        rejections: Calls refused so far.
        others_rejections: Calls of another program refused so far.
    """

    def __init__(self, limit: int) -> None:
        self.held_by_others = 0
        self.in_flight = 0
        self.others_in_flight = 0
        self.most_at_once = 0
        self.rejections = 0
        self.others_rejections = 0
        self.limit = 0
        self.change(limit=limit)

    def change(self, *, limit: int | None = None, held_by_others: int | None = None) -> None:
        """Set the limit or the slots others hold; calls in flight go on.

        Raises:
            ValueError: A limit below 1, or fewer than no slots held.
        """
        if limit is not None and limit < 1:
            raise ValueError(f"An account answers at least one call at a time, not {limit}.")
        if held_by_others is not None and held_by_others < 0:
            raise ValueError(f"Others cannot hold {held_by_others} slots.")
        self.limit = self.limit if limit is None else limit
        self.held_by_others = self.held_by_others if held_by_others is None else held_by_others

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot for as long as the block runs.

        Raises:
            LimitReachedError: All slots are taken.
        """
        if not self._is_free():
            self.rejections += 1
            raise LimitReachedError
        self.in_flight += 1
        self.most_at_once = max(self.most_at_once, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= 1

    @contextmanager
    def slot_of_others(self) -> Iterator[None]:
        """Hold a slot for another program for as long as the block runs.

        Raises:
            LimitReachedError: All slots are taken.
        """
        if not self._is_free():
            self.others_rejections += 1
            raise LimitReachedError
        self.others_in_flight += 1
        try:
            yield
        finally:
            self.others_in_flight -= 1

    def _is_free(self) -> bool:
        return self.in_flight + self.others_in_flight + self.held_by_others < self.limit
