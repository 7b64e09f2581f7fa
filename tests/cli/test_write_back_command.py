"""``reconcile --write-back`` and ``reconcile revrec``, and ``sync all`` that ends with a write-back."""

import pytest

from tests.cli.conftest import Place


@pytest.fixture
def synced(fresh: Place) -> Place:
    """Everything of the organization is posted, and somebody entered a payment in NetSuite."""
    assert 0 == fresh.run("fetch-catalog").code
    assert fresh.run("sync", "all").code in (0, 1)
    return fresh


def pay(place: Place) -> str:
    """Let somebody enter a payment of one unit on the oldest open invoice of a customer."""
    row = next(
        row
        for row in place.control("netsuite/records?type=invoice")
        if str(row["externalid"]).startswith("lago:inv:") and float(row["amountremaining"]) > 1
    )
    values = {
        "customer": row["entity"], "currency": row["currency"], "payment": "1", "trandate": "2026-11-20",
        "autoapply": True, "account": "120",
    }  # fmt: skip
    arguments = {"action": "create_record", "type": "customerpayment", "values": values}
    return str(place.control("netsuite/admin", arguments)["id"])


def test_payments_and_ids_are_written_back_once(synced: Place) -> None:
    """The dry run shows each request, the run makes them, and the next one has nothing to do."""
    payment = pay(synced)
    shown = synced.run("reconcile", "--write-back", "--dry-run", "--json")
    made = synced.run("reconcile", "payment", "--write-back", "--json")
    again = synced.run("reconcile", "payment", "--write-back")

    plans = [event for event in shown.events if event["event"] == "plan" and event["kind"] == "payment_back"]
    assert (0, 1) == (shown.code, len(plans))
    assert f"netsuite:{payment}" == plans[0]["record"]["body"]["payment"]["reference"]
    outcomes = {(event["kind"], event["outcome"]) for event in made.events if event["event"] == "result"}
    assert {(kind, "created") for kind in ("payment_back", "customer_back", "invoice_back")} <= outcomes
    assert "0 writes" in again.out
    assert "payment_back" not in again.out


def test_sync_all_may_end_with_a_write_back(synced: Place) -> None:
    """Only where the settings say so."""
    pay(synced)
    before = synced.run("sync", "all", "--json")
    synced.environment["LAGO_NS_WRITE_BACK__WITH_SYNC_ALL"] = "true"
    after = synced.run("sync", "all", "--json")

    kinds = [{event["kind"] for event in run.events if event["event"] == "result"} for run in (before, after)]
    assert ["payment_back" in some for some in kinds] == [False, True]


def test_a_switch_leaves_payments_alone(synced: Place) -> None:
    """``sync_payments_back = false`` writes ids, and no payment."""
    pay(synced)
    synced.environment["LAGO_NS_WRITE_BACK__SYNC_PAYMENTS_BACK"] = "false"
    made = synced.run("reconcile", "payment", "--write-back", "--json")

    kinds = {event["kind"] for event in made.events if event["event"] == "result"}
    assert ("invoice_back" in kinds, "payment_back" in kinds) == (True, False)


def test_revenue_is_compared_with_what_was_billed(synced: Place) -> None:
    """Exit 0 where NetSuite plans what was billed; before it ran, each line is named with what to do."""
    early = synced.run("reconcile", "revrec")
    synced.control("netsuite/admin", {"action": "recognize_revenue"})
    late = synced.run("reconcile", "revrec", "--json")

    assert (1, 0) == (early.code, late.code)
    assert "no revenue element: invoice" in early.out
    assert "to do: Let NetSuite update its revenue arrangements" in early.out
    summary = late.events[-1]
    assert (0, 0) == (summary["findings"], summary["unreadable"])
    assert summary["billed"] == summary["recognized"]
