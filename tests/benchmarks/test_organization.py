"""The organization that benchmarks are run on: its documents are what Lago's are, and follow from an index."""

import asyncio
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from benchmarks.organization import Documents, Shape, UniformLago, invoice_id
from lago_ns_cli.lago.schemas import read_customer, read_invoice, read_invoice_summary
from lago_ns_cli.simulator.exchange import Call
from lago_ns_cli.simulator.lago_service import LagoService
from lago_ns_cli.simulator.netsuite.envelopes import Answer
from lago_ns_cli.simulator.netsuite.logins import RequestHead

LAST = date(2026, 8, 31)
SHAPE = Shape(invoices=250, customers=40, last_day=LAST, days=5)


async def nowhere(*_: object) -> None:
    """The organization behind this one; it is not asked here."""
    raise AssertionError


def ask(path: str, service: UniformLago | None = None, **query: str) -> Answer:
    """Make a call as a client does."""
    lago = service or UniformLago(LagoService(nowhere), SHAPE, "key")
    head = RequestHead(
        method="GET",
        scheme="http",
        host="127.0.0.1",
        path=f"/api/v1/{path}",
        query=urlencode(query),
        headers={"authorization": "Bearer key"},
    )
    return asyncio.run(lago.perform(Call(head, b""), None))


def listed(path: str, **query: str) -> Any:
    """The answer to a list, decoded."""
    return msgspec.json.decode(ask(path, None, **query).body)


@pytest.mark.parametrize("index", [0, 1, 249])
def test_documents_are_read_and_add_up(index: int) -> None:
    """Ten fees, whose amounts and tax are the invoice's."""
    documents = Documents(SHAPE)
    invoice = read_invoice(msgspec.json.encode(documents.invoice(index, whole=True))).document
    bare = documents.bare(index)
    [lines], [taxes] = bare["lines"], bare["taxdetails"]
    total = sum(line["amount"] for line in lines["lineItems"]) + sum(
        tax["taxamount"] for tax in taxes["lineItems"]
    )

    assert 10 == len(invoice.fees)
    assert documents.total_cents(index) == invoice.total_amount_cents
    assert sum(fee.amount_cents for fee in invoice.fees) == invoice.fees_amount_cents
    assert invoice.total_amount_cents == round(total * 100)


def test_lists_hold_every_document_once_newest_first() -> None:
    """Three pages, then none."""
    pages = [listed("invoices", page=str(page)) for page in (1, 2, 3)]
    rows = [row for page in pages for row in page["invoices"]]

    assert [invoice_id(index) for index in range(250)] == [row["lago_id"] for row in rows]
    assert sorted((row["issuing_date"] for row in rows), reverse=True) == [
        row["issuing_date"] for row in rows
    ]
    assert [2, 3, None] == [page["meta"]["next_page"] for page in pages]
    assert read_invoice_summary(msgspec.json.encode(rows[0]))[0].lago_id == invoice_id(0)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 250),
        ({"issuing_date_from": "2026-08-30"}, 100),
        ({"issuing_date_to": "2026-08-29"}, 150),
        ({"issuing_date_from": "2026-08-30", "issuing_date_to": "2026-08-30"}, 50),
        ({"issuing_date_from": "2026-09-02"}, 0),
        ({"status[]": "draft"}, 0),
        ({"status[]": "finalized", "payment_status": "pending"}, 250),
        ({"external_customer_id": "cust_0"}, 7),
    ],
)
def test_filters_mean_what_they_mean_in_lago(query: dict[str, str], count: int) -> None:
    """Counted over all pages."""
    assert count == listed("invoices", **query)["meta"]["total_count"]


def test_an_unknown_filter_is_refused() -> None:
    """A figure must not be measured on the wrong list."""
    assert 400 == ask("invoices", partially_paid="true").status


def test_every_customer_has_its_neighbouring_invoices() -> None:
    """Which customer's an invoice is, and which invoices a customer's are, agree."""
    owners = [SHAPE.customer_of(index) for index in range(250)]
    customer = read_customer(ask("customers/cust_7").body).document

    assert [list(SHAPE.invoices_of(one)) for one in range(40)] == [
        [index for index in range(250) if owners[index] == one] for one in range(40)
    ]
    assert ("cust_7", Documents(SHAPE).customer(7)["lago_id"]) == (customer.external_id, customer.lago_id)
    assert 404 == ask("customers/cust_40").status


def test_days_begin_where_they_begin() -> None:
    """The first index of a day, for every day there is and around."""
    for back in range(-2, 8):
        day = LAST - timedelta(days=back)
        later = [index for index in range(250) if SHAPE.issued(index) >= day]
        assert len(later) == SHAPE.issued_before(day)


def test_calls_for_lists_are_counted_by_what_they_ask_for() -> None:
    """With the pages that such a list has."""
    lago = UniformLago(LagoService(nowhere), SHAPE, "key")
    ask("invoices", lago, issuing_date_from="2026-08-31", page="1")
    ask(f"invoices/{invoice_id(3)}", lago)

    assert {
        "invoices": 1,
        "invoices/{id}": 1,
        "invoices?issuing_date_from=2026-08-31 of 1 pages": 1,
    } == lago.requests
