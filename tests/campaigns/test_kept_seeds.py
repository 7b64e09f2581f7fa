"""Schedules that showed a bug, planted or not, each named for it; a new one that goes wrong is added here."""

import pytest

from tests.campaigns.campaign import run_schedule

KEPT = {
    27: "saved long after our timeout by a script that had looked up before, with no quarantine",
    14: "killed in flight, with what a dead process was sending taken for unsent",
    16: "killed in flight while NetSuite is slow, with the intent recorded only after the send",
}


@pytest.mark.parametrize("seed", KEPT, ids=KEPT.get)
def test_a_schedule_that_once_went_wrong_ends_well(seed: int) -> None:
    """Nothing is lost, twice or open."""
    assert [] == run_schedule(seed).problems
