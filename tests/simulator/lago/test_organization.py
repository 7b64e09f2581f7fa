"""What the generated organization looks like."""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.lago.collection import Collection
from lago_ns_cli.simulator.lago.money import decimal_text, subunits
from lago_ns_cli.simulator.lago.organization import Organization
from lago_ns_cli.simulator.lago.profiles import external_id, index_of_external_id, is_partner, partners_below
from lago_ns_cli.simulator.lago.queries import Query
from lago_ns_cli.simulator.lago.source import Kind, Place, Source
from tests.simulator.lago.conftest import organization_of

Document = dict[str, Any]


def singles(organization: Organization, collection: Collection | None = None) -> list[Document]:
    """Return all documents of a kind, invoices by default, as single GETs show them."""
    collection = collection or organization.invoices
    rows = organization.page(collection, Query(), 1, 10_000).documents
    return [document for row in rows if (document := collection.get(row["lago_id"]))]


def test_default_organization_shows_every_feature(organization: Organization) -> None:
    """Forty invoices of eight customers hold each kind of fee, credit, status, tax and payment."""
    invoices = singles(organization)
    fees = [fee for invoice in invoices for fee in invoice["fees"]]
    payments = singles(organization, organization.payments)
    notes = singles(organization, organization.credit_notes)
    taxes = {tuple(tax["tax_code"] for tax in invoice["applied_taxes"]) for invoice in invoices}

    assert {fee["item"]["type"] for fee in fees} == {
        "subscription", "charge", "fixed_charge", "add_on", "credit", "commitment",
    }  # fmt: skip
    assert {one["item"]["type"] for invoice in invoices for one in invoice["credits"]} == {
        "coupon", "credit_note", "invoice",
    }  # fmt: skip
    assert {one["invoice_type"] for one in invoices} == {
        "subscription",
        "one_off",
        "credit",
        "progressive_billing",
    }
    assert {one["status"] for one in invoices} == {"finalized", "draft", "voided", "failed"}
    assert {one["payment_status"] for one in invoices} == {"pending", "succeeded", "failed"}
    assert {one["currency"] for one in invoices} == {"USD", "EUR", "JPY"}
    assert {
        ("us_nyc",),
        ("us_ny_state", "us_nyc_city"),
        ("export_zero",),
        ("de_vat",),
        ("eu_reverse_charge",),
    } <= taxes
    assert any(one["self_billed"] for one in invoices)
    assert any(one["prepaid_granted_credit_amount_cents"] for one in invoices)
    assert any(
        one["prepaid_credit_amount_cents"] and not one["prepaid_granted_credit_amount_cents"]
        for one in invoices
    )
    assert any(fee["lago_true_up_parent_fee_id"] for fee in fees)
    assert any(fee["amount_cents"] == 0 for fee in fees)
    assert any(one["fees_amount_cents"] == 0 for one in invoices)
    assert {(one["type"], one["payable_type"]) for one in payments} == {
        ("manual", "Invoice"), ("provider", "Invoice"), ("provider", "PaymentRequest"),
    }  # fmt: skip
    assert {one["payment_status"] for one in payments} == {"succeeded", "failed", "processing"}
    assert all(any(note[f"{part}_amount_cents"] for note in notes) for part in ("credit", "refund", "offset"))
    assert "consumed" in {note["credit_status"] for note in notes}


@pytest.mark.parametrize(("invoices", "customers"), [(40, 8), (500, 40), (300, 100), (250, 2)])
def test_most_documents_are_final_and_above_zero(invoices: int, customers: int) -> None:
    """At least nine in ten invoices are finalized and ask for something."""
    made = singles(organization_of(1, invoices, customers))
    usual = [one for one in made if one["status"] == "finalized" and one["total_amount_cents"] > 0]

    assert len(usual) >= 0.9 * len(made)


def test_amounts_are_hard_to_get_right() -> None:
    """Some usage is beyond 10^9 units at prices near 1e-9, and often units × price is not the amount."""
    fees = [fee for invoice in singles(organization_of(1, 400, 40)) for fee in invoice["fees"]]
    units = [Decimal(fee["units"]) for fee in fees]
    prices = [Decimal(fee["precise_unit_amount"]) for fee in fees]
    products = [
        one * price * subunits(fee["amount_currency"])
        for one, price, fee in zip(units, prices, fees, strict=True)
    ]
    unequal = sum(abs(product - fee["amount_cents"]) > 1 for product, fee in zip(products, fees, strict=True))

    assert any(one >= 10**9 and price < Decimal("1e-7") for one, price in zip(units, prices, strict=True))
    assert any(Decimal(fee["precise_amount"]) * 100 % 1 for fee in fees)
    assert max(units) >= 10**9
    assert unequal > 0


def test_issuing_dates_lie_in_the_year_up_to_november_2026() -> None:
    """Issuing dates run from November 2025 to the first of November 2026."""
    for size in ((40, 8), (200, 20), (150, 3)):
        dates = [one["issuing_date"] for one in singles(organization_of(3, *size))]

        assert min(dates) >= "2025-11-01"
        assert max(dates) == "2026-11-01"


def test_issuing_date_and_periods_are_the_customers_own() -> None:
    """Dates are those of the customer's time zone; a month begins at the customer's midnight."""
    for invoice in singles(organization_of(1, 200, 30)):
        zone = ZoneInfo(invoice["customer"]["applicable_timezone"])
        created = datetime.fromisoformat(invoice["created_at"]).astimezone(zone)
        assert created.date().isoformat() == invoice["issuing_date"]
        for period in invoice["billing_periods"]:
            start = datetime.fromisoformat(period["charges_from_datetime"]).astimezone(zone)
            end = datetime.fromisoformat(period["charges_to_datetime"]).astimezone(zone)
            assert (start.hour, start.minute, start.second) == (0, 0, 0)
            assert (end.hour, end.minute, end.second) == (23, 59, 59)


def test_customers_are_in_many_time_zones() -> None:
    """Zones east and west of UTC, up to its far end."""
    organization = organization_of(1, 0, 12)
    zones = {one["applicable_timezone"] for one in singles(organization, organization.customers)}

    assert {"America/New_York", "Europe/Berlin", "Asia/Tokyo", "Pacific/Kiritimati"} <= zones


def test_numbers_count_up_within_a_customer() -> None:
    """Finalized and voided invoices are numbered without a gap, in the order of time."""
    by_customer: dict[str, list[Document]] = {}
    for invoice in singles(organization_of(1, 300, 30)):
        by_customer.setdefault(invoice["customer"]["slug"], []).append(invoice)
    for slug, invoices in by_customer.items():
        numbered = sorted(
            (one for one in invoices if one["sequential_id"]),
            key=lambda one: (one["created_at"], one["number"]),
        )
        assert [f"{slug}-{place + 1:03d}" for place in range(len(numbered))] == [
            one["number"] for one in numbered
        ]
        drafts = [one for one in invoices if not one["sequential_id"]]
        assert all(
            one["status"] in ("draft", "failed") and one["number"].endswith("-DRAFT") for one in drafts
        )


def test_everything_sold_is_mapped_in_the_simulated_world(organization: Organization) -> None:
    """Each code that a fee or a tax names is one that the written mappings cover."""
    mapped = {item.lago for item in world.ITEMS}
    kinds = {
        "charge": "billable_metric",
        "add_on": "add_on",
        "fixed_charge": "add_on",
        "subscription": "plan",
    }
    taxes = {code for tax_code in world.TAX_CODES for code in tax_code.lago}
    for invoice in singles(organization_of(1, 300, 40)):
        for fee in invoice["fees"]:
            kind = kinds.get(fee["item"]["type"])
            assert kind is None or f"{kind}:{fee['item']['code']}" in mapped
        assert {tax["tax_code"] for tax in invoice["applied_taxes"]} <= taxes


def test_coupon_shares_can_leave_the_taxable_base_a_cent_short() -> None:
    """Lago drops the fraction of the base it keeps, so it may be one less than the sub-total."""
    short = Counter(
        invoice["sub_total_excluding_taxes_amount_cents"] - tax["fees_amount_cents"]
        for invoice in singles(organization_of(1, 400, 40))
        for tax in invoice["applied_taxes"]
        if invoice["coupons_amount_cents"] and invoice["billing_entity_code"] == "acme-eu"
    )

    assert set(short) == {0, 1}


def test_a_large_organization_is_computed_in_pieces() -> None:
    """A customer's invoices of a hundred thousand are read without computing the others."""
    organization = organization_of(1, 100_000, 9_000)
    page = organization.page(organization.invoices, Query(external_customer_id="cust_4001"), 1, 100)

    assert page.total == len(page.documents) > 10
    assert organization.invoices.get(page.documents[0]["lago_id"])
    assert organization._generator.chapter.cache_info().currsize == 1


@pytest.mark.parametrize(
    ("invoices", "customers"), [(0, 1), (1, 1), (5, 8), (39, 8), (40, 9), (1000, 8), (77, 120)]
)
def test_exactly_as_many_invoices_as_asked_for(invoices: int, customers: int) -> None:
    """Invoices are shared out to the last one; a partner gets one."""
    organization = organization_of(1, invoices, customers)
    rows = organization.page(organization.invoices, Query(), 1, 10_000)
    partners = Counter(row["customer"]["external_id"] for row in rows.documents if row["self_billed"])

    assert rows.total == len(rows.documents) == invoices
    assert set(partners.values()) <= {1}


def test_an_id_leads_back_to_its_place_and_no_other_id_does() -> None:
    """Ids are UUIDs of version 4 that hold their place, readable with the seed only."""
    source = Source(1)
    places = [
        Place(Kind.FEE, customer, slot, part)
        for customer in (0, 2**24 - 1)
        for slot in (0, 99)
        for part in (0, 4095)
    ]
    ids = [source.id(Kind(place.kind), *place[1:]) for place in places]

    assert places == [source.place(one) for one in ids]
    assert len(set(ids)) == len(ids)
    assert all(one[14] == "4" and one[19] in "89ab" for one in ids)
    assert [None] * len(ids) == [Source(2).place(one) for one in ids]
    assert source.place("00000011-0000-4000-8000-000000000011") is None
    assert source.place("no id") is None


def test_external_ids_lead_back_to_customers() -> None:
    """External ids are unique, number 42 is left to documents written by hand."""
    ids = [external_id(index) for index in range(300)]

    assert list(range(300)) == [index_of_external_id(one) for one in ids]
    assert index_of_external_id("cust_0042") is None
    assert index_of_external_id("cust_7") is None
    assert [partners_below(index) for index in range(300)] == [
        sum(map(is_partner, range(i))) for i in range(300)
    ]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1000", "1000.0"), ("1E+3", "1000.0"), ("0", "0.0"), ("0.0000000031", "0.0000000031"), ("1.500", "1.5"),
        ("-2.50", "-2.5"), ("12345678901", "12345678901.0"),
    ],
)  # fmt: skip
def test_decimals_are_written_as_rails_writes_them(amount: str, text: str) -> None:
    """At least one decimal, no trailing zeros beyond it, never an exponent."""
    assert text == decimal_text(Decimal(amount))


@pytest.mark.parametrize(
    ("currency", "divisor"),
    [
        ("USD", 100),
        ("JPY", 1),
        ("HUF", 1),
        ("MGA", 1),
        ("KWD", 1000),
        ("CLF", 10000),
        ("MRO", 5),
        ("TWD", 100),
    ],
)
def test_subunits_are_lagos(currency: str, divisor: int) -> None:
    """The Money gem's divisors, which are not always ISO's."""
    assert divisor == subunits(currency)
