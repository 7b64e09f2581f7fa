"""Reads are tried again, a bounded number of times, each later than the one before."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.errors import LimitError, RejectedError, TransientError
from lago_ns_cli.retries import RetryPolicy, retry_reads

POLICY = RetryPolicy(attempts=4, first_delay_seconds=1.0, max_delay_seconds=3.0)


def run(*outcomes: Exception | str) -> tuple[object, list[float]]:
    """Read until something else than an error comes, or the attempts end."""
    left, waits = list(outcomes), []

    async def read() -> str:
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    try:
        return asyncio.run(retry_reads(read, POLICY, sleep=sleep, random=lambda: 0.5)), waits
    except Exception as error:  # noqa: BLE001 (the error is the result)
        return error, waits


def unreachable(asked: float | None = None) -> TransientError:
    return LimitError("busy", system="Lago", retry_after_seconds=asked)


@pytest.mark.parametrize(
    ("outcomes", "waits"),
    [
        (("done",), []),
        ((unreachable(), "done"), [0.5]),
        ((unreachable(), unreachable(), unreachable(), "done"), [0.5, 1.0, 1.5]),
        ((unreachable(2.0), "done"), [2.0]),  # what the server asks for is not undercut
        ((unreachable(3600.0), "done"), [3.0]),  # nor waited for without end
    ],
)
def test_a_read_is_made_again_until_it_succeeds(
    outcomes: tuple[Exception | str, ...], waits: list[float]
) -> None:
    """Waits double up to a maximum."""
    assert ("done", waits) == run(*outcomes)


def test_attempts_are_bounded() -> None:
    """The last error is the one that is told."""
    last = unreachable()

    assert (last, [0.5, 1.0, 1.5]) == run(unreachable(), unreachable(), unreachable(), last)


def test_other_errors_end_the_attempts() -> None:
    """What was refused stays refused."""
    refused = RejectedError("no", system="Lago")

    assert (refused, []) == run(refused)


@given(
    attempt=st.integers(1, 200),
    asked=st.none() | st.floats(0, 1e6),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_no_wait_is_longer_than_the_maximum(attempt: int, asked: float | None, draw: float) -> None:
    """Whatever the attempt, the server's wish and the draw."""
    assert 0 <= POLICY.delay_seconds(attempt, asked, lambda: draw) <= 3.0
