"""Posting periods: which one a date lies in, and whether receivables may still be posted to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ClosedPeriodPolicy(StrEnum):
    """What becomes of a document whose date lies in a closed period."""

    HOLD = "hold"
    NEXT_OPEN = "next_open"  # it keeps its date and posts to the first open period after it


@dataclass(frozen=True, slots=True)
class Period:
    """A posting period; ``start`` and ``end`` are inclusive."""

    id: str
    name: str
    start: date
    end: date
    is_open: bool
    """For receivables."""

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.start <= day <= self.end


def read_periods(rows: Iterable[Mapping[str, object]]) -> tuple[Period, ...]:
    """Read the catalog's section ``periods``, in the order of time; rows without dates are left out."""
    found = []
    for row in rows:
        start, end = _day(row.get("start")), _day(row.get("end"))
        if start is not None and end is not None:
            shut = any(row.get(name) is True for name in ("closed", "ar_locked", "all_locked"))
            found.append(Period(str(row["id"]), str(row.get("name", row["id"])), start, end, not shut))
    # Of two that begin together the longer comes first: an adjustment period lies within a month.
    return tuple(sorted(found, key=lambda period: (period.start, -period.end.toordinal())))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def period_of(periods: Sequence[Period], day: date) -> Period | None:
    """Find the period that a day lies in; of several (an adjustment period within a month) the longest."""
    holding = [period for period in periods if period.holds(day)]
    return max(holding, key=lambda period: period.end - period.start, default=None)


def next_open(periods: Sequence[Period], day: date) -> Period | None:
    """Find the first open period that begins after a day."""
    return next((period for period in periods if period.start > day and period.is_open), None)
