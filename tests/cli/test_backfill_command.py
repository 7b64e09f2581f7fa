"""``lago-ns sync all --since``: stopped by its budget, gone on with, and tied out in the end."""

import re

from tests.cli.conftest import Place


def test_a_backfill_within_a_budget_is_gone_on_with(fresh: Place) -> None:
    """Exit 1 and what remains, then exit 0 and a tie-out in which both sides are the same."""
    first = fresh.run("sync", "all", "--since", "2024-01-01", "--max-calls", "4", "--json")
    second = fresh.run("sync", "all", "--since", "2024-01-01")
    third = fresh.run("sync", "all", "--since", "2024-01-01", "--json")
    events = third.events
    rows = [event for event in events if event["event"] == "tie_out"]

    assert 1 == first.code
    assert ("summary", False) == (first.events[-1]["event"], first.events[-1]["complete"])
    assert re.match(r"issued from \d{4}-\d\d-01 on", first.events[-2]["remaining"])
    assert "stopped by --max-calls 4" in first.err
    assert 0 == second.code
    assert re.search(r"^month\tkind\tcurrency\tbilled\tsum\tposted\tsum\tdifference$", second.out, re.M)
    assert (0, 0) == (third.code, events[-1]["writes"])
    assert {"invoice", "credit_note", "payment"} >= {row["kind"] for row in rows} >= {"invoice"}
    assert rows
    assert all(
        (row["billed_documents"], row["billed"], [])
        == (row["posted_documents"], row["posted"], row["differences"])
        for row in rows
    )
    assert events[-2]["remaining"] is None
