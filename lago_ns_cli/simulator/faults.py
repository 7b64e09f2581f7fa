"""Things that go wrong on purpose, from a seeded plan.

A plan is TOML (``simulator serve --faults FILE``) or the same as JSON (``POST /_simulator/faults``)::

    seed = 7                          # draws probabilities and ranges; the same seed, the same faults

    [[fault]]
    kind = "late_commit"              # NetSuite commits long after the caller gave up
    operation = "push"                # only calls of this operation; default: all
    calls = [2, 5]                    # only the 2nd and 5th such call, counted from 1; default: all
    after_seconds = [0, 900]          # a number, or a range to draw from
    answer = "silence"                # what the caller sees meanwhile

    [[fault]]
    kind = "status"
    status = 503
    probability = 0.1                 # a tenth of the calls …
    count = 3                         # … and three times at most

    [[fault]]
    target = "lago"                   # the Lago side; default: "netsuite"
    operation = "invoices"            # there: the resource after /api/v1/
    kind = "half_answer"

The first rule that fits a call takes it. Kinds and their own keys (defaults in brackets):

======================  =========================================================================================
``latency``             ``seconds``: the network is slow; the call itself is not
``slow``                ``seconds``: the script runs that much longer and holds its slot
``limit``               SSS_REQUEST_LIMIT_EXCEEDED though slots are free; nothing is executed
``false_login``         INVALID_LOGIN_ATTEMPT to a valid signature, after ``seconds`` [0]; nothing is executed
``status``              ``status`` (401, 403, 429, 5xx), ``body`` ["json"] or "html", ``retry_after``, ``executed`` [false]
``html``                an HTML page with ``status`` [200], ``executed`` [false]
``reset``               connection reset ``when`` = "before_body", "during_body" or ["after_body"]; ``executed``
                        [false] only after the body; the first two cannot name an operation, which is in the body
``half_answer``         executed; the connection ends in the middle of the answer
``commit_then_silence`` executed; no answer ever comes
``late_commit``         executed when the call comes, saved ``after_seconds`` [0, 900] later, without a look at what
                        was saved meanwhile; the slot is held as long; ``answer`` is ["silence"], "reset" or
                        "timeout" (a 504 page)
``error_but_committed`` executed; the answer is an error with ``code`` [UNEXPECTED_ERROR]
``ok_without_commit``   the answer says done, and NetSuite rolls everything back
``stale_lookup``        ``find`` and ``list`` answer from the state of ``seconds`` [60] ago
``record_changed``      the next ``times`` [1] saves of existing records in the call lose the optimistic lock
``closed_period``       the accounting period of ``date`` closes before the call; open again ``reopen_after_seconds``
                        later where given
``person``              somebody does ``action`` with ``arguments`` (as POST /_simulator/netsuite/admin takes
                        them) ``when`` = ["before"] or "after" the call
======================  =========================================================================================

``latency``, ``status``, ``html``, ``reset``, ``half_answer`` and ``commit_then_silence`` also work on the Lago side.
"""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from lago_ns_cli.simulator.errors import FaultPlanError

Target = Literal["netsuite", "lago"]
Seconds = float | tuple[float, float]
"""A duration, or a range to draw it from. Its bounds are checked below: msgspec 0.22 crashes on a fixed tuple of
constrained numbers when the garbage collector runs at the wrong moment."""

PersonAction = Literal[
    "activate",
    "close_period",
    "create_record",
    "deactivate",
    "delete_field",
    "delete_record",
    "edit_record",
    "edit_revenue",
    "lock_receivables",
    "merge_customers",
    "open_period",
    "recognize_revenue",
    "set_feature",
    "set_permission",
    "set_precision",
    "set_released",
    "unapply_field",
    "void_record",
]


def _kind(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class Rule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=_kind
):
    """Which calls a fault takes; each kind adds its own keys."""

    target: Target = "netsuite"
    operation: str | None = None
    calls: tuple[Annotated[int, msgspec.Meta(ge=1)], ...] = ()
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    count: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Latency(Rule, frozen=True, kw_only=True):
    """The network is slow."""

    seconds: Seconds


class Slow(Rule, frozen=True, kw_only=True):
    """The script runs longer and holds its slot."""

    seconds: Seconds


class Limit(Rule, frozen=True, kw_only=True):
    """The concurrency limit is said to be reached."""


class FalseLogin(Rule, frozen=True, kw_only=True):
    """A valid login is refused, as overloaded accounts do."""

    seconds: Seconds = 0.0


class Status(Rule, frozen=True, kw_only=True):
    """Another HTTP status than the one deserved."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)]
    body: Literal["json", "html"] = "json"
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    executed: bool = False


class Html(Rule, frozen=True, kw_only=True):
    """A page where JSON belongs."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 200
    executed: bool = False


class Reset(Rule, frozen=True, kw_only=True):
    """The connection is reset."""

    when: Literal["before_body", "during_body", "after_body"] = "after_body"
    executed: bool = False


class HalfAnswer(Rule, frozen=True, kw_only=True):
    """The connection ends in the middle of the answer."""


class CommitThenSilence(Rule, frozen=True, kw_only=True):
    """Executed, never answered."""


class LateCommit(Rule, frozen=True, kw_only=True):
    """Saved long after the caller gave up, by a script that looked up before."""

    after_seconds: Seconds = (0.0, 900.0)
    answer: Literal["silence", "reset", "timeout"] = "silence"


class ErrorButCommitted(Rule, frozen=True, kw_only=True):
    """Executed, answered with an error."""

    code: str = "UNEXPECTED_ERROR"
    message: str = "An unexpected error occurred. Error ID: sim0committed"


class OkWithoutCommit(Rule, frozen=True, kw_only=True):
    """Answered as done, rolled back."""


class StaleLookup(Rule, frozen=True, kw_only=True):
    """A look-up that answers from an older state."""

    seconds: Seconds = 60.0


class RecordChanged(Rule, frozen=True, kw_only=True):
    """Somebody else saves a record between load and save."""

    times: Annotated[int, msgspec.Meta(ge=1)] = 1


class ClosedPeriod(Rule, frozen=True, kw_only=True):
    """Month-end comes in the middle of a run."""

    date: dt.date
    reopen_after_seconds: Seconds | None = None


class Person(Rule, frozen=True, kw_only=True):
    """A person edits, merges, deletes or otherwise interferes."""

    action: PersonAction
    arguments: dict[str, Any] = {}
    when: Literal["before", "after"] = "before"


AnyRule = (
    Latency
    | Slow
    | Limit
    | FalseLogin
    | Status
    | Html
    | Reset
    | HalfAnswer
    | CommitThenSilence
    | LateCommit
    | ErrorButCommitted
    | OkWithoutCommit
    | StaleLookup
    | RecordChanged
    | ClosedPeriod
    | Person
)

_ON_LAGO_TOO = Latency | Status | Html | Reset | HalfAnswer | CommitThenSilence
_LOOK_UPS = frozenset({"find", "list"})
_DURATION_FIELDS = ("seconds", "after_seconds", "reopen_after_seconds")


class FaultPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong, and the seed that decides when."""

    seed: int = 0
    fault: tuple[AnyRule, ...] = ()

    def longest_late_commit_seconds(self) -> float:
        """Return the longest time after which a commit may still happen; 0 where none is late."""
        return max(
            (_upper(rule.after_seconds) for rule in self.fault if isinstance(rule, LateCommit)), default=0.0
        )

    def longest_stale_seconds(self) -> float:
        """Return how far look-ups may lag behind; 0 where none does."""
        return max(
            (_upper(rule.seconds) for rule in self.fault if isinstance(rule, StaleLookup)), default=0.0
        )


@dataclass(frozen=True)
class Fault:
    """A rule that has taken a call, with its duration drawn.

    Attributes:
        seconds: Drawn from the rule's own range; 0 where the kind has none.
    """

    rule: AnyRule
    seconds: float = 0.0


def load_fault_plan(path: Path) -> FaultPlan:
    """Read a plan from a TOML file.

    Raises:
        FaultPlanError: The file is missing, is not TOML, or holds an unknown kind, key or value.
    """
    try:
        return _checked(msgspec.toml.decode(path.read_bytes(), type=FaultPlan))
    except OSError as error:
        raise FaultPlanError(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, FaultPlanError) as error:
        raise FaultPlanError(
            f"{path}: {error}", hint="Kinds and keys: pydoc lago_ns_cli.simulator.faults"
        ) from error


def parse_fault_plan(body: bytes) -> FaultPlan:
    """Read a plan from JSON.

    Raises:
        FaultPlanError: It is not JSON, or holds an unknown kind, key or value.
    """
    try:
        return _checked(msgspec.json.decode(body, type=FaultPlan))
    except msgspec.DecodeError as error:
        raise FaultPlanError(str(error)) from error


class Faults:
    """Decides call by call what goes wrong.

    Calls are counted per rule, and each rule draws from its own stream of random numbers, so adding a rule
    does not change what another one does.
    """

    def __init__(self, plan: FaultPlan = FaultPlan()) -> None:  # noqa: B008 (frozen)
        self.injected: Counter[str] = Counter()
        self.replace(plan)

    def replace(self, plan: FaultPlan) -> None:
        """Start over with another plan."""
        self.plan = plan
        self._dice = [_RuleState(random.Random(f"{plan.seed}/{index}")) for index in range(len(plan.fault))]

    def at_headers(self, target: Target) -> Fault | None:
        """Decide before the body is read: only resets before or during the body."""
        return self._first(target, None, early=True)

    def at_body(self, target: Target, operation: str) -> Fault | None:
        """Decide when the whole request is there."""
        return self._first(target, operation, early=False)

    def _first(self, target: Target, operation: str | None, *, early: bool) -> Fault | None:
        taken: Fault | None = None
        for rule, state in zip(self.plan.fault, self._dice, strict=True):
            if rule.target != target or _is_early(rule) != early or not _operation_fits(rule, operation):
                continue
            if state.fires(rule, free=taken is None):
                taken = Fault(rule, _draw(_duration(rule), state.dice))
                self.injected[_kind(type(rule).__name__)] += 1
        return taken


class _RuleState:
    """How often a rule was asked and how often it fired."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.asked = 0
        self.fired = 0

    def fires(self, rule: Rule, *, free: bool) -> bool:
        """Count the call and roll, also when another rule has it: a rule's stream is its own."""
        self.asked += 1
        lucky = self.dice.random() < rule.probability
        if not free or not lucky or (rule.calls and self.asked not in rule.calls):
            return False
        if rule.count is not None and self.fired >= rule.count:
            return False
        self.fired += 1
        return True


def _checked(plan: FaultPlan) -> FaultPlan:
    for number, rule in enumerate(plan.fault, start=1):
        problem = _problem(rule)
        if problem:
            raise FaultPlanError(f"fault {number} ({_kind(type(rule).__name__)}): {problem}")
    return plan


def _problem(rule: AnyRule) -> str | None:
    duration = _duration(rule)
    if duration is not None and not (_lower(duration) >= 0 and isfinite(_upper(duration))):
        return "seconds are a number, zero or more"
    if duration is not None and _lower(duration) > _upper(duration):
        return "the range of seconds ends before it begins"
    if rule.target == "lago" and not isinstance(rule, _ON_LAGO_TOO):
        return "this kind exists only on the NetSuite side"
    if _is_early(rule) and rule.operation is not None:
        return "a reset before the whole body came cannot depend on the operation, which is in the body"
    if _is_early(rule) and isinstance(rule, Reset) and rule.executed:
        return "nothing is executed before the whole body came"
    if isinstance(rule, StaleLookup) and rule.operation not in (None, *_LOOK_UPS):
        return "only find and list can be stale"
    return None


def _operation_fits(rule: Rule, operation: str | None) -> bool:
    if isinstance(rule, StaleLookup) and operation not in _LOOK_UPS:
        return False
    return rule.operation is None or rule.operation == operation


def _is_early(rule: Rule) -> bool:
    return isinstance(rule, Reset) and rule.when != "after_body"


def _duration(rule: Rule) -> Seconds | None:
    found: Sequence[Seconds | None] = [
        getattr(rule, name) for name in _DURATION_FIELDS if hasattr(rule, name)
    ]
    return found[0] if found else None


def _lower(seconds: Seconds) -> float:
    return seconds[0] if isinstance(seconds, tuple) else seconds


def _upper(seconds: Seconds) -> float:
    return seconds[1] if isinstance(seconds, tuple) else seconds


def _draw(seconds: Seconds | None, dice: random.Random) -> float:
    if seconds is None:
        return 0.0
    return dice.uniform(*seconds) if isinstance(seconds, tuple) else seconds
