"""How far the mappings reach."""

from dataclasses import replace
from typing import Any

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.coverage import Reach, Section, coverage
from lago_ns_cli.domain.mapping import (
    CreditNotePolicy,
    Defaults,
    ItemRow,
    Mappings,
    PaymentRow,
    SubsidiaryRow,
    TaxRow,
    TaxTarget,
)
from tests.unit.builders import CREATED

LAGO = Catalog(
    "lago",
    CREATED,
    {
        "billing_entities": [
            {"code": "eu", "name": "Europe", "default_currency": "EUR", "net_payment_term": 30}
        ],
        "billable_metrics": [{"code": "calls", "name": "Calls"}, {"code": "gb"}],
        "plans": [{"code": "pro", "amount_currency": "USD", "minimum_commitment": {"amount_cents": 1}}],
        "taxes": [{"code": "vat", "name": "VAT"}, {"code": "gst"}],
    },
)
NETSUITE = Catalog(
    "netsuite",
    CREATED,
    {
        "items": [{"id": "1", "name": "Usage"}],
        "tax_codes": [{"id": "21", "name": "VAT 19"}],
        "accounts": [{"id": "120", "name": "Bank"}],
    },
    {"suitetax": True},
)


def sections(
    mappings: Mappings, entity: str | None = None, netsuite: Catalog = NETSUITE
) -> dict[str, Section]:
    return {section.name: section for section in coverage(mappings, LAGO, netsuite, entity)}


def reaches(section: Section) -> dict[str, Reach]:
    return {slot.key: slot.reach for slot in section.slots}


def test_without_a_row_everything_that_lago_has_is_missing() -> None:
    """Subjects that Lago has nothing of are left out."""
    found = sections(Mappings())

    assert "Coupons" not in found
    assert "0 of 2 mapped, 2 missing" == found["Billable metrics"].told
    assert {"commitment:pro": Reach.MISSING} == reaches(found["Minimum commitments"])
    assert {"EUR": Reach.MISSING, "USD": Reach.MISSING} == reaches(found["Currencies"])
    assert {"*.*": Reach.MISSING} == reaches(found["Payments"])
    assert {"30": Reach.UNUSED} == reaches(found["Payment terms"])
    assert "nothing needs it" == found["Payment terms"].told


def test_each_slot_says_by_what_it_is_mapped() -> None:
    """Its own row, the item of its type, or the default."""
    mappings = Mappings(
        defaults=Defaults(item="1", item_by_type={"subscription": "1"}, tax=TaxTarget("21", "4", "2")),
        items=(ItemRow(lago="billable_metric:calls", item="1"),),
        taxes=(TaxRow(lago=("vat",), target=TaxTarget("21", "4", "2")),),
    )
    found = sections(mappings)

    assert {"billable_metric:calls": Reach.OWN, "billable_metric:gb": Reach.DEFAULT} == reaches(
        found["Billable metrics"]
    )
    assert "2 of 2 mapped, 1 by default" == found["Billable metrics"].told
    assert {"plan:pro": Reach.SERVED} == reaches(found["Plans"])
    assert "1 of 1 mapped, 1 by type" == found["Plans"].told
    assert {"vat": Reach.OWN, "gst": Reach.DEFAULT} == reaches(found["Taxes"])
    [vat, _] = found["Taxes"].slots
    assert ("2/4/21", "VAT 19", "taxes.vat") == (vat.value, vat.target, vat.won)


def test_a_billing_entity_sees_its_own_rows() -> None:
    """Rows of others do not serve it."""
    mappings = Mappings(
        items=(ItemRow(lago="billable_metric:calls", item="1", billing_entity="eu"),),
        entity_defaults={"eu": Defaults(item="1")},
        payments=(PaymentRow(account="120", billing_entity="eu"),),
        subsidiaries=(SubsidiaryRow(billing_entity="eu", subsidiary="4"),),
    )

    assert Reach.MISSING is reaches(sections(mappings)["Billable metrics"])["billable_metric:calls"]
    own = sections(mappings, "eu")
    assert Reach.OWN is reaches(own["Billable metrics"])["billable_metric:calls"]
    assert {"*.*": Reach.OWN} == reaches(own["Payments"])
    assert {"eu": Reach.OWN} == reaches(own["Subsidiaries"])
    [item] = [slot for slot in own["Defaults and items by type"].slots if slot.key == "item"]
    assert ("1", "billing_entities.eu.item") == (item.value, item.won)


def test_the_code_of_untaxed_lines_is_asked_for_without_suitetax_only() -> None:
    """And a set of taxes is a slot of its own."""
    legacy = replace(NETSUITE, features={"suitetax": False})
    mappings = Mappings(
        defaults=Defaults(untaxed_code="21", credit_note_policy=CreditNotePolicy.APPLY_MEMO),
        taxes=(TaxRow(lago=("gst", "vat"), target=TaxTarget("21")),),
    )

    def keys(**catalog: Any) -> set[str]:
        return set(reaches(sections(mappings, **catalog)["Defaults and items by type"]))

    assert {"untaxed_code"} == keys(netsuite=legacy) - keys()
    assert Reach.OWN is reaches(sections(mappings, netsuite=legacy)["Taxes"])["gst+vat"]
