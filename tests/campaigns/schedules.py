"""What happens in a schedule: drawn from a seed, so that the same seed is the same schedule."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from lago_ns_cli.domain.identifiers import Kind
from lago_ns_cli.simulator.faults import FaultPlan, parse_fault_plan
from lago_ns_cli.simulator.netsuite.switches import Switches
from lago_ns_cli.simulator.options import TaxRegime, WorldOptions
from lago_ns_cli.workflows.push import PushSettings
from lago_ns_cli.workflows.sync import ORDER
from tests.campaigns.people import DeedKind, PlannedDeed
from tests.campaigns.processes import Boundary, Stall, StallPoint

Rule = dict[str, Any]

MOST_DISTURBED_RUNS = 16
FEWEST_DISTURBED_RUNS = 3
ENOUGH_FAULTS = 5

_SIZES = ((8, 4), (10, 4), (10, 5))
"""Invoices and customers of the organizations; with credit notes and payments, each has 20 documents or more, and
from ten invoices on one of them consumes a credit note."""

_PAUSES = (20, 60, 300, 300, 300, 900)
"""Seconds between two runs, as cron makes them."""


@dataclass(frozen=True)
class Town:
    """The organization of a schedule, and the account's tax system; many schedules share one."""

    seed: int
    invoices: int
    customers: int
    regime: TaxRegime

    def options(self, **more: Any) -> WorldOptions:
        """Say what its world is made from."""
        return WorldOptions(
            seed=self.seed,
            invoices=self.invoices,
            customers=self.customers,
            tax_regime=self.regime,
            latency_ms=200,
            cost_ms_per_record=300,
            **more,
        )


@dataclass(frozen=True)
class Overlap:
    """A second run that starts while the first one may still be at work.

    Attributes:
        stall: Where the first one stands still; None lets it work.
        after_seconds: When the second one starts, counted from that standstill, or from the start of the first.
    """

    stall: Stall | None
    after_seconds: float


@dataclass(frozen=True)
class DisturbedRun:
    """One run while things go wrong.

    Attributes:
        dies_at: The boundary at which its process is killed, as the number of those it passes.
        dies_first: Or at the first boundary of this kind. Without either, it lives.
        pause_seconds: Until the next one starts.
        overlap: The run that cron starts beside it.
        deeds: What people do in NetSuite meanwhile.
    """

    kinds: tuple[Kind, ...]
    plan: FaultPlan
    dies_at: int | None
    dies_first: Boundary | None
    pause_seconds: float
    overlap: Overlap | None = None
    deeds: tuple[PlannedDeed, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """Everything that a seed decides.

    Attributes:
        unique: Whether the account refuses a second record with the same key.
        lies: Whether the account may say done and roll back, which nobody can see at once.
        edit_after: A customer changes in Lago after this many runs.
    """

    seed: int
    town: Town
    unique: bool
    lies: bool
    push: PushSettings
    runs: tuple[DisturbedRun, ...]
    edit_after: int

    def options(self) -> WorldOptions:
        """Say what its world is made from."""
        return self.town.options(switches=Switches(externalid_unique=self.unique))


def draw_schedule(seed: int) -> Schedule:
    """Draw a schedule; every second one is of an account that takes the same key twice."""
    dice = random.Random(f"schedule/{seed}")
    town = draw_town(seed)
    lies = seed % 10 == 7
    runs = tuple(_draw_run(dice, number, lies=lies) for number in range(MOST_DISTURBED_RUNS))
    return Schedule(
        seed=seed,
        town=town,
        unique=seed % 2 == 0,
        lies=lies,
        push=PushSettings(batch=dice.choice((2, 3, 5, 20)), concurrency=dice.choice((1, 2, 3))),
        runs=_with_company(runs, random.Random(f"company/{seed}"), lies=lies),
        edit_after=dice.randrange(1, 4),
    )


def draw_town(seed: int) -> Town:
    """Choose one of a few organizations."""
    invoices, customers = _SIZES[seed % len(_SIZES)]
    return Town(1 + seed % 6, invoices, customers, "legacy" if seed % 4 == 3 else "suitetax")


def _draw_run(dice: random.Random, number: int, *, lies: bool) -> DisturbedRun:
    rules = [_draw_rule(dice, lies=lies) for _ in range(dice.randrange(2, 5))]
    # A process that dies while NetSuite is slow leaves nothing but its intent behind.
    forgotten = dice.random() < 0.15
    if forgotten:
        rules.insert(0, {"kind": "late_commit", "operation": "push", "after_seconds": [30, 900]})
    dies_at = dice.randrange(1, 40 if number < 2 else 16) if dice.random() < 0.45 else None
    kinds = ORDER if dice.random() < 0.75 else tuple(kind for kind in ORDER if dice.random() < 0.5) or ORDER
    return DisturbedRun(
        kinds=kinds,
        plan=parse_fault_plan(msgspec.json.encode({"seed": dice.randrange(2**31), "fault": rules})),
        dies_at=None if forgotten else dies_at,
        dies_first=Boundary.IN_FLIGHT if forgotten else None,
        pause_seconds=dice.choice(_PAUSES),
    )


def _with_company(
    runs: Sequence[DisturbedRun], dice: random.Random, *, lies: bool
) -> tuple[DisturbedRun, ...]:
    """Draw other runs and people beside some of the runs, from dice of their own."""
    people = not lies and dice.random() < _PEOPLE
    return tuple(
        replace(
            run,
            overlap=_draw_overlap(dice) if dice.random() < _OVERLAPS else None,
            deeds=_draw_deeds(dice, busy=number < 2) if people and dice.random() < _DEEDS else (),
        )
        for number, run in enumerate(runs)
    )


_PEOPLE = 0.6
"""Share of the schedules in which people work in NetSuite, and of those schedules' runs in which they do something."""

_DEEDS = 0.8

_OVERLAPS = 0.25


def _draw_overlap(dice: random.Random) -> Overlap:
    if dice.random() < 0.4:
        return Overlap(None, dice.choice((0, 0.5, 2, 40, 320)))
    point = dice.choice(tuple(StallPoint))
    number = dice.randrange(1, 12) if point is StallPoint.BEFORE_READ else dice.randrange(1, 3)
    return Overlap(Stall(point, number, dice.choice((60, 200, 400, 1300))), dice.choice((1, 100, 310, 350)))


def _draw_deeds(dice: random.Random, *, busy: bool) -> tuple[PlannedDeed, ...]:
    kinds = tuple(DeedKind)
    return tuple(
        PlannedDeed(dice.randrange(1, 40 if busy else 16), dice.choice(kinds), dice.random())
        for _ in range(dice.randrange(1, 4))
    )


def _draw_rule(dice: random.Random, *, lies: bool) -> Rule:
    if lies and dice.random() < 0.3:
        return {"kind": "ok_without_commit", "operation": "push", "calls": [dice.randrange(1, 4)]}
    if dice.random() < 0.15:
        return _draw_for_lago(dice)
    kind = dice.choice(list(_OF_NETSUITE))
    rule: Rule = {"kind": kind, **_OF_NETSUITE[kind](dice)}
    if rule.get("when") in ("before_body", "during_body"):
        return {**rule, "calls": [dice.randrange(1, 8)]}
    if kind == "stale_lookup":
        return {**rule, "count": 3}
    operation = dice.choice(("push", "push", "push", "push", "find", "ping"))
    late = dice.randrange(1, 4) if operation == "push" else 1
    return {**rule, "operation": operation, "calls": [late, late + 1] if dice.random() < 0.3 else [late]}


def _draw_for_lago(dice: random.Random) -> Rule:
    rules: tuple[Rule, ...] = (
        {"kind": "status", "status": dice.choice((401, 429, 500, 503))},
        {"kind": "html", "status": 502},
        {"kind": "reset"},
        {"kind": "half_answer"},
        {"kind": "latency", "seconds": dice.choice((5, 120))},
    )
    return {"target": "lago", **dice.choice(rules), "calls": [dice.randrange(1, 12)]}


def _status(dice: random.Random) -> Rule:
    status = dice.choice((401, 403, 429, 500, 502, 503))
    body = dice.choice(("json", "html"))
    return {"status": status, "body": body, "executed": status in (500, 502) and dice.random() < 0.5}


def _reset(dice: random.Random) -> Rule:
    when = dice.choice(("before_body", "during_body", "after_body", "after_body"))
    return {"when": when, "executed": when == "after_body" and dice.random() < 0.6}


def _closed_period(dice: random.Random) -> Rule:
    day = f"2026-{dice.choice(('08', '09', '10'))}-15"
    reopened: Rule = {"reopen_after_seconds": 900} if dice.random() < 0.5 else {}
    return {"date": day, **reopened}


_OF_NETSUITE: Mapping[str, Callable[[random.Random], Rule]] = {
    "latency": lambda dice: {"seconds": dice.choice((1, 30, 400))},
    "slow": lambda dice: {"seconds": dice.choice((5, 200, 340))},
    "limit": lambda _: {},
    "false_login": lambda dice: {"seconds": dice.choice((0, 60))},
    "status": _status,
    "html": lambda dice: {"status": dice.choice((200, 502, 504)), "executed": dice.random() < 0.5},
    "reset": _reset,
    "half_answer": lambda _: {},
    "commit_then_silence": lambda _: {},
    "late_commit": lambda dice: {
        "after_seconds": [0, 900],
        "answer": dice.choice(("silence", "reset", "timeout")),
    },
    "error_but_committed": lambda _: {},
    "stale_lookup": lambda _: {"seconds": 60},
    "record_changed": lambda dice: {"times": dice.choice((1, 1, 2))},
    "closed_period": _closed_period,
}
