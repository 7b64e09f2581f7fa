"""What came to the account, call by call: the record from which rates and refusals are measured."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

_KEPT = 200_000
"""The oldest calls are forgotten beyond this many."""

Ending = Literal["answered", "limit", "login", "refused", "broken"]
"""``limit``: no slot was free; ``refused``: the form of the call; ``broken``: the work was cut short."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A call that arrived completely.

    Attributes:
        arrived: When, aware.
        seconds: How long it took to answer.
        saves: Records that its script saved.
        in_flight: Calls that were running when it arrived.
        limit: The account's limit at that moment.
    """

    arrived: datetime
    seconds: float
    operation: str
    ending: Ending
    saves: int
    in_flight: int
    limit: int


class CallLog:
    """Keeps the calls in the order in which they ended."""

    def __init__(self) -> None:
        self.calls: deque[LoggedCall] = deque(maxlen=_KEPT)

    def forget(self) -> None:
        """Start over."""
        self.calls.clear()
