"""How many documents a call carries: few where they are slow or dear, many where they are fast."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.batching import (
    TARGET_SECONDS,
    CallCosts,
    after_call,
    after_cut,
    batch_bound,
    batch_share,
    costs_like,
    weight_bound,
)
from lago_ns_cli.domain.run_record import Learned, read_learned


def learned(per_call: float, per_document: float, sizes: list[int], units: float | None = None) -> CallCosts:
    costs = CallCosts()
    for size in sizes:
        costs = after_call(costs, weight=size, seconds=per_call + size * per_document, units=units)
    return costs


@pytest.mark.parametrize(("per_call", "per_document"), [(0.5, 0.5), (0.2, 0.0), (0.0, 3.0), (1.0, 0.05)])
def test_the_costs_of_calls_are_found_out(per_call: float, per_document: float) -> None:
    """From calls of several sizes, the fixed part and the part of each document."""
    costs = learned(per_call, per_document, [20, 5, 12, 20, 1, 20])

    assert pytest.approx(per_call, abs=1e-6) == costs.per_call
    assert pytest.approx(per_document, abs=1e-6) == costs.per_weight


@pytest.mark.parametrize(
    ("seconds_a_document", "fits"),
    [
        (0.05, 600),  # a fast account: the cap decides
        (0.5, 60),
        (5.0, 6),
        (40.0, 1),  # not even one fits, and one goes
    ],
)
def test_a_call_ends_in_good_time(seconds_a_document: float, fits: int) -> None:
    """Well before NetSuite ends the script, and before our own script stops."""
    costs = learned(0.0, seconds_a_document, [20, 5, 12])

    assert fits == int(weight_bound(costs) + 1e-6)


def test_latency_that_jumps_makes_small_batches() -> None:
    """Twenty times as slow: after a few answers a call carries what it can get done."""
    costs = learned(0.5, 0.5, [20] * 10)
    for _ in range(5):
        fits = min(20, int(weight_bound(costs)))
        costs = after_call(costs, weight=fits, seconds=0.5 + fits * 10.0, units=None)

    assert 5 >= weight_bound(costs)


def test_units_bound_a_batch() -> None:
    """A script has 5,000 units, and ours begins no document with fewer than 210."""
    assert 47 == batch_bound(learned(0.5, 0.5, [5], units=100), 200)


def test_a_call_that_was_cut_short_is_learned_from() -> None:
    """The next call carries what it got done; later ones ask for more, a tenth at a time."""
    costs = after_cut(learned(0.5, 0.5, [20]), 7)
    bounds = [batch_bound(costs, 20)]
    for _ in range(12):
        costs = after_call(costs, weight=7, seconds=4.0, units=None)
        bounds.append(batch_bound(costs, 20))

    assert 7 == bounds[0]
    assert sorted(bounds) == bounds
    assert 20 == bounds[-1]


@pytest.mark.parametrize(
    ("waiting", "free", "expected"),
    [
        (1000, 5, 20),  # more than all places can carry
        (60, 5, 12),  # shared out
        (20, 5, 4),
        (3, 5, 1),
    ],
)
def test_what_is_little_is_shared_out(waiting: int, free: int, expected: int) -> None:
    """At the start and at the end of a run no place idles while another has all there is."""
    assert expected == batch_share(learned(0.5, 0.5, [20, 5]), 20, waiting=waiting, free=free)


@pytest.mark.parametrize(("per_call", "least"), [(0.5, 1), (2.0, 4), (60.0, 20)])
def test_half_of_a_call_at_least_is_work(per_call: float, least: int) -> None:
    """Where a call costs much by itself, fewer places are used rather than many calls made."""
    assert least == batch_share(learned(per_call, 0.5, [20, 5]), 20, waiting=3, free=5)


@given(
    st.lists(st.tuples(st.floats(1, 300), st.floats(0, 400), st.none() | st.floats(1, 5000)), max_size=40),
    st.integers(1, 200),
    st.integers(0, 1000),
    st.integers(0, 100),
)
def test_a_batch_is_never_empty_and_never_beyond_the_cap(
    calls: list[tuple[float, float, float | None]], cap: int, waiting: int, free: int
) -> None:
    """Whatever was measured."""
    costs = CallCosts()
    for weight, seconds, units in calls:
        costs = after_call(costs, weight=weight, seconds=seconds, units=units)
    bound = batch_bound(costs, cap)

    assert 1 <= bound <= cap
    assert 1 <= batch_share(costs, bound, waiting=waiting, free=free) <= bound
    assert 1.0 <= weight_bound(costs)
    assert 0.0 <= costs.per_call
    assert 0.0 <= costs.per_weight
    assert TARGET_SECONDS > 0


def test_what_was_learned_is_where_the_next_run_begins() -> None:
    """From one run's figures to the other's, through the text that is kept."""
    told = Learned(15, 0.5, 0.25).as_text()
    costs = costs_like(read_learned(told))

    assert pytest.approx(0.5) == costs.per_call
    assert pytest.approx(0.25) == costs.per_weight
    assert Learned() == read_learned(None) == read_learned("no JSON") == read_learned('{"limit": "many"}')
