"""Revenue on items that recognize it as it is earned, and fields that NetSuite requires."""

from dataclasses import replace
from typing import Any

import pytest

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import Defaults, FieldRow, FieldRows, ItemRow, Mappings
from lago_ns_cli.domain.mapping_mandatory import mandatory_findings
from lago_ns_cli.domain.mapping_recognition import recognition_findings, rule_kind
from tests.unit.builders import CREATED

LAGO = Catalog("lago", CREATED, {"billing_entities": [{"code": "eu"}, {"code": "us"}]})
ITEMS: list[dict[str, Any]] = [
    {"id": "1", "name": "Once", "recognition": None},
    {"id": "2", "name": "Over time", "recognition": "Straight-line, by even periods"},
    {"id": "3", "name": "Own way", "recognition": "Rule 17"},
]


def unfit(mappings: Mappings, **features: bool) -> list[tuple[str, str]]:
    netsuite = Catalog("netsuite", CREATED, {"items": ITEMS}, features)
    return [(finding.code, finding.row) for finding in recognition_findings(mappings, LAGO, netsuite)]


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (None, "point_in_time"),
        ("point_in_time", "point_in_time"),
        ("Point in Time", "point_in_time"),
        ("Recognize immediately", "point_in_time"),
        ("ratable", "ratable"),
        ("Ratable (daily)", "ratable"),
        ("Straight-line, exact days", "ratable"),
        ("Rule 17", None),
    ],
)
def test_a_rule_tells_by_its_name(rule: str | None, kind: str | None) -> None:
    """Where it does not, nothing is said."""
    assert kind == rule_kind(rule)


@pytest.mark.parametrize(
    ("lago", "item", "said", "expected"),
    [
        ("plan:pro", "1", None, "recognition_unfit"),
        ("commitment:pro", "1", None, "recognition_unfit"),
        ("billable_metric:calls", "2", None, "recognition_unfit"),
        ("add_on:setup", "2", None, "recognition_unfit"),
        ("plan:pro", "2", None, None),
        ("billable_metric:calls", "1", None, None),
        ("coupon:launch", "2", None, None),
        ("plan:pro", "3", None, None),
        ("plan:pro", "1", "point_in_time", None),
        ("add_on:seats", "2", "ratable", None),
        ("plan:pro", "1", "ratable", "recognition_differs"),
        ("plan:pro", "9", None, None),
    ],
)
def test_what_fits_badly_is_named_unless_the_row_says_so(
    lago: str, item: str, said: str | None, expected: str | None
) -> None:
    """A subscription recognized at once, usage recognized over time; a row's own word holds."""
    found = unfit(Mappings(items=(ItemRow(lago=lago, item=item, recognition=said),)))

    assert ([] if expected is None else [(expected, f"items.{lago}")]) == found


def test_items_by_type_are_looked_at_too() -> None:
    """Each once, of all billing entities and of one."""
    mappings = Mappings(
        defaults=Defaults(item="1", item_by_type={"subscription": "1", "charge": "1"}),
        entity_defaults={"eu": Defaults(item_by_type={"charge": "2"})},
    )

    assert [
        ("recognition_unfit", "billing_entities.eu.item_by_type.charge"),
        ("recognition_unfit", "defaults.item_by_type.subscription"),
    ] == list(dict.fromkeys(unfit(mappings)))


def test_an_account_without_revenue_management_recognizes_nothing_by_rules() -> None:
    """Every item would look as if it were recognized at once."""
    mappings = Mappings(items=(ItemRow(lago="plan:pro", item="1"),))

    assert [] == unfit(mappings, revenue=False)
    assert [("recognition_unfit", "items.plan:pro")] == unfit(mappings, revenue=True)


def field(record: str, name: str, sublist: str | None = None, **flags: Any) -> dict[str, Any]:
    return {
        "record": record,
        "sublist": sublist,
        "id": name,
        "label": name.title(),
        "type": "text",
        "mandatory": True,
        "defaulted": False,
    } | flags


FIELDS = [
    field("invoice", "entity"),
    field("invoice", "custbody_region"),
    field("invoice", "custbody_filled", defaulted=True),
    field("invoice", "custbody_free", mandatory=False),
    field("invoice", "custcol_project", "item"),
    field("invoice", "amount", "item"),
    field("invoice", "taxtype", "taxdetails"),
    field("customerpayment", "department"),
    field("vendorbill", "custbody_region"),
]


def unfilled(mappings: Mappings) -> list[str]:
    netsuite = Catalog("netsuite", CREATED, {"record_fields": FIELDS})
    return [finding.row for finding in mandatory_findings(mappings, netsuite)]


def test_fields_that_a_form_requires_and_nothing_fills_are_named() -> None:
    """Not what translation fills, nor what a new record begins with."""
    assert [
        "invoice.header → custbody_region",
        "invoice.line → custcol_project",
        "payment.header → department",
    ] == unfilled(Mappings())


def test_a_row_fills_what_a_form_requires() -> None:
    """In its place: a header row fills no line."""
    header = FieldRows(
        header=(
            FieldRow(to="custbody_region", literal="EMEA"),
            FieldRow(to="custcol_project", literal="1"),
        )
    )
    mappings = Mappings(fields={"invoice": header})

    assert ["invoice.line → custcol_project", "payment.header → department"] == unfilled(mappings)
    filled = replace(header, line=(FieldRow(to="custcol_project", literal="1"),))
    assert ["payment.header → department"] == unfilled(Mappings(fields={"invoice": filled}))
