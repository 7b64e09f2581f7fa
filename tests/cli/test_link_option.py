"""``lago-ns sync customer --link``: a person says which NetSuite record a customer is."""

import json

import pytest

from tests.cli.conftest import Place


@pytest.mark.parametrize(
    ("links", "said"),
    [
        (["cust_0042"], "EXTERNAL_ID=INTERNAL_ID"),
        (["=98765"], "EXTERNAL_ID=INTERNAL_ID"),
        (["cust_0042=Hooli"], "EXTERNAL_ID=INTERNAL_ID"),
        (["cust_0042=１２"], "EXTERNAL_ID=INTERNAL_ID"),
        (["cust_0042=1", "cust_0042=2"], "two records"),
    ],
)
def test_a_link_that_cannot_be_understood_is_a_usage_error(place: Place, links: list[str], said: str) -> None:
    """Nothing is called; the message shows the form."""
    result = place.run("sync", "customer", *(word for link in links for word in ("--link", link)))

    assert 2 == result.code
    assert said in " ".join(result.err.replace("│", " ").split())


def test_a_linked_customer_is_adopted_and_only_it_is_looked_at(fresh: Place) -> None:
    """The record of the account gets Lago's ids; a second run has nothing to do."""
    (linked,) = [one for one in fresh.control("netsuite/records?type=customer") if one["id"] == "98765"]
    known = fresh.run("sync", "customer", "--dry-run", "--json")
    number = next(
        event["number"] for event in map(json.loads, known.out.splitlines()) if event["event"] == "plan"
    )

    first = fresh.run("sync", "customer", "--link", f"{number}={linked['id']}", "--json")
    again = fresh.run("sync", "customer", "--link", f"{number}={linked['id']}", "--json")

    results = [json.loads(line) for line in first.out.splitlines()]
    assert [(number, "adopted", "98765")] == [
        (event["number"], event["outcome"], event["netsuite_id"])
        for event in results
        if event["event"] == "result"
    ]
    assert (0, 0) == (first.code, again.code)
    assert '"unchanged"' in again.out
