"""How many calls an account is asked to answer at once: learned from its answers and its refusals.

An account refuses a call beyond its limit at once and executes nothing of it. So a refusal is exact news:
as many calls as were in flight when the refused one left is what the account had for us. The *window*
is how many calls may be in flight. It doubles until the first refusal, falls to what a refusal shows, and
asks for more again by single calls, as seldom as ``PROBE_SHARE`` allows; where more is given, it doubles again.

A ``Pace`` is a value: each event makes the next one. Times are seconds of any clock that only goes on.
"""

from dataclasses import dataclass, replace
from math import ceil

COLD_START = 3
"""Calls at once where nothing is known: below every account's limit, the smallest being 5."""

SETTLE_SECONDS = 1.0
"""A refusal comes at once; if none came for this long, what is in flight was taken."""

PROBE_SHARE = 0.08
"""Refusals that asking for more may cause, as a share of the calls; half of it where there are hardly any
places, since there they would be most of what others see of us."""

_FEW_PLACES = 2

_CREDIT_AT_FIRST = 2.0
_MOST_CREDIT = 4.0
_FIRST_PROBE_SECONDS = 4.0
_LONGEST_PROBE_SECONDS = 12.0
_TRUSTED_SECONDS = 15.0
_DECREASE = 0.75
_STRAIN = 3.0
"""A call that takes this many times what its documents took until now speaks of an account under strain."""


@dataclass(frozen=True, slots=True)
class Departure:
    """When a call left, and how many were in flight then besides."""

    at: float
    beside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The state of the limiter.

    Args:
        most: The window never goes beyond it.
        leave_free: Places that are left to other programs, once it is known how many there are.
        window: Calls that may be in flight.
        in_flight: Places that are taken, by calls that are made ready or are out.
        out: Calls that have left and are not answered.
        proven: The widest window that held; beyond it, the window is a question.
        target: Where the window stood before it was cut: it comes back so far by itself.
        edge: What the account had for us at the last refusal; None before the first one.
        credit: Refusals that asking for more may still cause.
        step: How many calls the next growth adds.
        changed_at: When the window last grew or was cut.
        filled_at: When so many calls were first out after that; None before.
        fell_at: When less was there than had held until then.
        probe_at: No question before.
        probe_seconds: How long after a refused question the next one waits.
        answered_at: When the last answer came.
        answered_in_row: Answers since the last change.
        refused_in_row: Refusals since the last answer.
        calls: Calls so far, refused ones among them.
        refused: Refusals so far.
        most_at_once: The most calls that were in flight.
        strained: Answers that came far too late, less those that did not.
    """

    most: int
    leave_free: int = 0
    window: int = COLD_START
    in_flight: int = 0
    out: int = 0
    proven: int = 0
    target: int = 0
    edge: int | None = None
    credit: float = _CREDIT_AT_FIRST
    step: int = 1
    changed_at: float = 0.0
    filled_at: float | None = None
    fell_at: float = float("-inf")
    probe_at: float = 0.0
    probe_seconds: float = _FIRST_PROBE_SECONDS
    answered_at: float = float("-inf")
    answered_in_row: int = 0
    refused_in_row: int = 0
    calls: int = 0
    refused: int = 0
    most_at_once: int = 0
    strained: int = 0

    @property
    def free(self) -> int:
        """How many calls may leave now."""
        return max(0, self.window - self.in_flight)

    @property
    def limit(self) -> int | None:
        """What the account has for us; None where it refused nothing, so that there may be more."""
        return None if self.edge is None else max(self.edge, self.proven)


def first_pace(*, most: int, leave_free: int = 0, known_limit: int | None = None, at: float = 0.0) -> Pace:
    """Begin a run.

    Args:
        most: From the settings: a number of calls, or as many as there may ever be.
        known_limit: What an earlier run learned; None begins carefully and doubles.
    """
    if known_limit is None:
        window = min(most, COLD_START)
        return Pace(most=most, leave_free=leave_free, window=window, changed_at=at)
    window = max(1, min(most, known_limit - leave_free))
    return Pace(
        most=most,
        leave_free=leave_free,
        window=window,
        proven=window,
        target=window,
        edge=known_limit,
        changed_at=at,
        probe_at=at + (_FIRST_PROBE_SECONDS if known_limit <= COLD_START else _TRUSTED_SECONDS),
    )


def taken(pace: Pace) -> Pace:
    """A place is taken, for a call that is made ready."""
    return replace(pace, in_flight=pace.in_flight + 1)


def left(pace: Pace, at: float) -> tuple[Pace, Departure]:
    """A call leaves, for which a place was taken."""
    out = pace.out + 1
    after = replace(
        pace,
        out=out,
        filled_at=at if pace.filled_at is None and out >= pace.window else pace.filled_at,
        calls=pace.calls + 1,
        most_at_once=max(pace.most_at_once, out),
    )
    return after, Departure(at, pace.out)


def sent(pace: Pace, at: float) -> tuple[Pace, Departure]:
    """A call takes a place and leaves at once."""
    return left(taken(pace), at)


def answered(pace: Pace, at: float, *, strain: float = 1.0) -> Pace:
    """A call was answered, or its answer was given up.

    Args:
        strain: How long it took, as a multiple of what was to be expected.
    """
    pace = _held(pace, at)
    pace = replace(
        pace,
        in_flight=pace.in_flight - 1,
        out=pace.out - 1,
        answered_at=at,
        answered_in_row=pace.answered_in_row + 1,
        refused_in_row=0,
        credit=min(_MOST_CREDIT, pace.credit + PROBE_SHARE * (0.5 if pace.window <= _FEW_PLACES else 1.0)),
        strained=max(0, pace.strained + (1 if strain >= _STRAIN else -1)),
    )
    return _eased(pace, at) if pace.strained > max(2, pace.window) else pace


def abandoned(pace: Pace, *, was_out: bool = True) -> Pace:
    """A call ended in a way that says nothing about the account's limit.

    Args:
        was_out: Whether it had left.
    """
    return replace(pace, in_flight=pace.in_flight - 1, out=pace.out - was_out)


def refused(pace: Pace, call: Departure, at: float) -> Pace:
    """A call was refused because too many were in flight when it left."""
    known_by_then = call.at <= pace.changed_at and call.beside >= pace.window
    pace = replace(
        pace,
        in_flight=pace.in_flight - 1,
        out=pace.out - 1,
        refused=pace.refused + 1,
        refused_in_row=pace.refused_in_row + 1,
        step=1,
    )
    if known_by_then and pace.in_flight >= pace.window:
        return pace  # it left together with one whose refusal said more
    left = max(1, call.beside)
    if call.beside >= pace.proven or pace.window > pace.proven:
        # With a question open, any call may be the one too many: they need not arrive in the order they left.
        # Of those that left together, as many were taken as are left when all refusals are known.
        shown = left if pace.refused_in_row == 1 else 0
        return _question_refused(pace, max(shown, pace.proven, pace.in_flight), at)
    # Less than what held until now: others came, or the limit fell. If it fell far, it may well rise again.
    target = max(1, left - pace.leave_free)
    fell_far = left <= pace.proven * _DECREASE
    credit = max(pace.credit, _CREDIT_AT_FIRST) if fell_far else pace.credit
    # A call fewer may be a misreading: an answer was on its way when the last one was let out. More is not.
    falls_on = fell_far or at < pace.fell_at + _LONGEST_PROBE_SECONDS
    pace = replace(pace, target=target, edge=left, credit=credit, fell_at=at)
    return _cut(pace, min(target, ceil(left * _DECREASE)) if falls_on else target, at)


def overloaded(pace: Pace, at: float) -> Pace:
    """The account showed that it is overloaded, otherwise than by a refusal: a false "Invalid login"."""
    pace = replace(pace, step=1, target=min(pace.window, max(pace.target, pace.proven)))
    return _cut(pace, pace.window // 2, at)


def grown(pace: Pace, at: float) -> Pace:
    """Widen the window if it is time; to be asked only where more calls wait than may leave."""
    if pace.free or pace.filled_at is None or pace.window >= pace.most or at < grows_at(pace):
        return pace
    if pace.answered_in_row < _answers_before_growth(pace):
        return pace
    pace = _held(pace, at)
    if pace.edge is not None and pace.window > pace.proven:
        return pace  # what was asked for before is not answered yet
    more = 1 if pace.window < max(pace.target, pace.edge or 0) else pace.step
    if pace.edge is None:
        more = pace.window
    return replace(
        pace,
        window=min(pace.most, pace.window + more),
        step=1 if pace.window + more <= (pace.edge or 0) else pace.step * 2,
        changed_at=at,
        filled_at=None,
        answered_in_row=0,
    )


def grows_at(pace: Pace) -> float:
    """Tell before when the window does not grow, whatever is answered meanwhile."""
    settled = (pace.changed_at if pace.filled_at is None else pace.filled_at) + SETTLE_SECONDS
    return settled if pace.window < pace.target else max(settled, pace.probe_at)


def waits_seconds(refusals: int, spread: float) -> float:
    """Choose how long a refused call waits: longer each time, and not in step with others.

    Args:
        refusals: How often it was refused, from 1.
        spread: From 0 up to 1, another one for each call.
    """
    return float(min(0.5 * 2.0 ** (refusals - 1), 30.0) * (0.5 + 0.5 * spread))


def _answers_before_growth(pace: Pace) -> int:
    """A cut window comes back a call a round; a question needs credit, and then no answers."""
    if pace.window < pace.target:
        return pace.window
    return 0 if pace.edge is None or pace.credit >= 1.0 or pace.window > pace.edge else 1 << 30


def _held(pace: Pace, at: float) -> Pace:
    """Take the window for proven where it was full for long enough and nothing was refused.

    While answers come in, a full window may be one of which some are on their way back. So, once there was
    a refusal, either no answer came meanwhile, or as many as the window holds.
    """
    if pace.in_flight < pace.window or pace.filled_at is None or at < pace.filled_at + SETTLE_SECONDS:
        return pace
    if pace.window <= pace.proven:
        return pace
    if (
        pace.edge is not None
        and at < pace.answered_at + SETTLE_SECONDS
        and pace.answered_in_row < pace.window
    ):
        return pace
    found_more = pace.edge is not None and pace.window > pace.edge
    return replace(
        pace,
        proven=pace.window,
        probe_seconds=_FIRST_PROBE_SECONDS if found_more else pace.probe_seconds,
    )


def _question_refused(pace: Pace, left: int, at: float) -> Pace:
    """The window was wider than what was known to hold, and now it is known; once for calls that left together."""
    window = min(pace.window, max(1, left - pace.leave_free))
    is_first = pace.refused_in_row == 1
    asked = is_first and pace.edge is not None and left >= pace.edge
    credit = max(0.0, pace.credit - 1.0) if asked else pace.credit
    return replace(
        _cut(replace(pace, target=window, edge=left, credit=credit), window, at),
        probe_at=at + pace.probe_seconds,
        probe_seconds=min(pace.probe_seconds * 2, _LONGEST_PROBE_SECONDS) if is_first else pace.probe_seconds,
    )


def _cut(pace: Pace, window: int, at: float) -> Pace:
    window = max(1, min(pace.window, window))
    return replace(
        pace,
        window=window,
        proven=min(pace.proven, window),
        changed_at=at,
        filled_at=at if pace.out >= window else None,
        probe_at=at + _FIRST_PROBE_SECONDS,
        probe_seconds=_FIRST_PROBE_SECONDS,
        answered_in_row=0,
    )


def _eased(pace: Pace, at: float) -> Pace:
    """Answers come ever later: step back a little, and come back when they do not."""
    eased = _cut(replace(pace, target=max(pace.target, pace.window)), ceil(pace.window * 0.8), at)
    return replace(eased, strained=0)
