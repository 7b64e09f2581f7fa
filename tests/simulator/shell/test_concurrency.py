"""An account answers so many calls at once, and refuses the next one."""

from contextlib import ExitStack

import pytest

from lago_ns_cli.simulator.netsuite.concurrency import ConcurrencyGate, LimitReachedError


def test_the_call_beyond_the_limit_is_refused_at_once() -> None:
    """Two slots, two calls; a third is refused until one ends."""
    gate = ConcurrencyGate(2)
    with ExitStack() as calls:
        calls.enter_context(gate.slot())
        with gate.slot(), pytest.raises(LimitReachedError), gate.slot():
            pass
        with gate.slot():
            pass

    assert (gate.in_flight, gate.most_at_once, gate.rejections) == (0, 2, 1)


def test_slots_that_others_hold_are_not_free() -> None:
    """Another program takes four of five."""
    gate = ConcurrencyGate(5)
    gate.change(held_by_others=4)
    with gate.slot(), pytest.raises(LimitReachedError), gate.slot():
        pass

    assert gate.most_at_once == 1


def test_a_failing_call_gives_its_slot_back() -> None:
    """An error inside leaves no slot taken."""
    gate = ConcurrencyGate(1)
    with pytest.raises(ZeroDivisionError), gate.slot():
        raise ZeroDivisionError

    assert gate.in_flight == 0


@pytest.mark.parametrize("change", [{"limit": 0}, {"held_by_others": -1}])
def test_senseless_limits_are_refused(change: dict[str, int]) -> None:
    """An account answers at least one call."""
    with pytest.raises(ValueError, match=r"call|slots"):
        ConcurrencyGate(5).change(**change)
