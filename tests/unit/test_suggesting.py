"""Proposals for missing rows: scored, with reasons, and never decided by a resemblance."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import Defaults, ItemRow, Mappings, SubsidiaryRow, TaxRow, TaxTarget
from lago_ns_cli.domain.suggesting import Candidate, Suggestion, accept, plain_words, suggest
from tests.unit.builders import CREATED

Sections = Mapping[str, Sequence[Mapping[str, Any]]]

ITEMS: list[dict[str, Any]] = [
    {"id": "1", "name": "API Calls", "type": "Service", "recognition": None},
    {"id": "2", "name": "Usage : Storage (GB)", "type": "Service", "recognition": None},
    {"id": "3", "name": "Pro plan", "type": "Service", "recognition": "ratable"},
    {"id": "4", "name": "Old calls", "type": "Service", "inactive": True},
    {"id": "5", "name": "Setup", "type": "Discount"},
    {"id": "6", "name": "Setup fee", "type": "Service", "recognition": "ratable"},
]
TAX_CODES = [
    {"id": "21", "name": "German VAT", "rate": "19.00", "tax_type": "4", "nexus": "2"},
    {"id": "22", "name": "Cypriot VAT", "rate": "19", "tax_type": "5", "nexus": "3"},
    {"id": "23", "name": "German VAT reduced", "rate": "7.00", "tax_type": "4", "nexus": "2"},
]
NETSUITE: Sections = {
    "items": ITEMS,
    "tax_codes": TAX_CODES,
    "nexuses": [{"id": "2", "country": "DE", "description": "Germany"}, {"id": "3", "country": "CY"}],
    "currencies": [
        {"id": "1", "code": "USD", "name": "US Dollar"},
        {"id": "4", "code": "EUR", "name": "Euro"},
    ],
    "subsidiaries": [
        {"id": "2", "name": "Acme Inc", "country": "US", "currency": "1"},
        {"id": "4", "name": "Acme Europe GmbH", "country": "DE", "currency": "4"},
    ],
}


def find(
    *, mappings: Mappings | None = None, suitetax: bool = True, everything: bool = False, **lago: Any
) -> dict[str, Suggestion]:
    netsuite = Catalog("netsuite", CREATED, NETSUITE, {"suitetax": suitetax})
    found = suggest(mappings or Mappings(), Catalog("lago", CREATED, lago), netsuite, everything=everything)
    return {one.lago: one for one in found}


def told(suggestion: Suggestion) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(one.id, one.score, one.reasons) for one in suggestion.candidates]


def test_equal_codes_and_names_are_exact() -> None:
    """But for case, accents and separators; a name may stand below its parent's."""
    found = find(
        billable_metrics=[
            {"code": "api_calls", "name": "Calls of the API"},
            {"code": "gb", "name": "Störage (gb)"},
        ]
    )

    assert ("1", 100, ("the same code",)) == told(found["billable_metric:api_calls"])[0]
    assert ("2", 100, ("the same name",)) == told(found["billable_metric:gb"])[0]
    assert all(one.candidates[0].exact for one in found.values())


def test_a_resemblance_is_no_equality() -> None:
    """It is scored below 100, and inactive and discount items are not offered at all."""
    found = find(
        billable_metrics=[{"code": "calls_api_v2", "name": "API calls v2"}], add_ons=[{"code": "setup"}]
    )

    [calls, *_] = found["billable_metric:calls_api_v2"].candidates
    assert ("1", False) == (calls.id, calls.exact)
    assert 60 <= calls.score <= 95
    assert ["6"] == [one.id for one in found["add_on:setup"].candidates]


def test_what_speaks_against_an_item_is_said() -> None:
    """An add-on on an item that is recognized over time is no sure thing, whatever its name."""
    found = find(add_ons=[{"code": "setup_fee"}])["add_on:setup_fee"]

    assert [("6", 85, ("the same code", "but recognized ratably"))] == told(found)
    assert found.sure(0) is None


def test_rows_that_are_there_are_evidence() -> None:
    """The same object's row for one billing entity is exact; a predecessor's is a resemblance."""
    mappings = Mappings(
        items=(
            ItemRow(lago="plan:pro_2025", item="3"),
            ItemRow(lago="coupon:launch", item="6", billing_entity="eu"),
        )
    )
    found = find(mappings=mappings, plans=[{"code": "pro_2026", "name": "P"}], coupons=[{"code": "launch"}])

    assert ("plan:pro_2025 goes there",) == found["plan:pro_2026"].candidates[0].reasons
    assert found["plan:pro_2026"].sure(0) is None
    assert ("6", 100, ("coupon:launch goes there for eu",)) == told(found["coupon:launch"])[0]


def test_what_is_mapped_is_left_alone() -> None:
    """An item by type serves too, unless everything is asked for."""
    served = Mappings(defaults=Defaults(item_by_type={"subscription": "3"}))
    mapped = Mappings(items=(ItemRow(lago="plan:pro", item="3"),))
    plans = [{"code": "pro"}]

    assert {} == find(mappings=mapped, everything=True, plans=plans)
    assert {} == find(mappings=served, plans=plans)
    assert ["plan:pro"] == list(find(mappings=served, everything=True, plans=plans))
    assert ["plan:pro"] == list(find(mappings=Mappings(defaults=Defaults(item="1")), plans=plans))


def test_minimum_commitments_are_proposed_where_a_plan_has_one() -> None:
    """By what they are, not by the plan's name, which is that of its subscription item."""
    plans = [
        {"code": "pro", "name": "Pro", "minimum_commitment": {"amount_cents": 1}},
        {"code": "free", "name": "Free"},
    ]
    found = find(plans=plans)

    assert ["plan:pro", "plan:free", "commitment:pro"] == list(found)
    assert "3" == found["plan:pro"].candidates[0].id
    assert not any(one.id == "3" and one.exact for one in found["commitment:pro"].candidates)


def test_currencies_go_by_their_iso_code_alone() -> None:
    """A name that looks like it is no evidence."""
    found = find(plans=[{"code": "x", "amount_currency": "EUR"}, {"code": "y", "amount_currency": "ERN"}])

    assert [("4", 100, ("the same ISO code EUR",))] == told(found["EUR"])
    assert [] == told(found["ERN"])


def test_a_subsidiary_of_another_country_is_marked_down() -> None:
    """Name first; country and currency speak against."""
    entity = {"code": "acme", "name": "Acme Inc", "country": "DE", "default_currency": "EUR"}
    found = find(billing_entities=[entity])["acme"]

    assert ("2", 70, ("the same name", "but another country", "but another currency")) in told(found)
    assert found.sure(0) is None


def test_taxes_are_proposed_by_rate_and_never_sure() -> None:
    """A code of another rate is not offered; the nexus is told and comes along."""
    found = find(taxes=[{"code": "de_vat", "name": "German VAT", "rate": "19.0"}])["de_vat"]
    best, other = found.candidates

    assert ("21", "4", "2", "the same rate of 19 %") == (best.id, best.tax_type, best.nexus, best.reasons[0])
    assert "nexus Germany" in best.reasons
    assert ("22", True) == (other.id, other.score < best.score)
    assert found.sure(0) is None
    legacy = find(suitetax=False, taxes=[{"code": "de_vat", "name": "German VAT", "rate": 19}])["de_vat"]
    assert (None, None) == (legacy.candidates[0].tax_type, legacy.candidates[0].nexus)


def candidate(identity: str, score: int, *, exact: bool = True) -> Candidate:
    return Candidate(id=identity, name="", score=score, reasons=(), exact=exact)


@pytest.mark.parametrize(
    ("table", "candidates", "least", "expected"),
    [
        ("items", [candidate("1", 100)], 100, "1"),
        ("items", [candidate("1", 100), candidate("2", 95, exact=False)], 100, "1"),
        ("items", [candidate("1", 100), candidate("2", 100)], 100, None),
        ("items", [candidate("1", 95, exact=False)], 0, None),
        ("items", [candidate("1", 90)], 95, None),
        ("items", [], 0, None),
        ("taxes", [candidate("1", 100)], 0, None),
    ],
)
def test_only_an_equality_without_a_rival_is_sure(
    table: str, candidates: list[Candidate], least: int, expected: str | None
) -> None:
    """No resemblance, no tie, no tax."""
    suggestion = Suggestion(table=table, lago="x", name="", candidates=tuple(candidates))
    sure = suggestion.sure(least)

    assert expected == (None if sure is None else sure.id)


@pytest.mark.parametrize(
    ("table", "lago", "expected"),
    [
        ("items", "plan:pro", Mappings(items=(ItemRow(lago="plan:pro", item="7"),))),
        ("subsidiaries", "eu", Mappings(subsidiaries=(SubsidiaryRow(billing_entity="eu", subsidiary="7"),))),
        ("currencies", "EUR", Mappings(currencies={"EUR": "7"})),
        ("taxes", "vat", Mappings(taxes=(TaxRow(lago=("vat",), target=TaxTarget("7", "4", "2")),))),
    ],
)
def test_what_is_accepted_becomes_a_row(table: str, lago: str, expected: Mappings) -> None:
    """Of its table, whole."""
    one = Candidate(id="7", name="", score=1, reasons=(), tax_type="4", nexus="2")
    suggestion = Suggestion(table=table, lago=lago, name="", candidates=(one,))

    assert expected == accept(Mappings(), suggestion, one)


@given(st.text(max_size=40))
def test_plain_words_are_their_own_form(text: str) -> None:
    """Once brought into it, a name stays; whatever letters it has."""
    assert plain_words(text) == plain_words(plain_words(text))
