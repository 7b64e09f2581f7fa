"""A file stands in for Lago: every form it may have, and every way it may be broken."""

import asyncio
import json
from datetime import date
from typing import Any

import pytest

from lago_ns_cli.domain.exchange import Selection, Unreadable
from lago_ns_cli.domain.identifiers import Kind, LagoExternalId, LagoId
from lago_ns_cli.errors import ConfigError, DocumentError
from lago_ns_cli.lago.file import FileSource
from tests.adapters.lago.organization import collect, compact, sample

ID = LagoId("00000011-0000-4000-8000-000000000011")
OTHER_ID = LagoId("00000012-0000-4000-8000-000000000012")


def invoice(lago_id: str = ID, **changes: Any) -> dict[str, Any]:
    return {**sample("invoice"), "lago_id": lago_id, **changes}


def listed(content: bytes, selection: Selection | None = None, kind: Kind = Kind.INVOICE) -> list[Any]:
    """List the documents of a kind that a file holds."""
    source = FileSource(content, kind=kind)
    lists: dict[Kind, Any] = {
        Kind.INVOICE: source.invoices,
        Kind.CUSTOMER: source.customers,
        Kind.CREDIT_NOTE: source.credit_notes,
        Kind.PAYMENT: source.payments,
    }
    return asyncio.run(collect(lists[kind](selection or Selection())))


@pytest.mark.parametrize(
    "content",
    [
        compact({"invoice": invoice()}),
        compact(invoice()),
        compact({"invoices": [invoice()]}),
        compact([invoice()]),
        compact([{"invoice": invoice()}]),
        json.dumps({"invoice": invoice()}, indent=2).encode(),
        b"\xef\xbb\xbf" + compact(invoice()) + b"\r\n",
        compact(invoice()) + b"\n" + compact({"invoice": invoice()}) + b"\n\n",
        compact({"webhook_type": "invoice.created", "object_type": "invoice", "invoice": invoice()}),
        compact({"customers": [], "invoices": [invoice()], "payments": []}),
        compact({"invoices": [invoice(), invoice()], "meta": {"next_page": None}}),
    ],
)
def test_every_form_gives_the_invoice_once(content: bytes) -> None:
    """Rooted, bare, listed, a line each, pretty-printed, from a webhook, from an API answer."""
    [summary] = listed(content)
    received = asyncio.run(FileSource(content, kind=Kind.INVOICE).invoice(ID))

    assert summary.number == "ACM-1F2E-042-008"
    assert received.document.lago_id == ID
    assert received.tree["number"] == "ACM-1F2E-042-008"


@pytest.mark.parametrize(
    ("kind", "name", "root"),
    [
        (Kind.CREDIT_NOTE, "credit_note", "credit_note"),
        (Kind.PAYMENT, "payment_manual", "payment"),
        (Kind.PAYMENT, "payment_request", "payment"),
    ],
)
def test_other_kinds_come_in_the_same_forms(kind: Kind, name: str, root: str) -> None:
    """The root key tells the kind; a bare object is of the command's."""
    document = sample(name)
    forms = ({root: document}, document, {f"{root}s": [document]})
    rows = [listed(compact(form), kind=kind) for form in forms]

    assert rows[0] == rows[1] == rows[2]
    assert rows[0][0].document.lago_id == document["lago_id"]


def test_a_root_key_outweighs_the_command() -> None:
    """A credit note among invoices stays a credit note."""
    content = compact({"credit_note": sample("credit_note")})

    assert listed(content) == []
    assert len(listed(content, kind=Kind.CREDIT_NOTE)) == 1


def test_the_last_of_two_states_stands() -> None:
    """A file of lines is read as a log: what comes later is newer."""
    lines = compact(invoice(status="draft")) + b"\n" + compact(invoice(status="finalized"))

    assert [row.status for row in listed(lines)] == ["finalized"]


def test_embedded_customers_are_served() -> None:
    """No call to Lago is made, so an invoice's own customer must do."""
    customer = sample("invoice")["customer"]
    source = FileSource(compact({"invoice": invoice()}), kind=Kind.INVOICE)
    received = asyncio.run(source.customer(LagoExternalId("cust_0042")))

    assert received.document.name == "Hooli Inc."
    assert json.loads(received.raw) == customer
    with pytest.raises(DocumentError) as caught:
        asyncio.run(source.customer(LagoExternalId("cust_9")))
    assert caught.value.code == "not_in_file"


def test_a_customer_of_its_own_outweighs_an_embedded_one() -> None:
    """It was put there on purpose."""
    customer = {**sample("invoice")["customer"], "name": "Hooli Ltd."}
    source = FileSource(compact({"customers": [customer], "invoices": [invoice()]}), kind=Kind.CUSTOMER)

    assert asyncio.run(source.customer(LagoExternalId("cust_0042"))).document.name == "Hooli Ltd."
    assert [row.document.name for row in listed(compact(customer), kind=Kind.CUSTOMER)] == ["Hooli Ltd."]


def test_a_spoiled_document_stops_no_other() -> None:
    """It is told in its place, and asking for it tells the same."""
    content = compact({"invoices": [invoice(OTHER_ID, total_amount_cents="1"), invoice(), 5]})
    spoiled, sound, number = listed(content)

    assert isinstance(spoiled, Unreadable)
    assert (spoiled.lago_id, spoiled.number, spoiled.error.code) == (
        OTHER_ID,
        "ACM-1F2E-042-008",
        "malformed_document",
    )
    assert sound.lago_id == ID
    assert "expected an object" in number.error.message
    with pytest.raises(DocumentError, match="total_amount_cents"):
        asyncio.run(FileSource(content, kind=Kind.INVOICE).invoice(OTHER_ID))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"invoice": {"lago_id"', "standard input is no JSON: line 2, column 23"),
        (b'{"lago_id": NaN}', "line 2: it holds NaN or Infinity"),
        (b'{"lago_id": "\xff" x}', "line 2: it is not UTF-8 text"),
        (b'{"plan": {}}', "standard input, line 2, holds no document of Lago"),
        (b'{"\xff": 1}', "standard input, line 2, cannot be read: it is not UTF-8 text"),
        (b'{"invoices":[],"invoices":[]}', "standard input, line 2, holds the key 'invoices' twice"),
    ],
)
def test_a_spoiled_line_stops_no_other(line: bytes, fault: str) -> None:
    """JSON lines are independent of each other; the error names the line."""
    rows = listed(compact(invoice()) + b"\n" + line + b"\n" + compact(invoice(OTHER_ID)))
    spoiled = [row for row in rows if isinstance(row, Unreadable)]

    assert len(rows) == 3
    assert fault in spoiled[0].error.message


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "invoices.json is empty"),
        (b" \n ", "invoices.json is empty"),
        (b'{"invoice": {\n  "lago_id": "1",\n  oops\n}}', "line 3, column 3"),
        (b'{"invoice": ', "line 1, column 13"),
        (compact({"invoice": 1}).decode().encode("utf-16"), "line 1: it is not UTF-8 text"),
        (b"number,total\n1,2\n", "line 1, column 1"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"plans": []}', "holds no document of Lago"),
        (b'{"invoices": {}}', "holds no document of Lago"),
        (b'"invoice"', "holds no document of Lago"),
        (b'{"invoices": [], "invoices": []}', "holds the key 'invoices' twice"),
    ],
)
def test_a_file_that_is_none_says_where_it_breaks(content: bytes, fault: str) -> None:
    """Line and column, and the forms that are taken."""
    with pytest.raises(ConfigError) as caught:
        FileSource(content, kind=Kind.INVOICE, name="invoices.json")

    assert fault in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(), [ID, OTHER_ID]),
        (Selection(since=date(2026, 8, 2)), [OTHER_ID]),
        (Selection(until=date(2026, 8, 1)), [ID]),
        (Selection(customer=LagoExternalId("cust_9")), []),
        (Selection(billing_entity="acme-us"), [ID, OTHER_ID]),
        (Selection(ids=(ID.upper(),)), [ID]),
        (Selection(ids=("ACM-2",)), [OTHER_ID]),
    ],
)
def test_a_selection_chooses_within_the_file(selection: Selection, ids: list[str]) -> None:
    """The same rules as for Lago's lists."""
    content = compact({"invoices": [invoice(), invoice(OTHER_ID, number="ACM-2", issuing_date="2026-09-01")]})

    assert [row.lago_id for row in listed(content, selection)] == ids


def test_an_id_that_is_not_there_is_told() -> None:
    """Nothing that was asked for is dropped silently."""
    found, absent = listed(compact(invoice()), Selection(ids=("ACM-7", ID)))

    assert found.lago_id == ID
    assert (absent.number, absent.error.code) == ("ACM-7", "not_in_file")


def test_payments_of_one_invoice_are_chosen() -> None:
    """A payment request pays several invoices."""
    content = compact({"payments": [sample("payment_manual"), sample("payment_request")]})
    source = FileSource(content, kind=Kind.PAYMENT)

    def of(lago_id: LagoId) -> list[str]:
        rows = asyncio.run(collect(source.payments(Selection(), invoice=lago_id)))
        return [row.document.type for row in rows if not isinstance(row, Unreadable)]

    assert (of(ID), of(OTHER_ID)) == (["manual", "provider"], ["provider"])


def test_fees_rarely_tell_their_taxes() -> None:
    """Where they do not, the document has to be held, for nobody can be asked."""
    first, second = sample("invoice")["fees"]
    first["applied_taxes"] = [{"tax_code": "us_nyc", "tax_rate": 8.875, "amount_cents": 799}]
    source = FileSource(compact(invoice(fees=[first, second])), kind=Kind.INVOICE)

    assert asyncio.run(source.fee(LagoId(first["lago_id"]))).lago_id == first["lago_id"]
    with pytest.raises(DocumentError) as caught:
        asyncio.run(source.fee(LagoId(second["lago_id"])))
    assert caught.value.code == "fee_taxes_unknown"


def test_a_file_names_no_organization_and_holds_no_catalog() -> None:
    """Both need Lago."""
    source = FileSource(compact(invoice()), kind=Kind.INVOICE)

    assert asyncio.run(source.organization()) is None
    with pytest.raises(ConfigError):
        asyncio.run(source.catalog_section("plans"))
    asyncio.run(source.aclose())
