"""A fault plan decides by its seed alone, and says what is wrong with itself."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.simulator import faults as faults_module
from lago_ns_cli.simulator.errors import FaultPlanError
from lago_ns_cli.simulator.faults import (
    FaultPlan,
    Faults,
    HalfAnswer,
    LateCommit,
    Limit,
    Reset,
    StaleLookup,
    Status,
    load_fault_plan,
    parse_fault_plan,
)


def fired(faults: Faults, operations: list[str]) -> list[str]:
    return [
        type(fault.rule).__name__ if (fault := faults.at_body("netsuite", name)) else "-"
        for name in operations
    ]


def test_the_example_of_the_documentation_is_a_plan(tmp_path: Path) -> None:
    """What the module shows can be copied."""
    lines = (faults_module.__doc__ or "").split("::\n", 1)[1].split("The first rule", 1)[0].splitlines()
    path = tmp_path / "faults.toml"
    path.write_text("\n".join(line.removeprefix("    ") for line in lines))

    plan = load_fault_plan(path)

    assert plan.seed == 7
    assert [LateCommit, Status, HalfAnswer] == [type(rule) for rule in plan.fault]
    assert plan.longest_late_commit_seconds() == 900


def test_calls_are_counted_by_operation() -> None:
    """The second push is the second push, whatever came between."""
    faults = Faults(FaultPlan(fault=(Limit(operation="push", calls=(2,)),)))

    assert fired(faults, ["push", "find", "ping", "push", "push"]) == ["-", "-", "-", "Limit", "-"]


def test_a_count_ends_a_rule() -> None:
    """After its last time a rule is silent."""
    faults = Faults(FaultPlan(fault=(Limit(count=2),)))

    assert fired(faults, ["push"] * 4) == ["Limit", "Limit", "-", "-"]
    assert faults.injected["limit"] == 2


def test_the_first_rule_that_fits_takes_the_call() -> None:
    """Rules do not add up."""
    faults = Faults(FaultPlan(fault=(Limit(calls=(1,)), HalfAnswer())))

    assert fired(faults, ["push", "push"]) == ["Limit", "HalfAnswer"]


@given(st.integers(), st.integers(1, 60))
def test_the_same_seed_gives_the_same_faults(seed: int, calls: int) -> None:
    """Two runs with one seed agree in every choice and every duration."""
    plan = FaultPlan(seed=seed, fault=(Limit(probability=0.3), LateCommit(probability=0.5)))
    one, other = Faults(plan), Faults(plan)

    assert [one.at_body("netsuite", "push") for _ in range(calls)] == [
        other.at_body("netsuite", "push") for _ in range(calls)
    ]


@given(st.integers())
def test_a_rule_in_front_does_not_change_another_ones_luck(seed: int) -> None:
    """Each rule draws from its own stream: where the first is silent, the second falls as before."""
    late = LateCommit(probability=0.5)
    silent = Limit(count=0)
    with_front = Faults(FaultPlan(seed=seed, fault=(silent, late)))
    same_place = Faults(FaultPlan(seed=seed, fault=(HalfAnswer(count=0), late)))

    assert [with_front.at_body("netsuite", "push") for _ in range(30)] == [
        same_place.at_body("netsuite", "push") for _ in range(30)
    ]


def test_durations_come_from_the_range() -> None:
    """A number is itself; a range is drawn from."""
    plan = FaultPlan(fault=(LateCommit(after_seconds=(10, 20), calls=(1,)), LateCommit(after_seconds=5)))
    faults = Faults(plan)
    drawn, fixed = faults.at_body("netsuite", "push"), faults.at_body("netsuite", "push")

    assert drawn is not None
    assert 10 <= drawn.seconds <= 20
    assert fixed is not None
    assert fixed.seconds == 5


def test_early_resets_are_decided_before_the_body() -> None:
    """Before the body nothing is known of the operation; after it no early reset is left."""
    faults = Faults(FaultPlan(fault=(Reset(when="before_body", count=1), Reset())))

    assert faults.at_headers("netsuite")
    assert faults.at_headers("netsuite") is None
    assert faults.at_body("netsuite", "push")


def test_only_look_ups_are_stale() -> None:
    """A push passes a rule that is about look-ups, and is not counted by it."""
    faults = Faults(FaultPlan(fault=(StaleLookup(calls=(1,)),)))

    assert fired(faults, ["push", "find"]) == ["-", "StaleLookup"]


def test_sides_do_not_mix() -> None:
    """A rule for Lago leaves NetSuite alone."""
    faults = Faults(FaultPlan(fault=(HalfAnswer(target="lago", operation="invoices"),)))

    assert faults.at_body("netsuite", "invoices") is None
    assert faults.at_body("lago", "invoices")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"fault": [{"kind": "earthquake"}]}', "earthquake"),
        ('{"fault": [{"kind": "limit", "sometimes": true}]}', "sometimes"),
        ('{"fault": [{"kind": "slow"}]}', "seconds"),
        ('{"fault": [{"kind": "slow", "seconds": [9, 1]}]}', "range"),
        ('{"fault": [{"kind": "slow", "seconds": -1}]}', "seconds"),
        ('{"fault": [{"kind": "status", "status": 200}]}', "status"),
        ('{"fault": [{"kind": "limit", "probability": 2}]}', "probability"),
        ('{"fault": [{"kind": "limit", "target": "lago"}]}', "fault 1 (limit)"),
        ('{"fault": [{"kind": "reset", "when": "before_body", "operation": "push"}]}', "operation"),
        ('{"fault": [{"kind": "reset", "when": "during_body", "executed": true}]}', "executed"),
        ('{"fault": [{"kind": "stale_lookup", "operation": "push"}]}', "find and list"),
        ("no JSON", "JSON"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_with_a_reason(text: str, said: str) -> None:
    """The message names what to mend."""
    with pytest.raises(FaultPlanError, match=said.replace("(", r"\(").replace(")", r"\)")):
        parse_fault_plan(text.encode())


@pytest.mark.parametrize("content", [None, b"seed = ", b"\xff\xfe", b'[[fault]]\nkind = "no"'])
def test_a_file_that_is_no_plan_is_named(tmp_path: Path, content: bytes | None) -> None:
    """Missing, malformed, not text, unknown kind: the file's name comes first."""
    path = tmp_path / "faults.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(FaultPlanError, match=r"faults\.toml"):
        load_fault_plan(path)
