"""Bad documents of all four kinds: held or refused with a code and a hint, and nothing else is dropped."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_payments import EVERY_KIND, PaymentWorld
from tests.integration.world import Told, alone, sample

Document = dict[str, Any]
Spoil = Callable[[Document], bytes]

FILES = {"invoice": "hooli_invoice", "credit_note": "hooli_credit_note", "payment": "hooli_payment_manual"}
RECORDS = {
    "customer": "customer",
    "invoice": "invoice",
    "credit_note": "creditmemo",
    "payment": "customerpayment",
}
LAGO_ID_FIELDS = {"customer": "custentity_lago_id"}


def document(kind: str) -> Document:
    """A sound document of a kind."""
    if kind == "customer":
        customer: Document = alone(sample())["customer"]
        return customer | {"external_id": "cust_0043", "name": "Pied Piper Inc."}
    if kind == "invoice":
        return alone(sample())
    found: Document = sample(FILES[kind])[kind]
    return found


def put(**changes: Any) -> Spoil:
    """Change fields of the document itself."""
    return lambda one: json.dumps({**one, **changes}).encode()


def within(name: str, **changes: Any) -> Spoil:
    """Change fields of the first element of a list."""

    def spoil(one: Document) -> bytes:
        first, *others = one[name]
        return json.dumps({**one, name: [{**first, **changes}, *others]}).encode()

    return spoil


def item_of_fee(kind: str, **changes: Any) -> Spoil:
    """Change what the first fee is for."""

    def spoil(one: Document) -> bytes:
        if kind == "invoice":
            fee = one["fees"][0]
            fee["item"] |= changes
        else:
            one["items"][0]["fee"]["item"] |= changes
        return json.dumps(one).encode()

    return spoil


def text(old: str, new: str) -> Spoil:
    """Change the text of the document, where JSON itself is bad."""

    def spoil(one: Document) -> bytes:
        written = json.dumps(one)
        assert old in written
        return written.replace(old, new, 1).encode()

    return spoil


def without(name: str) -> Spoil:
    """Leave a field out."""
    return lambda one: json.dumps({key: value for key, value in one.items() if key != name}).encode()


def many_lines(one: Document) -> bytes:
    """10,000 fees, none of them zero, whose sum is stated."""
    first = one["fees"][0]
    fees = [
        {**first, "lago_id": f"fee00000-0000-4000-8000-{number:012}", "amount_cents": 100, "taxes_rate": 0.0,
         "precise_coupons_amount_cents": "0.0", "sub_total_excluding_taxes_precise_amount_cents": "100.0",
         "taxes_amount_cents": 0}
        for number in range(10_000)
    ]  # fmt: skip
    sums = dict.fromkeys(
        ("coupons_amount_cents", "credit_notes_amount_cents", "prepaid_credit_amount_cents"), 0
    )
    whole = dict.fromkeys(
        ("fees_amount_cents", "sub_total_excluding_taxes_amount_cents", "total_amount_cents"), 1_000_000
    )
    changes = {"fees": fees, "credits": [], "applied_taxes": [], "taxes_amount_cents": 0, **sums, **whole}
    return json.dumps({**one, **changes}).encode()


MALFORMED = "malformed_document"

BAD = [
    # Of an unknown kind.
    pytest.param("invoice", item_of_fee("invoice", type="lottery"), "unknown_fee_type", id="invoice-unknown fee"),
    pytest.param(
        "credit_note", item_of_fee("credit_note", type="lottery"), "unknown_fee_type", id="credit_note-unknown fee"
    ),
    pytest.param(
        "invoice",
        lambda one: within("credits", item={**one["credits"][0]["item"], "type": "lottery"})(one),
        {"unknown_credit_type", "inconsistent_sums"},
        id="invoice-unknown credit",
    ),
    pytest.param("payment", put(payable_type="Lottery"), "unknown_payable", id="payment-unknown payable"),
    # In an unknown currency.
    pytest.param(
        "invoice", lambda one: text_all(one, '"USD"', '"XXX"'), "currency_unmapped", id="invoice-unknown currency"
    ),
    pytest.param(
        "credit_note",
        lambda one: text_all(one, '"USD"', '"XXX"'),
        "currency_unmapped",
        id="credit_note-unknown currency",
    ),
    pytest.param(
        "payment", put(amount_currency="XXX"), {"currency_unmapped", "currency_differs"}, id="payment-unknown currency"
    ),
    pytest.param("customer", put(currency="XXX"), "currency_unmapped", id="customer-unknown currency"),
    # Of nobody.
    pytest.param("invoice", without("customer"), MALFORMED, id="invoice-no customer"),
    pytest.param("invoice", put(customer=None), MALFORMED, id="invoice-customer null"),
    pytest.param("credit_note", without("customer"), MALFORMED, id="credit_note-no customer"),
    pytest.param(
        "payment",
        put(invoice_ids=["0000dead-0000-4000-8000-00000000dead"], lago_payable_id="0000dead-0000-4000-8000-00000000dead"),
        "parent_not_posted",
        id="payment-nobody's",
    ),
    pytest.param("customer", put(external_id=None), MALFORMED, id="customer-no external id"),
    # Below zero.
    pytest.param("invoice", put(total_amount_cents=-10000), "inconsistent_sums", id="invoice-negative"),
    pytest.param(
        "credit_note",
        put(total_amount_cents=-980),
        {"lago_totals_disagree", "negative_amount", "inconsistent_sums"},
        id="credit_note-negative",
    ),
    pytest.param("payment", put(amount_cents=-1), "negative_payment", id="payment-negative"),
    # Sums that do not come out.
    pytest.param("invoice", put(fees_amount_cents=13001), "inconsistent_sums", id="invoice-sum of fees"),
    pytest.param("invoice", put(taxes_amount_cents=1039), "inconsistent_sums", id="invoice-invariant"),
    pytest.param(
        "credit_note", put(total_amount_cents=981), "lago_totals_disagree", id="credit_note-one cent adrift"
    ),
    # Too long.
    pytest.param("invoice", many_lines, "too_many_lines", id="invoice-10,000 lines"),
    # No number at all, or a number of another type.
    *[
        pytest.param(kind, text(f'"{name}": {amount}', f'"{name}": {bad}'), MALFORMED, id=f"{kind}-{bad}")
        for kind, name, amount in (
            ("invoice", "total_amount_cents", "10000"),
            ("credit_note", "total_amount_cents", "980"),
            ("payment", "amount_cents", "9020"),
        )
        for bad in (f'"{amount}"', f"{amount}.5", "true", "null", "1e999999")
    ],
    *[
        pytest.param(
            kind,
            text(f'"{name}": {amount}', f'"{name}": {bad}'),
            "malformed_json",
            id=f"{kind}-{bad}",
        )
        for kind, name, amount in (
            ("invoice", "total_amount_cents", "10000"),
            ("credit_note", "total_amount_cents", "980"),
            ("payment", "amount_cents", "9020"),
            ("customer", "net_payment_term", "30"),
        )
        for bad in ("NaN", "-Infinity")
    ],
    *[
        pytest.param(kind, put(**{name: 42}), MALFORMED, id=f"{kind}-{name} as a number")
        for kind, name in (
            ("invoice", "number"),
            ("credit_note", "number"),
            ("payment", "amount_currency"),
            ("customer", "name"),
        )
    ],
    # A key that stands twice.
    *[
        pytest.param(kind, text('"lago_id": ', '"lago_id": "x", "lago_id": '), MALFORMED, id=f"{kind}-key twice")
        for kind in FILES
    ],
    pytest.param("customer", text('"name": ', '"name": "x", "name": '), MALFORMED, id="customer-key twice"),
]  # fmt: skip


def text_all(one: Document, old: str, new: str) -> bytes:
    """Change every such word of the document."""
    return json.dumps(one).replace(old, new).encode()


@pytest.fixture
def books(tmp_path: Path) -> PaymentWorld:
    """An empty account to which documents come from a file."""
    return PaymentWorld(tmp_path, invoices=0, customers=1)


def lines(*documents: tuple[str, bytes]) -> bytes:
    return b"\n".join(b'{"%s": %s}' % (kind.encode(), content) for kind, content in documents)


def bring(world: PaymentWorld, kind: str, spoiled: bytes) -> Told:
    """Sync a file with a bad document between sound ones of the other kinds."""
    others = [(one, json.dumps(document(one)).encode()) for one in EVERY_KIND if one != kind]
    return world.sync(*EVERY_KIND, source=lines(others[0], (kind, spoiled), *others[1:]))


@pytest.mark.parametrize(("kind", "spoil", "code"), BAD)
def test_a_bad_document_is_held_with_code_and_hint_and_the_others_go(
    books: PaymentWorld, kind: str, spoil: Spoil, code: str | set[str]
) -> None:
    """A40: nothing is dropped without a word, nothing of it is posted, and nobody sees an exception."""
    run = bring(books, kind, spoil(document(kind)))

    codes = {code} if isinstance(code, str) else code

    assert run.error is None
    # What is no JSON does not tell its kind either; what waits names its blocker instead of a command.
    held = [one for one in run.reports if one.failure and one.failure.code in codes]
    assert [True] == [one.kind == kind or "malformed_json" in codes for one in held], run.reports
    assert all(one.outcome in ("held", "waiting") for one in held)
    assert all(one.failure and one.failure.message for one in held)
    assert all(
        one.failure and (one.failure.hint or "not in NetSuite yet" in one.failure.message) for one in held
    )
    assert len(EVERY_KIND) <= len(run.reports)
    mine = {row.get(LAGO_ID_FIELDS.get(kind, "custbody_lago_id")) for row in books.records(RECORDS[kind])}
    assert document(kind)["lago_id"] not in mine or kind == "customer"


CONTROL = "Ho\x00o\x07li\x1b[31m\u202e \ud83d Inc.\x9f"


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_control_characters_are_stored_replaced_or_held(books: PaymentWorld, kind: str) -> None:
    """A55: no exception, and no control character reaches NetSuite's store."""
    spoiled = {
        "customer": put(name=CONTROL),
        "invoice": item_of_fee("invoice", name=CONTROL, invoice_display_name=CONTROL),
        "credit_note": item_of_fee("credit_note", name=CONTROL, invoice_display_name=CONTROL),
        "payment": put(reference=CONTROL),
    }[kind](document(kind))
    run = bring(books, kind, spoiled)
    mine = [one for one in run.reports if one.kind == kind]
    stored = json.dumps(books.records(RECORDS[kind]), default=str, ensure_ascii=False)

    assert run.error is None
    assert mine
    assert all(one.outcome in ("created", "held") for one in mine), mine
    assert not any(sign in stored for sign in ("\x00", "\x07", "\x1b", "\x9f", "\\u0000", "\\u0007"))


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_sound_document_of_each_kind_is_posted(books: PaymentWorld, kind: str) -> None:
    """The samples that the others spoil are good ones."""
    run = bring(books, kind, json.dumps(document(kind)).encode())

    assert run.error is None
    assert {"created"} == {one.outcome for one in run.reports}, [one.failure for one in run.reports]
