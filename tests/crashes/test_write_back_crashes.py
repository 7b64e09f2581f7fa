"""Whenever a process is killed while it tells Lago what NetSuite had first: no payment twice, none lost, none echoed."""

import json
import urllib.request
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.cli.conftest import Place
from tests.crashes.rounds import unpaid_of
from tests.crashes.test_crashes import Campaign, integrity, place

__all__ = ["place"]

AROUND_A_WRITE = [
    "after record_intents",
    "before write",
    "during write",
    "after write",
    "before record_outcomes",
]


class BackCampaign(Campaign):
    """Processes that sync and then write back, each with a payment that people entered in NetSuite since the last.

    Attributes:
        paid: The payments that people entered, by the invoice's key.
    """

    documents = staticmethod(unpaid_of)

    def __init__(self, place: Place, seed: int, *, whole: bool) -> None:
        place.environment["LAGO_NS_WRITE_BACK__WITH_SYNC_ALL"] = "true"
        super().__init__(place, seed)
        self.paid: dict[str, str] = {}
        self._whole = whole
        assert 0 == self._start("0")[0]  # so that the first that is watched has a payment to bring

    def _meant(self, boundaries: Sequence[str]) -> list[str]:
        """All, or those around the first write alone, which is a payment's: from its intent on disk to its outcome."""
        if self._whole:
            return super()._meant(boundaries)
        first = boundaries.index("before write")
        passed = Counter(boundaries[:first])
        around = boundaries[first - 1 : first + 4]
        assert AROUND_A_WRITE == around
        return [f"{name}:{passed[name] + (name != around[0])}" for name in around]

    def _start(self, dies_at: str) -> tuple[int, list[str]]:
        self.pay()
        return super()._start(dies_at)

    def pay(self) -> None:
        """Let people enter a payment of every invoice that was posted since."""
        for row in self.place.control("netsuite/records?type=invoice"):
            if row["externalid"] in self.wanted and row["externalid"] not in self.paid:
                values = {
                    "customer": row["entity"], "currency": row["currency"], "payment": "40.00",
                    "trandate": "2026-11-20", "autoapply": True, "account": "120",
                }  # fmt: skip
                asked = {"action": "create_record", "type": "customerpayment", "values": values}
                self.paid[row["externalid"]] = str(self.place.control("netsuite/admin", asked)["id"])

    def lago(self, path: str) -> list[dict[str, Any]]:
        """Read a whole list of Lago's API."""
        found: list[dict[str, Any]] = []
        page: int | None = 1
        while page:
            request = urllib.request.Request(
                f"{self.place.server.url}/api/v1/{path}?per_page=100&page={page}",
                headers={"authorization": f"Bearer {self.place.environment['LAGO_NS_LAGO__API_KEY']}"},
            )
            with urllib.request.urlopen(request, timeout=10) as response:
                answer = json.load(response)
            found += answer[path]
            page = answer["meta"]["next_page"]
        return found


def check(campaign: BackCampaign) -> None:
    print("killed", dict(sorted(campaign.deaths.items())))
    campaign.settle()  # what the last one did not post has to be there before people can pay it
    campaign.pay()
    campaign.settle()
    records = campaign.records()
    saves = campaign.saves()

    assert len(campaign.wanted) == 2 * len(campaign.paid)  # a customer and an invoice each
    payments = {
        f"lago:inv:{invoice}": (one["reference"], one["amount_cents"])
        for one in campaign.lago("payments")
        for invoice in one["invoice_ids"]
    }
    assert {key: (f"netsuite:{made}", 4000) for key, made in campaign.paid.items()} == payments
    assert {1} == set(Counter(one["reference"] for one in campaign.lago("payments")).values()), "twice"
    assert len(campaign.paid) == len(records["customerpayment"]), "echoed"
    told = {
        f"lago:inv:{one['lago_id']}": {entry["key"]: entry["value"] for entry in one["metadata"]}
        for one in campaign.lago("invoices")
    }
    ours = {row["externalid"]: row["id"] for row in records["invoice"]}
    assert ours == {key: told[key].get("netsuite_id") for key in ours}
    assert 0 == campaign.place.run("sync", "all").code
    assert saves == campaign.saves()
    assert len(payments) == len(campaign.lago("payments"))
    assert 0 == campaign.place.run("audit", "verify").code
    assert "ok" == integrity(campaign.place)


def test_a_payment_is_told_once_after_5_kills_of_the_write_back(place: Place) -> None:
    """At each boundary of a payment's write: the intent is on disk, it leaves, Lago works, it answered, it is recorded."""
    campaign = BackCampaign(place, seed=21, whole=False)

    campaign.kill(5)

    check(campaign)
    assert set(AROUND_A_WRITE) == set(campaign.deaths)


@pytest.mark.campaign
def test_a_payment_is_told_once_after_200_kills(place: Place) -> None:
    """Each boundary of a sync with its write-back: before, during and after every push and write, around every commit."""
    campaign = BackCampaign(place, seed=22, whole=True)

    campaign.kill(200)

    check(campaign)
    assert {"before write", "during write", "after write"} <= campaign.deaths.keys()
    assert {"before push", "during push", "after push"} <= campaign.deaths.keys()
