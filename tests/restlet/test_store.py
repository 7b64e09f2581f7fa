"""Lago's objects as records of ``customrecord_lago_object``."""

from typing import Any

from tests.restlet.service import LIMITED, Json, Service


def lago_object(code: str, **fields: Any) -> Json:
    """A billable metric."""
    return {
        "key": f"lago:obj:{code}",
        "organization": "org-1",
        "kind": "billable_metric",
        "code": code,
        "title": f"billable_metric:{code}",
        "name": code.title(),
        "lago_id": code,
        "fingerprint": f"{code}-1",
        "json": f'{{"code": "{code}"}}',
        "inactive": False,
    } | fields


def store(service: Service, *objects: Any, **arguments: Any) -> list[Json]:
    """Store objects and return their outcomes."""
    outcomes: list[Json] = service.call("store", objects=list(objects), **arguments)["objects"]
    return outcomes


def listed(service: Service) -> list[Json]:
    rows: list[Json] = service.call("list", type="lago_object")["rows"]
    return rows


def test_an_object_is_created_once_and_updated_after(service: Service) -> None:
    """Found by its key whatever its case; what did not change costs no write."""
    [first] = store(service, lago_object("calls"))
    assert ("created", None) == (first["outcome"], first["error"])
    assert [first["id"]] == [row["id"] for row in listed(service)]

    store(service, lago_object("calls"))
    [changed, same] = store(
        service,
        lago_object("calls", key="lago:obj:CALLS", name="All calls", fingerprint="2"),
        lago_object("x"),
    )

    assert (0, 1) == (service.answers[-2].saves, service.answers[-1].saves - 1)
    assert ("updated", first["id"], "created") == (changed["outcome"], changed["id"], same["outcome"])
    assert {
        "id": first["id"],
        "type": "lago_object",
        "key": "lago:obj:calls",
        "organization": "org-1",
        "kind": "billable_metric",
        "code": "calls",
        "name": "All calls",
        "lago_id": "calls",
        "fingerprint": "2",
        "inactive": False,
    } == listed(service)[0]


def test_the_same_object_twice_in_a_call_is_stored_once(service: Service) -> None:
    """The second finds what the first made."""
    outcomes = store(service, lago_object("calls"), lago_object("calls"))

    assert ["created", "unchanged"] == [one["outcome"] for one in outcomes]
    assert 1 == len(listed(service))


def test_an_object_that_is_gone_becomes_inactive_and_may_come_back(service: Service) -> None:
    """Nothing is deleted: rows of reports may point to it."""
    store(service, lago_object("calls"))

    gone = store(service, lago_object("calls", inactive=True, fingerprint="gone", json=None))
    assert ["updated"] == [one["outcome"] for one in gone]
    assert [True] == [row["inactive"] for row in listed(service)]

    back = store(service, lago_object("calls"))
    assert ["updated"] == [one["outcome"] for one in back]
    assert [False] == [row["inactive"] for row in listed(service)]


def test_one_bad_object_does_not_stop_the_next(service: Service) -> None:
    """What NetSuite refuses and what cannot be read is named; the others are stored."""
    outcomes = store(
        service, {"key": "lago:obj:1"}, None, lago_object("long", name="n" * 301), lago_object("calls")
    )

    assert ["rejected", "rejected", "rejected", "created"] == [one["outcome"] for one in outcomes]
    assert ["LAGO_BAD_OBJECT", "LAGO_BAD_OBJECT"] == [one["error"]["code"] for one in outcomes[:2]]
    assert outcomes[2]["error"]["code"] not in (None, "LAGO_BAD_OBJECT")


def test_a_role_that_does_not_see_them_stores_none(service: Service) -> None:
    """Not seen is not absent, or each would be made twice."""
    store(service, lago_object("calls"))
    limited = service.as_role(LIMITED)

    [refused] = store(limited, lago_object("calls"))

    assert ("rejected", "INSUFFICIENT_PERMISSION") == (refused["outcome"], refused["error"]["code"])
    assert "denied" == limited.call("list", type="lago_object")["status"]


def test_a_call_stops_before_its_units_run_out(service: Service) -> None:
    """What is left is not attempted, and goes into the next call."""
    objects = [lago_object(str(number)) for number in range(900)]

    outcomes = [one["outcome"] for one in store(service, *objects)]

    assert {"created", "not_attempted"} == set(outcomes)
    assert sorted(outcomes) == outcomes
    assert service.answers[-1].units_used < 5000


def test_a_call_that_is_no_list_of_objects_fails(service: Service) -> None:
    """Also one with too many, or without any time."""
    for arguments in (
        {"objects": "all"},
        {"objects": [lago_object("x")] * 1001},
        {"objects": [], "deadline_seconds": 0},
    ):
        failure = service.failure({"contract": 1, "operation": "store", **arguments})
        assert "LAGO_BAD_REQUEST" == failure.name
