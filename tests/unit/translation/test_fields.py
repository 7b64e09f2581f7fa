"""Header and line rows: any path, every type."""

from typing import Any

import pytest

from lago_ns_cli.domain.catalog import AccountProfile, Catalog, account_profile
from lago_ns_cli.domain.mapping import FieldRow, FieldType
from lago_ns_cli.domain.translation.context import Findings
from lago_ns_cli.domain.translation.fields import fill_fields, follow
from tests.unit.builders import CREATED

TREE: dict[str, Any] = {
    "number": "ACM-001",
    "total_amount_cents": 10000,
    "self_billed": False,
    "issuing_date": "2026-08-01",
    "created_at": "2026-08-01T00:01:05Z",
    "rate": "8.875",
    "customer": {"metadata": [{"key": "region", "value": "north"}, {"key": "7", "value": "seven"}]},
    "fees": [{"item": {"code": "api_calls"}}],
    "empty": None,
}

ACCOUNT = AccountProfile(
    True, {"1": 2}, names={"departments": {"North": "11", "north": "12", "2026": "13"}, "classes": {}}
)


def fill(row: FieldRow) -> tuple[dict[str, str | bool], list[str]]:
    findings = Findings()
    filled = fill_fields([row], (TREE, {"invoice": TREE}), "America/New_York", ACCOUNT, findings)
    return filled, [problem.message for problem in findings.problems]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("number", "ACM-001"),
        ("invoice.number", "ACM-001"),
        ("customer.metadata.region", "north"),
        ("customer.metadata.7", "seven"),
        ("fees.0.item.code", "api_calls"),
        ("fees.1.item.code", None),
        ("customer.metadata.absent", None),
        ("number.of.a.text", None),
        ("nowhere", None),
    ],
)
def test_a_path_leads_into_objects_lists_and_metadata(path: str, value: str | None) -> None:
    """Metadata is entered by its key, other lists by position; a path to nothing is nothing."""
    assert value == follow((TREE, {"invoice": TREE}), path)


@pytest.mark.parametrize(
    ("source", "kind", "section", "written"),
    [
        pytest.param("number", "text", None, "ACM-001", id="text"),
        pytest.param("total_amount_cents", "text", None, "10000", id="number as text"),
        pytest.param("self_billed", "text", None, "false", id="boolean as text"),
        pytest.param("total_amount_cents", "number", None, "10000", id="number"),
        pytest.param("rate", "number", None, "8.875", id="text that is a number"),
        pytest.param("number", "number", None, None, id="text that is none"),
        pytest.param("self_billed", "number", None, None, id="boolean is no number"),
        pytest.param("issuing_date", "date", None, "2026-08-01", id="a plain date stays"),
        pytest.param("created_at", "date", None, "2026-07-31", id="a moment by the customer's day"),
        pytest.param("number", "date", None, None, id="text that is no date"),
        pytest.param("self_billed", "boolean", None, False, id="boolean"),
        pytest.param("number", "boolean", None, None, id="text that is no boolean"),
        pytest.param("customer.metadata.region", "list", "departments", "12", id="a name, by its exact case"),
        pytest.param("total_amount_cents", "list", None, "10000", id="an internal id"),
        pytest.param("number", "list", None, None, id="a name without a list"),
        pytest.param("number", "list", "departments", None, id="a name that the list lacks"),
        pytest.param("number", "list", "unknown", None, id="a list that was not fetched"),
    ],
)
def test_a_value_is_written_by_its_rows_type(
    source: str, kind: str, section: str | None, written: str | bool | None
) -> None:
    """What does not fit its type is a problem that names path, value and field."""
    row = FieldRow(source=source, to="custbody_x", type=FieldType(kind), list=section)
    filled, problems = fill(row)

    if written is None:
        assert {} == filled
        assert 1 == len(problems)
        assert source in problems[0]
        assert "custbody_x" in problems[0]
    else:
        assert ({"custbody_x": written}, []) == (filled, problems)


@pytest.mark.parametrize(
    ("row", "written"),
    [
        (FieldRow(literal="Lago", to="x"), "Lago"),
        (FieldRow(literal="", to="x"), ""),
        (FieldRow(literal=True, to="x", type=FieldType.BOOLEAN), True),
        (FieldRow(literal="2026-01-31", to="x", type=FieldType.DATE), "2026-01-31"),
        (FieldRow(literal="North", to="x", type=FieldType.LIST, list="departments"), "11"),
        (FieldRow(literal="2026", to="x", type=FieldType.LIST, list="departments"), "13"),
        (FieldRow(literal="11", to="x", type=FieldType.LIST, list="departments"), "11"),
    ],
)
def test_a_literal_stands_in_place_of_a_path(row: FieldRow, written: str | bool) -> None:
    """Digits are an internal id, unless the list has that very name and no such id."""
    assert ({"x": written}, []) == fill(row)


def test_a_path_to_nothing_sets_nothing() -> None:
    """Not even an empty value, which would erase what NetSuite has."""
    assert ({}, []) == fill(FieldRow(source="empty", to="x"))


def test_a_name_that_two_records_share_names_neither() -> None:
    """Which one is meant is not ours to guess."""
    rows = [{"id": "1", "name": "Sales"}, {"id": "2", "name": "Sales"}, {"id": "3", "name": "Support"}]
    profile = account_profile(Catalog("netsuite", CREATED, {"departments": rows}))

    assert {"Support": "3"} == profile.names["departments"]
