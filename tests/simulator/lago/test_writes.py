"""Writes: payments, metadata, payment status, voids, customers, with Lago's validations."""

from typing import Any

import pytest

from tests.simulator.lago.conftest import Document, Lago


def an_invoice(
    lago: Lago, filters: str = "status[]=finalized&payment_status[]=pending&self_billed=false"
) -> Document:
    """Return a whole invoice that meets the filters and has something due where it is open."""
    rows = lago.all("invoices", filters)
    chosen = next(
        (row for row in rows if row["invoice_type"] == "subscription" and not row["total_paid_amount_cents"]),
        rows[0],
    )
    found: Document = lago.get(f"invoices/{chosen['lago_id']}")["invoice"]
    return found


def pay(lago: Lago, invoice: Document, **given: Any) -> Any:
    body = {"invoice_id": invoice["lago_id"], "amount_cents": 100, "reference": "WIRE-1", **given}
    return lago.call("POST", "payments", {"payment": body}).json()


def test_partial_payment_lowers_the_due_amount_only(lago: Lago) -> None:
    """The invoice stays pending, and the payment is dated by ``paid_at``."""
    invoice = an_invoice(lago)
    payment = pay(lago, invoice, paid_at="2026-08-14")["payment"]
    after = lago.get(f"invoices/{invoice['lago_id']}")["invoice"]

    assert ("manual", "succeeded", "2026-08-14T00:00:00Z") == (
        payment["type"], payment["payment_status"], payment["created_at"],
    )  # fmt: skip
    assert invoice["total_due_amount_cents"] - 100 == after["total_due_amount_cents"]
    assert (100, "pending") == (after["total_paid_amount_cents"], after["payment_status"])
    assert payment in lago.all("payments", f"invoice_id={invoice['lago_id']}")
    assert payment == lago.get(f"payments/{payment['lago_id']}")["payment"]


def test_full_payment_settles_invoice_and_fees(lago: Lago) -> None:
    """The whole due amount turns the invoice succeeded; it keeps its place in the list."""
    invoice = an_invoice(lago)
    order = [one["lago_id"] for one in lago.all("invoices")]
    pay(lago, invoice, amount_cents=invoice["total_due_amount_cents"])
    after = lago.get(f"invoices/{invoice['lago_id']}")["invoice"]

    assert (0, "succeeded") == (after["total_due_amount_cents"], after["payment_status"])
    assert {"succeeded"} == {
        lago.get(f"fees/{fee['lago_id']}")["fee"]["payment_status"] for fee in after["fees"]
    }
    assert order == [one["lago_id"] for one in lago.all("invoices")]
    assert len(order) == 40


@pytest.mark.parametrize(
    ("given", "details"),
    [
        ({"amount_cents": 10**12}, {"amount_cents": ["value_is_out_of_range"]}),
        ({"amount_cents": 0}, {"amount_cents": ["invalid_value"]}),
        ({"amount_cents": "100"}, {"amount_cents": ["invalid_value"]}),
        ({"reference": None}, {"reference": ["value_is_mandatory"]}),
        ({"paid_at": "soon"}, {"paid_at": ["invalid_date"]}),
    ],
)
def test_refused_payments(lago: Lago, given: Document, details: Document) -> None:
    """422 names the field and the reason."""
    answer = pay(lago, an_invoice(lago), **given)

    assert {
        "status": 422, "error": "Unprocessable Entity", "code": "validation_errors", "error_details": details,
    } == answer  # fmt: skip


def test_payments_of_what_cannot_be_paid(lago: Lago) -> None:
    """Drafts cannot be paid, prepaid credit only whole, unknown invoices not at all."""
    draft = an_invoice(lago, "status[]=draft")
    purchase = an_invoice(lago, "invoice_type=credit&payment_status[]=pending")

    assert "feature_unavailable" == pay(lago, draft)["code"]
    assert {"amount_cents": ["invalid_amount"]} == pay(lago, purchase)["error_details"]
    assert "invoice_not_found" == pay(lago, {"lago_id": "none"})["code"]


@pytest.mark.parametrize("body", [{}, [], {"invoice": {}}, None])
def test_a_missing_root_key_is_a_bad_request(lago: Lago, body: Any) -> None:
    """400 says which key was expected."""
    answer = lago.call("POST", "payments", body)

    assert answer.status_code == 400
    assert "payment" in answer.json()["error"] or "JSON" in answer.json()["error"]


def test_invoice_metadata_replaces_the_set(lago: Lago) -> None:
    """Entries whose id is repeated stay, all others go."""
    path = f"invoices/{an_invoice(lago)['lago_id']}"
    first = lago.call(
        "PUT", path, {"invoice": {"metadata": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}}
    )
    kept = first.json()["invoice"]["metadata"][0]
    given = [{"id": kept["lago_id"], "key": "a", "value": "3"}, {"key": "c", "value": "4"}]
    lago.call("PUT", path, {"invoice": {"metadata": given}})
    after = lago.get(path)["invoice"]["metadata"]

    assert [("a", "3"), ("c", "4")] == [(one["key"], one["value"]) for one in after]
    assert kept["lago_id"] == after[0]["lago_id"]
    assert len(lago.all("invoices", "metadata[c]=4")) == 1


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ([{"key": str(one), "value": "x"} for one in range(6)], "invalid_count"),
        ([{"key": "k" * 21, "value": "x"}], "value_is_too_long"),
        ([{"key": "k", "value": "x" * 141}], "value_is_too_long"),
        ([{"key": "k"}], "invalid_key_value_pair"),
        ([{"key": "k", "value": "1"}, {"key": "k", "value": "2"}], "value_already_exist"),
    ],
)
def test_refused_metadata(lago: Lago, metadata: Any, reason: str) -> None:
    """At most five entries, keys of 20 and values of 140 characters."""
    answer = lago.call("PUT", f"invoices/{an_invoice(lago)['lago_id']}", {"invoice": {"metadata": metadata}})

    assert {"metadata": [reason]} == answer.json()["error_details"]


def test_payment_status_by_hand_moves_no_money(lago: Lago) -> None:
    """An invoice can be succeeded with nothing paid and no payment."""
    invoice = an_invoice(lago)
    path = f"invoices/{invoice['lago_id']}"
    after = lago.call("PUT", path, {"invoice": {"payment_status": "succeeded"}}).json()["invoice"]

    assert "succeeded" == after["payment_status"]
    assert invoice["total_due_amount_cents"] == after["total_due_amount_cents"] > 0
    assert lago.call("PUT", path, {"invoice": {"payment_status": "paid"}}).status_code == 422


def test_drafts_and_voided_invoices_refuse_updates(lago: Lago) -> None:
    """405 with a code for each."""
    change = {"invoice": {"metadata": [{"key": "a", "value": "1"}]}}
    codes = {
        status: lago.call(
            "PUT", f"invoices/{an_invoice(lago, f'status[]={status}')['lago_id']}", change
        ).json()["code"]
        for status in ("draft", "voided")
    }

    assert {"draft": "metadata_on_draft_invoice", "voided": "update_on_voided_invoice"} == codes


def test_void_leaves_nothing_due_and_happens_once(lago: Lago) -> None:
    """A voided invoice keeps its total; voiding it again, or a paid one, is refused."""
    invoice = an_invoice(lago)
    path = f"invoices/{invoice['lago_id']}/void"
    after = lago.call("POST", path).json()["invoice"]
    paid = an_invoice(lago, "payment_status[]=succeeded")

    assert ("voided", 0, "2026-11-05T10:30:00Z") == (
        after["status"], after["total_due_amount_cents"], after["voided_at"],
    )  # fmt: skip
    assert invoice["total_amount_cents"] == after["total_amount_cents"]
    assert "not_voidable" == lago.call("POST", path).json()["code"]
    assert 405 == lago.call("POST", f"invoices/{paid['lago_id']}/void").status_code
    assert invoice["lago_id"] in {one["lago_id"] for one in lago.all("invoices", "status[]=voided")}


def test_credit_note_metadata_is_merged(lago: Lago) -> None:
    """Unlike an invoice's."""
    path = f"credit_notes/{lago.all('credit_notes')[0]['lago_id']}"
    lago.call("PUT", path, {"credit_note": {"metadata": {"a": "1", "b": "2"}}})
    lago.call("PUT", path, {"credit_note": {"metadata": {"b": "3"}, "refund_status": "failed"}})
    note = lago.get(path)["credit_note"]

    assert ({"a": "1", "b": "3"}, "failed") == (note["metadata"], note["refund_status"])
    assert 422 == lago.call("PUT", path, {"credit_note": {"refund_status": "lost"}}).status_code


def link(kind: str, **more: Any) -> Document:
    return {
        "integration_type": kind,
        "integration_code": f"{kind}-us",
        "external_customer_id": f"{kind}-1",
        **more,
    }


def test_customer_upsert_creates_then_changes(lago: Lago) -> None:
    """By external id; documents show the customer as it is today."""
    created = lago.call("POST", "customers", {"customer": {"external_id": "new", "name": "New Inc."}}).json()[
        "customer"
    ]
    changed = lago.call(
        "POST", "customers", {"customer": {"external_id": "cust_0001", "name": "Renamed Inc."}}
    )
    invoice = lago.all("invoices", "external_customer_id=cust_0001")[0]

    assert created == lago.get("customers/new")["customer"]
    assert "America/New_York" == created["applicable_timezone"]
    assert 9 == len(lago.all("customers"))
    assert "Renamed Inc." == changed.json()["customer"]["name"] == invoice["customer"]["name"]
    assert "New York" == invoice["customer"]["city"]


def test_links_that_are_not_repeated_are_destroyed(lago: Lago) -> None:
    """The trap of ``integration_customers``: what is sent replaces what was there, by id."""

    def upsert(**given: Any) -> Document:
        body = {"customer": {"external_id": "cust_0001", **given}}
        customer: Document = lago.call("POST", "customers", body).json()["customer"]
        return customer

    first = upsert(integration_customers=[link("netsuite", subsidiary_id="2"), link("hubspot")])
    kept = first["integration_customers"][0]
    untouched = upsert(name="Hooli Inc.")
    second = upsert(integration_customers=[link("netsuite", id=kept["lago_id"], external_customer_id="9")])
    third = upsert(
        integration_customers=[link("netsuite", external_customer_id=None, sync_with_provider=True)]
    )
    last = upsert(integration_customers=[link("netsuite", external_customer_id=None)])

    assert first["integration_customers"] == untouched["integration_customers"]
    assert [{**kept, "external_customer_id": "9"}] == second["integration_customers"]
    assert [None] == [one["external_customer_id"] for one in third["integration_customers"]]
    assert third["integration_customers"][0]["lago_id"] != kept["lago_id"]
    assert [] == last["integration_customers"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "no id"}, 422),
        ({"external_id": "x", "billing_entity_code": "nowhere"}, 404),
        ({"external_id": "x", "integration_customers": [link("netsuite"), link("netsuite")]}, 422),
        ({"external_id": "x", "metadata": [{"key": "k", "value": "v" * 101}]}, 422),
    ],
)
def test_refused_customers(lago: Lago, given: Document, status: int) -> None:
    """And nothing is created."""
    assert status == lago.call("POST", "customers", {"customer": given}).status_code
    assert 8 == len(lago.all("customers"))


def test_partner_accounts_ignore_links(lago: Lago) -> None:
    """The whole block is ignored."""
    given = {"external_id": "cust_0008", "integration_customers": [link("netsuite")]}

    assert (
        [] == lago.call("POST", "customers", {"customer": given}).json()["customer"]["integration_customers"]
    )
