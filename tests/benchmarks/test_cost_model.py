"""The least time in which documents can be pushed, worked out by hand."""

import pytest

from benchmarks.cost_model import Cost, Limits, optimum_seconds

SLOW = Cost(500, 500)


@pytest.mark.parametrize(
    ("documents", "batch", "limits", "seconds"),
    [
        (20, 20, [(0, 5)], 10.5),
        (400, 20, [(0, 5)], 42.0),  # four calls for each of five slots
        (3600, 20, [(0, 45)], 42.0),
        (5, 20, [(0, 5)], 3.0),  # one call that is not full
        (30, 20, [(0, 1)], 16.0),
        (0, 20, [(0, 5)], 0.0),
        (120, 20, [(0, 3), (5, 1)], 42.0),  # 3 calls at once, then one after the other
        (120, 20, [(0, 1), (5, 3)], 26.0),  # 2 more start at 5 s, one at 10.5 s, two at 15.5 s
    ],
)
def test_the_optimum_fills_every_slot_with_full_calls(
    documents: int, batch: int, limits: Limits, seconds: float
) -> None:
    """500 ms a call and 500 ms a record: ten and a half seconds for a call of twenty."""
    assert seconds == optimum_seconds(documents, batch=batch, cost=SLOW, limits=limits)
