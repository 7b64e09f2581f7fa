"""Schedules that showed a bug, planted or not, each named for it; a new one that goes wrong is added here."""

import pytest

from tests.campaigns.campaign import run_schedule

KEPT = {
    21: "saved long after our timeout by a script that had looked up before, with no quarantine",
    5: "killed in flight, with what a dead process was sending taken for unsent",
    24: "stood still until another run had the account, and wrote as if nothing had been",
    34: "worked for long without saying so, and another run took its account",
    60: "a person wrote on a customer that changed in Lago, with all of its fields sent again",
    86: "a customer was merged while a document of it was in doubt, which then was nobody's",
    5588: "a person wrote another date on a document, and another one deleted it",
}


@pytest.mark.parametrize("seed", KEPT, ids=KEPT.get)
def test_a_schedule_that_once_went_wrong_ends_well(seed: int) -> None:
    """Nothing is lost, twice or open."""
    assert [] == run_schedule(seed).problems
