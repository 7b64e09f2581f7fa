"""Attacks by values on SuiteQL: nothing but what was asked for is found, and no text of a query holds a value."""

from typing import Any

import pytest

from lago_ns_cli.simulator.netsuite import suiteql
from tests.integration.attacks import ATTACKS
from tests.restlet.service import Json, Service, customer, invoice
from tests.restlet.test_store import lago_object, listed, store

HARMLESS = "harmless"


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of every query that the account runs."""
    seen: list[str] = []
    translate = suiteql.translate

    def watched(sql: str, sight: Any) -> str:
        seen.append(sql)
        return translate(sql, sight)

    monkeypatch.setattr(suiteql, "translate", watched)
    return seen


def queries(value: str) -> list[Json]:
    """Look-ups that name a value in every way there is, but by an internal id, which is a number."""
    return [
        {"type": record_type, name: value}
        for record_type in ("customer", "invoice", "creditmemo", "customerpayment")
        for name in ("key", "lago_id", "number")
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_look_up_finds_nothing_by_an_attack(service: Service, texts: list[str], attack: str) -> None:
    """Neither all rows nor a wrong one, by any name; and the queries are those of a harmless value."""
    service.push_one(invoice("1"))
    texts.clear()
    service.call("find", queries=queries(HARMLESS))
    harmless, texts[:] = list(texts), []

    results = service.call("find", queries=queries(attack))["results"]

    assert {"absent"} == {one["status"] for one in results}
    assert harmless
    assert harmless == texts


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_has_to_be_a_number_or_a_day_is_refused_before_any_query(
    service: Service, texts: list[str], attack: str
) -> None:
    """Internal ids, places in a list, days: there an attack is no value at all."""
    for asked in (
        {"operation": "find", "queries": [{"type": "invoice", "id": attack}]},
        {"operation": "list", "type": "invoice", "cursor": attack},
        {"operation": "list", "type": "invoice", "since": attack},
        {"operation": "list", "type": attack},
    ):
        answer = service.post({"contract": 1, **asked})

        assert answer.error is not None
        assert "LAGO_BAD_REQUEST" == answer.error.name
    assert [] == texts


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_record_that_is_named_like_an_attack_is_one_record(
    service: Service, texts: list[str], attack: str
) -> None:
    """Written once, found by its exact name alone, and nobody else's record is touched."""
    [other] = service.push(invoice("other"))
    hostile = invoice("x", columns={"tranid": attack, "custbody_lago_id": attack}) | {
        "key": f"lago:inv:{attack}"
    }

    [made] = service.push(hostile)
    [again] = service.push(hostile)

    assert ("created", made["id"]) == (made["outcome"], again["id"])
    assert [made["id"]] == [one["id"] for one in service.find(type="invoice", number=attack)["records"]]
    assert [made["id"]] == [
        one["id"] for one in service.find(type="invoice", key=f"lago:inv:{attack}")["records"]
    ]
    assert other["record"] == service.find(type="invoice", key="lago:inv:other")["records"][0]
    assert [] == [text for text in texts if attack in text and len(attack) > 1]


@pytest.mark.parametrize("attack", ATTACKS)
def test_customers_and_objects_that_are_named_like_an_attack(service: Service, attack: str) -> None:
    """One each; the list shows what was stored, letter by letter."""
    named = {"companyname": attack}
    [made] = service.push(customer("x", columns=named) | {"key": f"lago:cus:{attack}"})
    hostile = lago_object("b") | {"key": f"lago:obj:{attack}", "code": attack}
    stored = store(service, lago_object("a"), hostile)
    repeated = store(service, lago_object("a"), hostile)

    assert "created" == made["outcome"]
    assert [made["id"]] == [
        one["id"] for one in service.find(type="customer", key=f"lago:cus:{attack}")["records"]
    ]
    assert (["created"] * 2, ["unchanged"] * 2) == (
        [one["outcome"] for one in stored],
        [one["outcome"] for one in repeated],
    )
    assert ["a", attack] == [row["code"] for row in listed(service)]
