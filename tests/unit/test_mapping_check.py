"""``map check``: everything that does not fit, at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import (
    Defaults,
    FieldRow,
    FieldRows,
    FieldType,
    GroupingRow,
    ItemRow,
    Mappings,
    PaymentRow,
    SubsidiaryRow,
    TaxRow,
    TaxTarget,
)
from lago_ns_cli.domain.mapping_check import check_mappings
from lago_ns_cli.domain.mapping_findings import MappingFinding, Severity
from tests.unit.builders import CREATED

Sections = Mapping[str, Sequence[Mapping[str, Any]]]

LAGO: Sections = {
    "billing_entities": [{"code": "acme-us", "default_currency": "USD"}],
    "billable_metrics": [{"code": "api_calls"}],
    "add_ons": [],
    "plans": [],
    "coupons": [],
    "taxes": [{"code": "us_nyc"}],
}

NETSUITE: Sections = {
    "items": [
        {"id": "500", "name": "API calls", "type": "Service", "inactive": False, "recognition": None},
        {"id": "511", "name": "Pro", "type": "Service", "inactive": False, "recognition": "Ratable"},
        {"id": "520", "name": "Discount", "type": "Discount", "inactive": False},
        {"id": "521", "name": "Retired", "type": "Service", "inactive": True},
    ],
    "tax_codes": [{"id": "14", "name": "NYC"}, {"id": "15", "name": "Old", "inactive": True}],
    "tax_types": [{"id": "3"}],
    "nexuses": [{"id": "1"}],
    "subsidiaries": [{"id": "2"}],
    "currencies": [{"id": "1"}],
    "accounts": [{"id": "120"}],
    "payment_methods": [{"id": "7"}],
    "terms": [{"id": "2", "name": "Net 30"}],
    "departments": [
        {"id": "11", "name": "Sales"},
        {"id": "12", "name": "Twins"},
        {"id": "13", "name": "Twins"},
    ],
    "custom_fields": [{"id": "custbody_region"}, {"id": "custbody_elsewhere"}],
    "record_fields": [
        {"record": "invoice", "sublist": None, "id": "tranid", "type": "text"},
        {"record": "invoice", "sublist": None, "id": "trandate", "type": "date"},
        {"record": "invoice", "sublist": None, "id": "custbody_region", "type": "select"},
        {"record": "invoice", "sublist": "item", "id": "custcol_lago_line_id", "type": "text"},
    ],
}

GOOD = Mappings(
    items=(ItemRow(lago="billable_metric:api_calls", item="500"),),
    taxes=(TaxRow(lago=("us_nyc",), target=TaxTarget("14", "3", "1")),),
    subsidiaries=(SubsidiaryRow(billing_entity="acme-us", subsidiary="2"),),
    currencies={"USD": "1"},
)


def check(
    mappings: Mappings,
    *,
    lago: Sections | None = None,
    netsuite: Sections | None = None,
    suitetax: bool = True,
) -> list[MappingFinding]:
    return check_mappings(
        mappings,
        Catalog("lago", CREATED, {**LAGO, **(lago or {})}),
        Catalog("netsuite", CREATED, {**NETSUITE, **(netsuite or {})}, {"suitetax": suitetax}),
    )


def codes(findings: Sequence[MappingFinding]) -> list[tuple[str, str]]:
    return [(finding.code, finding.row) for finding in findings]


def header(row: FieldRow) -> Mappings:
    return replace(GOOD, fields={"invoice": FieldRows(header=(row,))})


def test_good_mappings_have_no_findings() -> None:
    """The other tests change one thing each."""
    assert [] == check(GOOD)


@pytest.mark.parametrize(
    ("mappings", "code", "row"),
    [
        pytest.param(replace(GOOD, items=()), "item_unmapped", "billable_metric:api_calls", id="item"),
        pytest.param(replace(GOOD, taxes=()), "tax_unmapped", "tax:us_nyc", id="tax"),
        pytest.param(
            replace(GOOD, taxes=(TaxRow(lago=("us_nyc",), target=TaxTarget("14")),)),
            "tax_incomplete",
            "tax:us_nyc",
            id="tax without a nexus",
        ),
        pytest.param(
            replace(GOOD, subsidiaries=()), "subsidiary_unmapped", "billing_entity:acme-us", id="entity"
        ),
        pytest.param(replace(GOOD, currencies={}), "currency_unmapped", "currency:USD", id="currency"),
        pytest.param(replace(GOOD, terms={30: "9"}), "dangling", "terms.30", id="terms"),
        pytest.param(
            replace(GOOD, grouping=(GroupingRow(item="9"),)), "dangling", "grouping row 1", id="grouping"
        ),
        pytest.param(
            replace(GOOD, payments=(PaymentRow(account="9", provider="stripe"),)),
            "dangling",
            "payments.stripe.*",
            id="account",
        ),
        pytest.param(
            replace(GOOD, defaults=Defaults(tax=TaxTarget("14", "3", "9"))),
            "dangling",
            "defaults.tax",
            id="nexus of the default tax",
        ),
        pytest.param(
            replace(GOOD, entity_defaults={"acme-us": Defaults(item_by_type={"coupon": "520"})}),
            "discount_item",
            "billing_entities.acme-us.item_by_type.coupon",
            id="discount item of an entity",
        ),
        pytest.param(
            replace(GOOD, defaults=Defaults(item="521")), "inactive_item", "defaults.item", id="inactive item"
        ),
        pytest.param(
            replace(GOOD, defaults=Defaults(untaxed_code="15")),
            "inactive",
            "defaults.untaxed_code",
            id="inactive tax code",
        ),
        pytest.param(
            header(FieldRow(source="number", to="custbody_nope")),
            "unknown_field",
            "invoice.header → custbody_nope",
            id="custom field that is not there",
        ),
        pytest.param(
            header(FieldRow(source="number", to="custbody_elsewhere")),
            "field_not_applied",
            "invoice.header → custbody_elsewhere",
            id="custom field of other records",
        ),
        pytest.param(
            header(
                FieldRow(literal="Nowhere", to="custbody_region", type=FieldType.LIST, list="departments")
            ),
            "unknown_list_value",
            "invoice.header → custbody_region",
            id="list value that is not there",
        ),
        pytest.param(
            header(FieldRow(literal="Twins", to="custbody_region", type=FieldType.LIST, list="departments")),
            "unknown_list_value",
            "invoice.header → custbody_region",
            id="list value that is there twice",
        ),
        pytest.param(
            header(FieldRow(source="number", to="custbody_region", type=FieldType.LIST, list="regions")),
            "unknown_list",
            "invoice.header → custbody_region",
            id="list that was not fetched",
        ),
    ],
)
def test_what_would_hold_documents_is_an_error(mappings: Mappings, code: str, row: str) -> None:
    """Each names its row and what to do."""
    findings = [finding for finding in check(mappings) if finding.code == code]

    assert [(code, row)] == codes(findings)
    assert Severity.ERROR is findings[0].severity
    assert findings[0].hint


@pytest.mark.parametrize(
    ("mappings", "code", "row"),
    [
        pytest.param(
            replace(GOOD, items=(), defaults=Defaults(item="500")),
            "default_item",
            "billable_metric:api_calls",
            id="default item",
        ),
        pytest.param(
            replace(GOOD, taxes=(), defaults=Defaults(tax=TaxTarget("14", "3", "1"))),
            "default_tax",
            "tax:us_nyc",
            id="default tax",
        ),
        pytest.param(
            replace(GOOD, items=(*GOOD.items, ItemRow(lago="billable_metric:gone", item="500"))),
            "unknown_object",
            "items.billable_metric:gone",
            id="object that Lago lacks",
        ),
        pytest.param(
            replace(GOOD, taxes=(*GOOD.taxes, TaxRow(lago=("a", "b"), target=TaxTarget("14", "3", "1")))),
            "unused_tax_set",
            "taxes.a+b",
            id="set of taxes under SuiteTax",
        ),
        pytest.param(
            header(FieldRow(source="number", to="hidden")),
            "unknown_field",
            "invoice.header → hidden",
            id="standard field that no form shows",
        ),
        pytest.param(
            header(FieldRow(source="issuing_date", to="trandate")),
            "field_type",
            "invoice.header → trandate",
            id="text into a date",
        ),
        pytest.param(
            replace(
                GOOD,
                items=(ItemRow(lago="billable_metric:api_calls", item="511", recognition="point_in_time"),),
            ),
            "recognition_differs",
            "items.billable_metric:api_calls",
            id="another rule",
        ),
        pytest.param(
            replace(
                GOOD, items=(ItemRow(lago="billable_metric:api_calls", item="500", recognition="ratable"),)
            ),
            "recognition_differs",
            "items.billable_metric:api_calls",
            id="no rule",
        ),
    ],
)
def test_what_stops_nothing_is_a_warning(mappings: Mappings, code: str, row: str) -> None:
    """``--strict`` lets these count."""
    findings = [finding for finding in check(mappings) if finding.code == code]

    assert [(code, row)] == codes(findings)
    assert Severity.WARNING is findings[0].severity


def test_all_findings_come_at_once_errors_first() -> None:
    """Empty mappings list everything that Lago has."""
    assert [
        ("item_unmapped", "billable_metric:api_calls"),
        ("subsidiary_unmapped", "billing_entity:acme-us"),
        ("currency_unmapped", "currency:USD"),
        ("tax_unmapped", "tax:us_nyc"),
    ] == codes(check(Mappings()))


def test_defaults_of_every_billing_entity_cover_what_has_no_row() -> None:
    """An item is unmapped only for the billing entities that no row and no default serves."""
    lago = {"billing_entities": [{"code": "acme-us"}, {"code": "acme-eu"}]}
    bare = replace(GOOD, items=(), defaults=Defaults(subsidiary="2"))
    one = replace(bare, entity_defaults={"acme-us": Defaults(item="500")})
    both = replace(one, entity_defaults={**one.entity_defaults, "acme-eu": Defaults(item="511")})

    [missing] = [finding for finding in check(one, lago=lago) if finding.code == "item_unmapped"]
    assert missing.message.endswith("for the billing entity acme-eu")
    assert ["default_item"] == [finding.code for finding in check(both, lago=lago)]


def test_currencies_of_plans_must_be_mapped() -> None:
    """The finding names who bills in it."""
    plans = [{"code": f"p{number}", "amount_currency": "SEK"} for number in range(5)]
    with_default = replace(GOOD, defaults=Defaults(item="500"))
    findings = [one for one in check(with_default, lago={"plans": plans}) if one.code == "currency_unmapped"]

    assert ["the currency SEK of plan p0, plan p1, plan p2 and 2 more has no NetSuite currency"] == [
        finding.message for finding in findings
    ]


def test_taxes_that_lago_applies_together_need_a_code_in_the_legacy_regime() -> None:
    """A line has one code there, so the set has to be mapped; under SuiteTax each tax is its own."""
    plans = [
        {
            "code": "pro",
            "taxes": [],
            "charges": [{"taxes": [{"code": "us_nyc"}, {"code": "us_state"}]}],
        }
    ]
    mappings = replace(
        GOOD,
        items=(*GOOD.items, ItemRow(lago="plan:pro", item="511")),
        taxes=(TaxRow(lago=("us_nyc",), target=TaxTarget("14")),),
    )
    mapped = replace(
        mappings, taxes=(*mappings.taxes, TaxRow(lago=("us_state", "us_nyc"), target=TaxTarget("14")))
    )

    assert [("tax_unmapped", "tax:us_nyc+us_state")] == codes(
        check(mappings, lago={"plans": plans}, suitetax=False)
    )
    assert [] == check(mapped, lago={"plans": plans}, suitetax=False)


def test_sections_that_were_not_fetched_are_not_checked() -> None:
    """A role that cannot see the accounts does not make every account dangle."""
    mappings = replace(GOOD, payments=(PaymentRow(account="9"),))

    assert [] == check(mappings, netsuite={"accounts": []})
    assert [] == check(
        header(FieldRow(source="number", to="custbody_nope")),
        netsuite={"record_fields": [], "custom_fields": []},
    )


def test_a_minimum_commitment_needs_an_item_too() -> None:
    """Its true-up is a fee of its own, by the plan's code."""
    plans: list[dict[str, Any]] = [
        {"code": "pro", "minimum_commitment": {"amount_cents": 1}},
        {"code": "free"},
    ]
    mappings = replace(GOOD, defaults=Defaults(item_by_type={"subscription": "511"}))

    assert [("item_unmapped", "commitment:pro")] == codes(check(mappings, lago={"plans": plans}))
