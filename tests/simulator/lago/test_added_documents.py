"""Documents written by hand are served beside the generated ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.simulator.lago.organization import Organization
from tests.simulator.lago.conftest import Document, Lago, lago_of

SAMPLES = Path(__file__).parents[2] / "samples"


def sample(name: str, root: str) -> Document:
    document: Document = json.loads((SAMPLES / f"{name}.json").read_text())[root]
    return document


INVOICE = sample("hooli_invoice", "invoice")
NOTE = sample("hooli_credit_note", "credit_note")
PAYMENTS = [sample("hooli_payment_manual", "payment"), sample("hooli_payment_request", "payment")]


@pytest.fixture
def lago(organization: Organization) -> Lago:
    """The default organization with the samples added."""
    organization.add_documents({"invoices": [INVOICE], "credit_notes": [NOTE], "payments": PAYMENTS})
    return lago_of(organization)


def test_samples_are_served_unchanged(lago: Lago) -> None:
    """The invoice, note and payments are those of the samples."""
    assert INVOICE == lago.get(f"invoices/{INVOICE['lago_id']}")["invoice"]
    assert NOTE == lago.get(f"credit_notes/{NOTE['lago_id']}")["credit_note"]
    assert PAYMENTS == [lago.get(f"payments/{one['lago_id']}")["payment"] for one in PAYMENTS]


def test_samples_stand_in_their_place_in_lists(lago: Lago) -> None:
    """Between generated documents, in Lago's order, and in the filters."""
    invoices = lago.all("invoices")
    dates = [one["issuing_date"] for one in invoices]

    assert 41 == len(invoices)
    assert sorted(dates, reverse=True) == dates
    assert [INVOICE["number"]] == [
        one["number"] for one in lago.all("invoices", "external_customer_id=cust_0042")
    ]
    assert [NOTE["number"]] == [
        one["number"] for one in lago.get("customers/cust_0042/credit_notes")["credit_notes"]
    ]
    assert set(PAYMENTS[0]) == set(lago.all("payments", f"invoice_id={INVOICE['lago_id']}")[0])


def test_an_embedded_customer_becomes_known(lago: Lago) -> None:
    """With its subscriptions."""
    customer = lago.get("customers/cust_0042")["customer"]

    assert INVOICE["customer"] == {key: customer[key] for key in INVOICE["customer"]}
    assert INVOICE["subscriptions"] == lago.get("customers/cust_0042/subscriptions")["subscriptions"]
    assert 9 == len(lago.all("customers"))


def test_fees_of_an_added_invoice_show_their_taxes(lago: Lago) -> None:
    """The invoice's taxes whose rates sum up to the fee's."""
    taxes = [lago.get(f"fees/{fee['lago_id']}")["fee"]["applied_taxes"] for fee in INVOICE["fees"]]

    assert [[("us_nyc", 799)], [("us_nyc", 240)]] == [
        [(tax["tax_code"], tax["amount_cents"]) for tax in of_fee] for of_fee in taxes
    ]
    assert 2 == len([one for one in lago.all("fees") if one["lago_invoice_id"] == INVOICE["lago_id"]])


def test_an_added_document_replaces_the_generated_one(organization: Organization) -> None:
    """By id, in list and single; its fees take the place of the generated ones."""
    lago = lago_of(organization)
    listed = lago.all("invoices", "invoice_type=subscription")[3]
    invoice = lago.get(f"invoices/{listed['lago_id']}")["invoice"]
    fees_before = len(lago.all("fees"))
    changed = {**invoice, "issuing_date": "2025-01-01", "fees": invoice["fees"][:1]}
    organization.add_documents({"invoices": [changed]})

    assert 40 == len(lago.all("invoices"))
    assert listed["lago_id"] == lago.all("invoices")[-1]["lago_id"]
    assert changed == lago.get(f"invoices/{listed['lago_id']}")["invoice"]
    assert fees_before - len(invoice["fees"]) + 1 == len(lago.all("fees"))
    assert "applied_taxes" in lago.get(f"fees/{invoice['fees'][0]['lago_id']}")["fee"]
    assert 404 == lago.call("GET", f"fees/{invoice['fees'][1]['lago_id']}").status_code


def test_an_added_customer_is_shown_by_its_documents(organization: Organization) -> None:
    """Documents embed the customer as it is today."""
    lago = lago_of(organization)
    customer = lago.get("customers/cust_0003")["customer"]
    organization.add_documents({"customers": [{**customer, "email": "new@globex.example"}]})

    assert {"new@globex.example"} == {
        one["customer"]["email"] for one in lago.all("invoices", "external_customer_id=cust_0003")
    }


def test_adding_twice_is_adding_once(lago: Lago, organization: Organization) -> None:
    """The second replaces the first."""
    organization.add_documents({"invoices": [INVOICE]})

    assert 41 == len(lago.all("invoices"))
    assert INVOICE == lago.get(f"invoices/{INVOICE['lago_id']}")["invoice"]


@pytest.mark.parametrize(
    "documents",
    [
        {"wallets": []},
        {"invoices": ["text"]},
        {"invoices": [{"number": "without an id"}]},
        {"invoices": [{"lago_id": "x", "customer": "<<customer>>"}]},
        {"invoices": [{"lago_id": "x", "created_at": "yesterday"}]},
        {"credit_notes": [{"lago_id": "x", "created_at": None}]},
    ],
)
def test_what_cannot_be_served_is_refused(organization: Organization, documents: Any) -> None:
    """With a ValueError that says why."""
    with pytest.raises(ValueError, match=r"cannot|must be"):
        organization.add_documents(documents)
