"""Lago's JSON becomes documents, exactly, or an error that names the document and the path."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.documents import Received
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.lago import schemas, trees
from tests.adapters.lago.organization import compact, sample

READERS: dict[str, Callable[[bytes], Received[Any]]] = {
    "invoice": schemas.read_invoice,
    "credit_note": schemas.read_credit_note,
    "payment_manual": schemas.read_payment,
    "payment_request": schemas.read_payment,
}


def changed(name: str, path: str, value: object) -> bytes:
    """Give a sample another value at a path such as ``fees.0.units``."""
    document: Any = sample(name)
    *parents, last = path.split(".")
    part = document
    for parent in parents:
        part = part[int(parent) if isinstance(part, list) else parent]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return compact(document)


@pytest.mark.parametrize("name", READERS)
def test_bare_and_rooted_documents_are_the_same(name: str) -> None:
    """The root key is optional, and the raw bytes are the document's own either way."""
    bare = compact(sample(name))
    root = "payment" if name.startswith("payment") else name
    rooted = READERS[name](b'{"%s":%s}' % (root.encode(), bare))

    assert READERS[name](bare) == rooted
    assert bare == rooted.raw
    assert sample(name)["lago_id"] == rooted.document.lago_id


def test_invoice_is_read_with_every_digit() -> None:
    """Rates come as JSON numbers, decimals as texts, amounts as integers; none passes through a float."""
    invoice = schemas.read_invoice(compact(sample("invoice"))).document

    assert 10_000 == invoice.total_amount_cents
    assert Decimal("8.875") == invoice.fees[0].taxes_rate
    assert Decimal("0.012") == invoice.fees[1].precise_unit_amount
    assert datetime(2026, 7, 1, 4, tzinfo=UTC) == invoice.fees[0].from_date
    assert "98765" == invoice.customer.integration_customers[0].external_customer_id
    assert invoice.fees[0].applied_taxes is None


@pytest.mark.parametrize(
    ("path", "text", "read"),
    [
        ("total_amount_cents", "123456789012345678901", lambda i: i.total_amount_cents),
        ("fees.0.taxes_rate", "8.87500000000000000000000001", lambda i: i.fees[0].taxes_rate),
        ("fees.0.taxes_rate", "9", lambda i: i.fees[0].taxes_rate),
        ("fees.0.units", '"0.000000000000001"', lambda i: i.fees[0].units),
        ("fees.0.precise_unit_amount", '"1e-9"', lambda i: i.fees[0].precise_unit_amount),
    ],
)
def test_numbers_keep_all_digits(path: str, text: str, read: Callable[[Any], object]) -> None:
    """However long, a number is the number that Lago wrote."""
    raw = changed("invoice", path, "@").replace(b'"@"', text.encode())
    value = read(schemas.read_invoice(raw).document)

    assert Decimal(text.strip('"')) == value


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("total_amount_cents", "10000", "total_amount_cents: expected an integer, got text"),
        ("total_amount_cents", 100.5, "total_amount_cents: expected an integer, got a decimal number"),
        ("total_amount_cents", True, "total_amount_cents: expected an integer, got true or false"),
        ("total_amount_cents", None, "total_amount_cents: expected an integer, got null"),
        ("total_amount_cents", ..., "object missing required field total_amount_cents"),
        ("number", 42, "number: expected text, got an integer"),
        ("self_billed", "false", "self_billed: expected true or false, got text"),
        ("fees.1.units", True, "fees[1].units: expected a decimal number, got true or false"),
        ("fees.1.units", "many", "fees[1].units: invalid decimal string"),
        ("fees.1.units", "NaN", "fees[1].units: NaN is not an amount"),
        ("fees.1.units", "-Infinity", "fees[1].units: -Infinity is not an amount"),
        ("fees.1.units", "1e999999999", "fees[1].units: 1E+999999999 is not an amount"),
        (
            "fees.0.created_at",
            "2026-08-01T00:01:05",
            "fees[0].created_at: 2026-08-01T00:01:05 names no time zone",
        ),
        ("updated_at", "yesterday", "updated_at: invalid RFC3339 encoded datetime"),
        ("issuing_date", "2026-02-30", "issuing_date: invalid RFC3339 encoded date"),
        ("customer", None, "customer: expected an object, got null"),
        ("customer.external_id", 7, "customer.external_id: expected text, got an integer"),
        ("fees", {}, "fees: expected a list, got an object"),
    ],
)
def test_what_is_not_as_promised_is_refused_and_named(path: str, value: object, fault: str) -> None:
    """The error tells the document, the path in it, and what is wrong there."""
    with pytest.raises(DocumentError) as caught:
        schemas.read_invoice(changed("invoice", path, value))

    assert "malformed_document" == caught.value.code
    assert fault in caught.value.message
    assert "00000011-0000-4000-8000-000000000011" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("fees.0.created_at", "2026-08-01T00:01:05.123Z"),
        ("fees.0.created_at", "2026-08-01T02:01:05+02:00"),
        ("fees.0.from_date", ...),
        ("fees.0.from_date", None),
        ("customer.name", ...),
        ("payment_due_date", None),
        ("a_key_of_tomorrow", {"any": ["thing"]}),
    ],
)
def test_what_lago_may_send_is_taken(path: str, value: object) -> None:
    """Fractions of seconds, absent optional keys and new keys are no faults."""
    raw = (
        compact({**sample("invoice"), path: value})
        if path.startswith("a_key")
        else changed("invoice", path, value)
    )

    assert "ACM-1F2E-042-008" == schemas.read_invoice(raw).document.number


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "Input data was truncated"),
        (b"{", "Input data was truncated"),
        (b"[]", "expected an object, got a list"),
        (b'{"invoice":null}', "expected an object"),
        (b'{"number":NaN}', "invalid character"),
        (b'{"number":Infinity}', "invalid character"),
        (b'{"number":"\xff"}', "it is not UTF-8 text"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, "it is nested too deeply"),
        (b"<html></html>", "invalid character"),
    ],
)
def test_what_is_no_json_object_is_refused(raw: bytes, fault: str) -> None:
    """Whatever the bytes are, the answer is an error and no traceback."""
    with pytest.raises(DocumentError) as caught:
        schemas.read_invoice(raw)

    assert fault in caught.value.message


@pytest.mark.parametrize(
    "twin",
    [
        b'"currency":"USD","currency":"EUR",',
        b'"currency":"USD","currency":"USD",',
        b'"currency" : "USD", "currency" : "EUR",',
        b'"currency":"USD",\n"currency"\n:"EUR",',
        b'"currency":"USD","cur\\u0072ency":"EUR",',
        b'"x":{"y":1,"y":2},"currency":"USD",',
        b'"x":"\\":","currency":"USD","currency":"EUR",',
        b'"x":"\\u003ay","currency":"USD","currency":"EUR",',
    ],
)
def test_a_key_that_stands_twice_is_refused(twin: bytes) -> None:
    """One of two amounts would win silently; neither is taken."""
    raw = compact(sample("invoice")).replace(b'"currency":"USD",', twin, 1)

    with pytest.raises(DocumentError, match="stands twice in one object") as caught:
        schemas.read_invoice(raw)

    assert "ACM-1F2E-042-008" in caught.value.message


keys = st.text(st.sampled_from('ab":\\ \n'), max_size=3)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(st.sampled_from('a": \\,{}[]'), max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
)


@given(value=values, indent=st.sampled_from([None, 1]), spaced=st.booleans())
def test_no_text_is_taken_for_a_twin(value: object, indent: int | None, spaced: bool) -> None:
    """Texts that look like keys never raise a false alarm, however the JSON is laid out."""
    raw = json.dumps(value, indent=indent, separators=(",", " : " if spaced else ":")).encode()

    assert trees.twin_key(raw, trees.read_tree(raw)) is None


@given(value=st.dictionaries(keys, values, min_size=1, max_size=3), spaced=st.booleans())
def test_every_twin_is_found(value: dict[str, object], spaced: bool) -> None:
    """Repeating any member of an object is noticed."""
    colon = " : " if spaced else ":"
    members = [json.dumps(key) + colon + json.dumps(value[key], separators=(",", ":")) for key in value]
    raw = ("{" + ",".join([*members, members[0]]) + "}").encode()

    assert "stands twice" in (trees.twin_key(raw, trees.read_tree(raw)) or "")


def test_half_a_character_becomes_a_replacement_character() -> None:
    """A lone surrogate cannot be stored anywhere; the rest of the text is kept, and the raw bytes too."""
    raw = compact(sample("invoice")).replace(b'"Hooli Inc."', b'"Ho\\ud83d \\ud83d\\ude00 \\\\ud83d"')
    received = schemas.read_invoice(raw)

    assert "Ho\ufffd \U0001f600 \\ud83d" == received.document.customer.name
    assert raw == received.raw


def test_page_gives_rows_even_if_one_is_spoiled() -> None:
    """Rows are cut out unread, so a bad one spoils no other."""
    raw = b'{"invoices":[{"lago_id":5},{"lago_id":"\xff"},{"a":1,"a":2}],"meta":{"next_page":2}}'
    page = schemas.read_page(raw, "invoices")

    assert (b'{"lago_id":5}', b'{"lago_id":"\xff"}', b'{"a":1,"a":2}') == page.rows
    assert 2 == page.next_page
    assert schemas.Page((), None) == schemas.read_page(b'{"billing_entities":[]}', "billing_entities")


@pytest.mark.parametrize(
    "raw", [b"[]", b"{}", b'{"invoices":{}}', b'{"invoices":[],"meta":{"next_page":"2"}}', b"\xff", b"{"]
)
def test_page_that_is_none_is_refused(raw: bytes) -> None:
    """A list without its key, or with a next page that is no number, is no list."""
    with pytest.raises(DocumentError):
        schemas.read_page(raw, "invoices")


def test_fee_tells_its_taxes_where_lago_does() -> None:
    """Only ``/fees/{id}`` states the taxes of a fee."""
    fee = sample("invoice")["fees"][0]
    taxes = [{"tax_code": "us_nyc", "tax_rate": 8.875, "amount_cents": 799}]
    read = schemas.read_fee(compact({"fee": {**fee, "applied_taxes": taxes}}))

    assert read.applied_taxes is not None
    assert Decimal("8.875") == read.applied_taxes[0].tax_rate


def test_summary_is_read_from_list_and_whole_invoice_alike() -> None:
    """A list leaves out fees, credits and periods; both give the same summary."""
    whole = sample("invoice")
    listed = {key: value for key, value in whole.items() if key not in ("fees", "credits", "subscriptions")}

    assert schemas.read_invoice_summary(compact(whole))[0] == schemas.read_invoice_summary(compact(listed))[0]
