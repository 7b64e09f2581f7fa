"""Which records of Lago's objects have to be written."""

from dataclasses import asdict
from typing import Any

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.lago_objects import LagoObject, decide_objects, lago_objects
from tests.unit.builders import CREATED

METRIC = {"lago_id": "1A", "code": "api_calls", "name": "API calls", "plans_count": 3}


def catalog(*metrics: dict[str, Any], **sections: Any) -> Catalog:
    return Catalog("lago", CREATED, {"billable_metrics": list(metrics), **sections})


def as_listed(one: LagoObject) -> dict[str, Any]:
    return {"id": "7", "type": "lago_object", **asdict(one)}


def test_an_object_is_named_by_lagos_id() -> None:
    """A code may be used again for another object."""
    [made] = lago_objects(catalog(METRIC), "org-1")

    assert ("lago:obj:1a", "billable_metric", "api_calls", "API calls", "billable_metric:api_calls") == (
        made.key,
        made.kind,
        made.code,
        made.name,
        made.title,
    )
    assert '"plans_count"' not in (made.json or "")


def test_an_object_without_an_id_is_named_by_its_code() -> None:
    """Of its organization, since codes are the organization's own."""
    [made] = lago_objects(catalog({"code": "Calls"}), "Org")

    assert "lago:obj:org:billable_metric:calls" == made.key


def test_only_what_changed_is_written() -> None:
    """What Lago counts is no change; a new name is."""
    wanted = lago_objects(catalog(METRIC), "org-1")
    present = [as_listed(one) for one in wanted]
    counted = lago_objects(catalog({**METRIC, "plans_count": 4}), "org-1")
    renamed = lago_objects(catalog({**METRIC, "name": "Calls"}), "org-1")

    assert ((), (), 1) == _plan(counted, present)
    assert (tuple(renamed), (), 0) == _plan(renamed, present)
    assert (tuple(wanted), (), 0) == _plan(wanted, [{**present[0], "inactive": True}])


def test_what_is_gone_becomes_inactive_and_others_are_left_alone() -> None:
    """Another organization's records, records that people made, and those that are inactive already."""
    gone = as_listed(lago_objects(catalog(METRIC), "org-1")[0])
    others = [
        {**gone, "key": "lago:obj:2", "organization": "org-2"},
        {**gone, "key": None},
        {**gone, "key": "mine"},
        {**gone, "key": "lago:obj:3", "inactive": True},
    ]

    written, retired, _ = _plan([], [gone, *others])

    assert () == written
    assert [("lago:obj:1a", True, "api_calls")] == [(one.key, one.inactive, one.code) for one in retired]


def test_an_object_too_long_for_netsuite_is_stored_without_its_json() -> None:
    """And its texts are cut to what the fields hold."""
    [made] = lago_objects(
        catalog({"code": "c" * 400, "name": "n" * 400, "description": "d" * 1_000_000}), "org-1"
    )

    assert (None, 300, 80) == (made.json, len(made.code), len(made.title))


def _plan(wanted: list[LagoObject], present: list[dict[str, Any]]) -> tuple[Any, Any, int]:
    plan = decide_objects(wanted, present, "org-1")
    return plan.write, plan.gone, plan.unchanged
