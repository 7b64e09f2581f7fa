"""Lists: order, pages, filters and their traps."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator.lago.conftest import Document, Lago


def test_invoice_list_is_ordered_by_issuing_date_then_creation_then_id(lago: Lago) -> None:
    """Issuing date descending, creation descending, id ascending."""
    invoices = lago.all("invoices")
    expected = sorted(invoices, key=lambda one: one["lago_id"])
    expected.sort(key=lambda one: (one["issuing_date"], one["created_at"]), reverse=True)

    assert [one["lago_id"] for one in expected] == [one["lago_id"] for one in invoices]


@pytest.mark.parametrize(
    "name", ["customers", "credit_notes", "payments", "payment_requests", "wallets", "plans"]
)
def test_other_lists_show_the_newest_first(lago: Lago, name: str) -> None:
    """Creation descending."""
    created = [one["created_at"] for one in lago.all(name)]

    assert sorted(created, reverse=True) == created


def test_fees_are_listed_oldest_first_with_their_taxes(lago: Lago) -> None:
    """Creation ascending, id ascending; only here do fees show their taxes."""
    fees = lago.all("fees")

    assert sorted(fees, key=lambda fee: (fee["created_at"], fee["lago_id"])) == list(fees)
    assert all("applied_taxes" in fee for fee in fees)


def test_pages_follow_next_page_to_the_end(lago: Lago) -> None:
    """Following ``next_page`` gives every invoice once."""
    found: list[Document] = []
    page: int | None = 1
    while page:
        answer = lago.get(f"invoices?per_page=7&page={page}")
        found += answer["invoices"]
        meta = answer["meta"]
        assert (page, 6, 40) == (meta["current_page"], meta["total_pages"], meta["total_count"])
        assert meta["prev_page"] == (page - 1 or None)
        page = meta["next_page"]

    assert list(lago.all("invoices")) == found


@pytest.mark.parametrize(
    ("query", "size", "meta"),
    [
        ("", 40, {"current_page": 1, "next_page": None, "prev_page": None, "total_pages": 1, "total_count": 40}),
        ("?per_page=many", 25, {"current_page": 1, "next_page": 2, "prev_page": None, "total_pages": 2, "total_count": 40}),
        ("?page=9", 0, {"current_page": 9, "next_page": None, "prev_page": 8, "total_pages": 1, "total_count": 40}),
        ("?currency=GBP", 0, {"current_page": 0, "next_page": None, "prev_page": None, "total_pages": 0, "total_count": 0}),
        ("?issuing_date_from=yesterday&issuing_date_to=2026-13-45", 40, None),
        ("?an_unknown_parameter=1", 40, None),
    ],
)  # fmt: skip
def test_meta_and_nonsense(lago: Lago, query: str, size: int, meta: Document | None) -> None:
    """An empty list has page 0; unreadable dates and unknown parameters are ignored."""
    answer = lago.get(f"invoices{query}")

    assert size == len(answer["invoices"])
    assert meta is None or meta == answer["meta"]


def test_invoice_list_leaves_out_what_only_the_single_shows(lago: Lago) -> None:
    """The list has customer, metadata and taxes, and one more call gives the rest."""
    hidden = {
        "fees", "credits", "subscriptions", "billing_periods", "error_details", "applied_invoice_custom_sections",
    }  # fmt: skip
    for listed in lago.all("invoices"):
        single = lago.get(f"invoices/{listed['lago_id']}")["invoice"]

        assert single.keys() - listed.keys() - {"applied_usage_thresholds"} == hidden
        assert listed == {key: single[key] for key in listed}
        assert not any("applied_taxes" in fee for fee in single["fees"])


def known(field: str, *values: Any) -> Callable[[Document], bool]:
    return lambda document: document[field] in values


FILTERS: list[tuple[str, Callable[[Document], bool]]] = [
    ("status[]=draft&status[]=voided", known("status", "draft", "voided")),
    ("statuses[]=failed", known("status", "failed")),
    ("status=finalized", known("status", "finalized")),
    ("payment_status[]=failed", known("payment_status", "failed")),
    ("invoice_type=one_off", known("invoice_type", "one_off")),
    ("currency=JPY", known("currency", "JPY")),
    ("self_billed=true", known("self_billed", True)),
    ("payment_overdue=true", known("payment_overdue", True)),
    ("payment_overdue=false", known("payment_overdue", False)),
    ("billing_entity_codes[]=acme-eu", known("billing_entity_code", "acme-eu")),
    ("issuing_date_from=2026-10-01", lambda one: one["issuing_date"] >= "2026-10-01"),
    ("issuing_date_to=2026-10-01", lambda one: one["issuing_date"] <= "2026-10-01"),
    ("amount_from=50000&amount_to=60000", lambda one: 50000 <= one["total_amount_cents"] <= 60000),
    ("external_customer_id=cust_0003", lambda one: one["customer"]["external_id"] == "cust_0003"),
    ("customer_external_id=cust_0003", lambda one: one["customer"]["external_id"] == "cust_0003"),
    ("settlements[]=credit_note", lambda one: one["total_offsetted_credit_note_amount_cents"] > 0),
    (
        "partially_paid=true",
        lambda one: one["total_paid_amount_cents"] > 0 and one["total_due_amount_cents"] > 0,
    ),
    ("search_term=hooli", lambda one: one["customer"]["name"] == "Hooli Inc."),
    ("purchase_order_number=PO-7001", known("purchase_order_number", "PO-7001")),
]


@pytest.mark.parametrize(("filters", "wanted"), FILTERS, ids=[text for text, _ in FILTERS])
def test_invoice_filters(lago: Lago, filters: str, wanted: Callable[[Document], bool]) -> None:
    """A filter gives those of all invoices that meet it, in the same order, and never none of them here."""
    expected = [one for one in lago.all("invoices") if wanted(one)]

    assert expected
    assert expected == lago.all("invoices", filters)


@pytest.mark.parametrize("text", ["true", "false"])
def test_payment_dispute_filter_takes_any_text_for_true(lago: Lago, text: str) -> None:
    """``payment_dispute_lost=false`` behaves like ``true``."""
    assert lago.all("invoices", f"payment_dispute_lost={text}") == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("invoices?status[]=paid", 422, "validation_errors"),
        ("invoices?payment_status[]=partial", 422, "validation_errors"),
        ("invoices?billing_entity_codes[]=nowhere", 404, "billing_entity_not_found"),
        ("invoices?billing_entity_codes=acme-us", 500, None),
    ],
)
def test_refused_filters(lago: Lago, path: str, status: int, code: str | None) -> None:
    """Unknown statuses and billing entities are refused, a plain string breaks the server."""
    answer = lago.call("GET", path)

    assert status == answer.status_code
    assert code == answer.json().get("code")


@pytest.mark.parametrize(
    ("name", "filters", "wanted"),
    [
        ("credit_notes", "credit_status=consumed", known("credit_status", "consumed")),
        ("credit_notes", "reason=no_such_reason", lambda _: True),
        ("credit_notes", "types[]=refund", lambda one: one["refund_amount_cents"] > 0),
        ("credit_notes", "issuing_date_from=2026-09-01", lambda one: one["issuing_date"] >= "2026-09-01"),
        ("credit_notes", "external_customer_id=cust_0005", lambda one: one["customer"]["external_id"] == "cust_0005"),
        ("fees", "fee_type=add_on", lambda one: one["item"]["type"] == "add_on"),
        ("fees", "billable_metric_code=compute_hours", lambda one: one["item"]["code"] == "compute_hours"),
        ("fees", "external_subscription_id=sub_0002", known("external_subscription_id", "sub_0002")),
        ("fees", "currency=EUR", known("amount_currency", "EUR")),
        ("fees", "created_at_from=2026-10-01T00:00:00Z", lambda one: one["created_at"] >= "2026-10-01T00:00:00Z"),
        ("payments", "external_customer_id=cust_0002", known("external_customer_id", "cust_0002")),
        ("wallets", "external_customer_id=cust_0005", known("external_customer_id", "cust_0005")),
        ("customers", "search_term=initech", known("name", "Initech Inc.")),
        ("customers", "external_id=cust_0007.example", known("external_id", "cust_0007.example")),
        ("customers", "account_type[]=partner", known("account_type", "partner")),
        ("customers", "currencies[]=EUR&currencies[]=JPY", known("currency", "EUR", "JPY")),
        ("customers", "has_customer_type=false", known("customer_type", None)),
        ("customers", "metadata[region]=amer", lambda one: any(m["value"] == "amer" for m in one["metadata"])),
        ("customers", "metadata[region]=", lambda one: not one["metadata"]),
    ],
)  # fmt: skip
def test_other_filters(lago: Lago, name: str, filters: str, wanted: Callable[[Document], bool]) -> None:
    """As for invoices; unknown values of a credit note's enumerations are ignored."""
    expected = [one for one in lago.all(name) if wanted(one)]

    assert expected
    assert expected == lago.all(name, filters)


def test_payments_are_found_by_any_invoice_they_cover(lago: Lago) -> None:
    """A payment request's payment is found by each of its invoices."""
    payment = next(one for one in lago.all("payments") if one["payable_type"] == "PaymentRequest")

    for invoice_id in payment["invoice_ids"]:
        assert payment in lago.all("payments", f"invoice_id={invoice_id}")


@pytest.mark.parametrize("name", ["invoices", "credit_notes", "payments", "payment_requests", "wallets"])
def test_nested_lists_are_the_customers_own(lago: Lago, name: str) -> None:
    """``/customers/{external_id}/…`` is the list filtered by customer."""
    nested = [
        one
        for number in range(1, 9)
        if number != 7
        for one in lago.get(f"customers/cust_000{number}/{name}")[name]
    ]
    whole = [one for one in lago.all(name) if "cust_0007.example" not in str(one)]

    assert sorted(one["lago_id"] for one in nested) == sorted(one["lago_id"] for one in whole)
