"""A figure and its goal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Figure:
    """A ratio out of one run.

    Attributes:
        measured: None where it could not be measured; ``bound`` says why.
        goal: What it should be, at least or at most; None for a figure that is only told.
        bound: What keeps it from being better.
        told: Numbers behind it, for the JSON file.
    """

    name: str
    measured: float | None
    goal: float | None = None
    sense: Literal["at least", "at most"] = "at least"
    bound: str = ""
    told: dict[str, object] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        if self.measured is None:
            return False
        return self.measured >= self.goal if self.sense == "at least" else self.measured <= self.goal


@dataclass(frozen=True)
class Scale:
    """How large the runs are.

    Attributes:
        quick: A few minutes instead of half an hour, with smaller numbers and thus more noise.
        tiny: Seconds: shows that everything works, and measures nothing.
        repeat: How often a noisy figure is measured; the median counts.
    """

    quick: bool = False
    tiny: bool = False
    repeat: int = 1

    def of(self, full: int, quick: int, tiny: int) -> int:
        """Choose a number."""
        return tiny if self.tiny else quick if self.quick else full


Measure = Callable[[Scale], Sequence[Figure]]
