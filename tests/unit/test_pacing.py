"""How many calls are in flight: figures from a simulation by events, and laws over any course of events."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain import pacing
from lago_ns_cli.domain.pacing import COLD_START, Departure, Pace, first_pace
from tests.unit.pace_model import Account, Client, optimum, run

BATCH = 20


def share_of_optimum(limit: int, *, known: bool, rounds: int = 4, work_seconds: float = 0.0) -> float:
    """Post (rounds × limit × 20) documents; give the rate as a share of what the account can take."""
    documents = rounds * limit * BATCH
    pace = first_pace(most=100, known_limit=limit if known else None)
    client = run(Client(pace, documents, BATCH, work_seconds), Account(lambda _: limit))
    assert documents == client.posted
    return documents / client.ended_at / optimum(limit, BATCH)


@pytest.mark.parametrize(("limit", "least"), [(5, 0.95), (15, 0.95), (45, 0.90)])
def test_a_known_limit_is_used_whole(limit: int, least: float) -> None:
    """What an earlier run learned is where the next one starts."""
    assert least <= share_of_optimum(limit, known=True)


@pytest.mark.parametrize(("limit", "least"), [(5, 0.80), (15, 0.80), (45, 0.80)])
def test_an_unknown_limit_is_found_in_seconds(limit: int, least: float) -> None:
    """From a cold start the window doubles each second until the first refusal."""
    assert least <= share_of_optimum(limit, known=False)


@pytest.mark.parametrize("known", [True, False])
def test_a_slow_machine_does_not_misread_the_account(known: bool) -> None:
    """Where answers lie about before they are taken in, calls that have ended do not count as held."""
    assert 0.80 <= share_of_optimum(15, known=known, rounds=6, work_seconds=0.1)


@pytest.mark.parametrize("known", [None, 1, 5])
@pytest.mark.parametrize("batch", [1, 3, 5])
def test_beside_a_program_that_holds_most_places_few_calls_are_refused(batch: int, known: int | None) -> None:
    """Another program holds 4 of 5: asking for more happens, seldom, and everything is posted."""
    pace = first_pace(most=100, known_limit=known)
    client = run(Client(pace, 450 * batch, batch), Account(lambda _: 1))

    later = client.calls[30:]
    assert 400 <= len(later)
    assert 0.05 >= sum(later) / len(later)
    assert 450 * batch == client.posted


@dataclass(frozen=True)
class Dip:
    """A limit of 15 that is 5 for a while."""

    begins: float
    ends: float

    def __call__(self, at: float) -> int:
        return 5 if self.begins <= at < self.ends else 15


@pytest.mark.parametrize("dip", [Dip(20, 60), Dip(31.5, 63), Dip(40, 80), Dip(30, 100)], ids=str)
@pytest.mark.parametrize("known", [None, 15])
def test_a_limit_that_falls_and_rises_is_followed(dip: Dip, known: int | None) -> None:
    """15, 5 and 15 again in one run: at least 0.85 of what the account could have taken."""
    client = run(Client(first_pace(most=100, known_limit=known), 5_000, 10), Account(dip))
    tenths = range(int(client.ended_at * 10))
    possible = sum(optimum(dip(tenth / 10), 10) / 10 for tenth in tenths)

    assert 0.85 <= client.posted / possible


def test_places_are_left_to_others() -> None:
    """With one to be left free, a limit of five is used with four; the question for more is short."""
    client = run(Client(first_pace(most=100, leave_free=1), 2_000, BATCH), Account(lambda _: 5))

    assert 4 == client.pace.window
    assert 5 == client.pace.limit


def test_a_number_of_calls_is_never_exceeded() -> None:
    """However much the account would take."""
    client = run(Client(first_pace(most=4, known_limit=4), 2_000, BATCH), Account(lambda _: 50))

    assert 4 == client.pace.most_at_once
    assert not any(client.calls)


def test_refusals_of_calls_that_left_together_count_once() -> None:
    """Eight left at once and five were taken: the window is five, not what remains after three cuts."""
    pace = first_pace(most=100, known_limit=8)
    calls = []
    for _ in range(8):
        pace, call = pacing.sent(pace, 0.0)
        calls.append(call)
    for call in calls[5:]:
        pace = pacing.refused(pace, call, 0.05)

    assert (5, 5) == (pace.in_flight, pace.limit)
    assert 4 <= pace.window <= 5


def test_calls_that_overtake_each_other_do_not_cut_what_held() -> None:
    """The sixth call arrives before the fifth, which is refused in its place: five held before, and hold."""
    pace = first_pace(most=100, known_limit=5)
    calls = []
    for _ in range(5):
        pace, call = pacing.sent(pace, 20.0)
        calls.append(call)
    pace = pacing.grown(pace, 21.0)
    pace, _ = pacing.sent(pace, 21.0)
    assert 6 == pace.window

    assert 5 == pacing.refused(pace, calls[4], 21.05).window


def test_calls_that_left_together_are_refused_in_any_order() -> None:
    """Twelve held, eight more are tried, three of these are taken: fifteen, whichever five come too late."""
    pace = replace(first_pace(most=100, known_limit=12), window=20)
    calls = []
    for _ in range(20):
        pace, call = pacing.sent(pace, 20.0)
        calls.append(call)
    for call in (*calls[12:15], *calls[18:]):
        pace = pacing.refused(pace, call, 20.05)

    assert (15, 15) == (pace.window, pace.limit)
    assert 1.0 == 2.0 - pace.credit


def test_what_is_known_is_trusted_at_first() -> None:
    """No question is asked as a run begins, whatever the clock says then."""
    pace = first_pace(most=100, known_limit=5, at=9_000.0)
    for _ in range(5):
        pace, _ = pacing.sent(pace, 9_000.0)

    assert 5 == pacing.grown(pace, 9_002.0).window
    assert 6 == pacing.grown(pace, 9_020.0).window


def test_an_account_under_strain_gets_fewer_calls() -> None:
    """Answers that take many times as long as they did: a step back, and no more than a step."""
    pace = first_pace(most=100, known_limit=10)
    for _ in range(12):
        pace, _ = pacing.sent(pace, 0.0)
        pace = pacing.answered(pace, 100.0, strain=20.0)

    assert 8 == pace.window


def test_a_false_login_error_halves_the_window() -> None:
    """An account that is overloaded may say so by refusing a valid login."""
    pace = pacing.overloaded(first_pace(most=100, known_limit=10), 1.0)

    assert 5 == pace.window


@pytest.mark.parametrize("spread", [0.0, 0.5, 0.99])
def test_waits_double_and_are_spread(spread: float) -> None:
    """No wait is shorter than half of the step it belongs to, and none is longer than 30 s."""
    waits = [pacing.waits_seconds(refusals, spread) for refusals in range(1, 12)]

    assert sorted(waits) == waits
    assert 0.25 <= waits[0] <= 0.5
    assert 15.0 <= waits[-1] <= 30.0


events = st.lists(
    st.tuples(
        st.sampled_from(("send", "answer", "strained", "refuse", "abandon", "overload", "grow")),
        st.floats(0, 5),
    ),
    max_size=200,
)


@given(events, st.integers(1, 50), st.integers(0, 5), st.none() | st.integers(1, 60))
def test_whatever_happens_the_window_is_within_bounds(
    course: list[tuple[str, float]], most: int, leave_free: int, known: int | None
) -> None:
    """One call may always leave, never more than the settings allow, and a refusal never widens."""
    pace = first_pace(most=most, leave_free=leave_free, known_limit=known)
    out: list[Departure] = []
    at = 0.0
    for what, seconds in course:
        at += seconds
        before = pace
        pace = happen(pace, what, at, out)
        if what in ("refuse", "overload"):
            assert pace.window <= before.window
        assert 1 <= pace.window <= most
        assert len(out) == pace.in_flight
        assert pace.window >= COLD_START or pace.window <= most
        assert pace.refused <= pace.calls


def happen(pace: Pace, what: str, at: float, out: list[Departure]) -> Pace:
    if what == "grow":
        return pacing.grown(pace, at)
    if what == "overload":
        return pacing.overloaded(pace, at)
    if what == "send":
        if not pace.free:
            return pace
        pace, call = pacing.sent(pace, at)
        out.append(call)
        return pace
    if not out:
        return pace
    call = out.pop(0)
    if what == "refuse":
        return pacing.refused(pace, call, at)
    if what == "abandon":
        return pacing.abandoned(pace)
    return pacing.answered(pace, at, strain=9.0 if what == "strained" else 1.0)
