"""How many documents a call carries: learned from what calls cost, in time and in usage units.

A call takes ``per_call`` seconds and ``per_weight`` seconds for each unit of weight; both are fitted to the
calls that were answered, the last ones counting most. A document weighs 1, and more if it has many lines.
"""

from dataclasses import dataclass, replace
from math import ceil

from lago_ns_cli.domain.plan import Planned
from lago_ns_cli.domain.run_record import Learned

TARGET_SECONDS = 30.0
"""A call should take no longer: NetSuite ends a script at 300 s, ours stops by itself at 200 s, and what
is in a call when its answer is lost is in doubt."""

UNITS = 5_000
"""Usage units of one execution of a RESTlet."""

UNITS_IN_RESERVE = 210
"""The script begins no document with less left."""

_FORGETTING = 0.9
_FEWEST_WITHOUT_MEASURE = 5
_SMALL_SHARE = 1.0
"""Times the fixed part of a call that its documents should take: so half of the time at least is work."""

_LINES_OF_ONE_WEIGHT = 100
_ALMOST = 1e-6
_SIZES_TO_BEGIN_WITH = (5.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCosts:
    """What calls were seen to cost; sums over past calls, each counting less than the next.

    Args:
        calls: How many, in that sense.
        weight, weight_squared, seconds, seconds_by_weight: Sums for the fit.
        recent: Seconds that a unit of weight took lately, the call's fixed part included: what a change of
            the account's speed shows in first.
        units: Usage units of a document; 0 before any is known.
        bound: Documents that the last cut-off call got done; None while no call was cut short.
    """

    calls: float = 0.0
    weight: float = 0.0
    weight_squared: float = 0.0
    seconds: float = 0.0
    seconds_by_weight: float = 0.0
    recent: float = 0.0
    units: float = 0.0
    bound: float | None = None

    @property
    def per_weight(self) -> float:
        """Seconds that a unit of weight takes; 0 before any call."""
        spread = self.calls * self.weight_squared - self.weight**2
        if spread > 1e-6 * self.weight_squared * self.calls:
            slope = (self.calls * self.seconds_by_weight - self.weight * self.seconds) / spread
            return min(max(slope, 0.0), self._mean)
        return self._mean

    @property
    def per_call(self) -> float:
        """Seconds that a call takes besides."""
        if not self.calls:
            return 0.0
        return max(0.0, (self.seconds - self.per_weight * self.weight) / self.calls)

    @property
    def _mean(self) -> float:
        return self.seconds / self.weight if self.weight else 0.0

    def expected_seconds(self, weight: float) -> float:
        """Tell how long a call should take; 0 before any call."""
        return self.per_call + self.per_weight * weight


def weigh(planned: Planned) -> float:
    """Weigh a document: a record with many lines takes much longer to save."""
    record = planned.record
    lines = 0 if record is None else sum(len(some) for some in record.lines.values())
    return 1.0 + lines // _LINES_OF_ONE_WEIGHT


def costs_like(learned: Learned) -> CallCosts:
    """Begin with what an earlier run learned; the first calls of this one outweigh it soon."""
    costs = CallCosts()
    if learned.per_weight_seconds or learned.per_call_seconds:
        for weight in _SIZES_TO_BEGIN_WITH:
            seconds = learned.per_call_seconds + weight * learned.per_weight_seconds
            costs = after_call(costs, weight=weight, seconds=seconds, units=None)
    return costs


def after_call(costs: CallCosts, *, weight: float, seconds: float, units: float | None) -> CallCosts:
    """Learn from a call that was answered.

    Args:
        weight: Of the documents that were attempted.
        units: Usage units of the dearest document; None where the answer does not tell.
    """
    keep = _FORGETTING
    return replace(
        costs,
        calls=costs.calls * keep + 1,
        weight=costs.weight * keep + weight,
        weight_squared=costs.weight_squared * keep + weight * weight,
        seconds=costs.seconds * keep + seconds,
        seconds_by_weight=costs.seconds_by_weight * keep + seconds * weight,
        recent=(costs.recent + seconds / weight) / 2 if costs.recent else seconds / weight,
        units=costs.units if units is None else max(units, costs.units * keep),
        bound=None if costs.bound is None else costs.bound * 1.1 + 0.1,
    )


def after_cut(costs: CallCosts, done: int) -> CallCosts:
    """Learn from a call that was cut short: its next ones carry no more than it got done, at first."""
    return replace(costs, bound=float(max(1, done)))


def batch_bound(costs: CallCosts, cap: int) -> int:
    """Tell how many documents a call may carry, by units and by what was cut short.

    Args:
        cap: From the settings.
    """
    bound = float(cap)
    if costs.units:
        bound = min(bound, (UNITS - UNITS_IN_RESERVE) / costs.units)
    if costs.bound is not None:
        bound = min(bound, costs.bound)
    return max(1, int(bound))


def weight_bound(costs: CallCosts) -> float:
    """Tell how much a call may weigh, so that it ends in good time."""
    return max(1.0, TARGET_SECONDS / costs.recent) if costs.recent else float("inf")


def batch_share(costs: CallCosts, cap: int, *, waiting: int, free: int) -> int:
    """Choose how many documents the next call takes.

    Where fewer documents wait than the free places could carry, they are shared out, down to a size at
    which most of the call is still spent on documents: so that no place idles at the start and at the end.

    Args:
        cap: What a call may carry.
        waiting: Documents that could go now.
        free: Calls that may leave now.
    """
    if costs.per_weight:
        fewest = min(cap, ceil(_SMALL_SHARE * costs.per_call / costs.per_weight - _ALMOST))
    else:
        fewest = _FEWEST_WITHOUT_MEASURE
    return max(1, min(cap, max(fewest, ceil(waiting / max(1, free)))))
