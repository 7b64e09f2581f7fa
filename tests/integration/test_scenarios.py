"""Things that go wrong with money and dates, through the whole pipe; ``tests/SCENARIOS.md`` lists all scenarios."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Key
from tests.integration.policies import hooli
from tests.integration.test_sizes import with_lines
from tests.integration.world import Tampering, Told, World, encoded, money, sample

KEY = "lago:inv:00000011-0000-4000-8000-000000000011"
NUMBER = "ACM-1F2E-042-008"
_SUMS = (
    "fees_amount_cents",
    "sub_total_excluding_taxes_amount_cents",
    "sub_total_including_taxes_amount_cents",
    "total_amount_cents",
    "total_due_amount_cents",
)


def billed(cents: int, *, units: str = "1", price: str | None = None, **changes: Any) -> dict[str, Any]:
    """An invoice of one untaxed usage fee, in the customer's own currency."""
    document = with_lines(1)
    invoice = document["invoice"]
    invoice |= {**dict.fromkeys(_SUMS, cents), **changes}
    invoice["customer"]["currency"] = invoice["currency"]
    invoice["fees"][0] |= {
        "amount_cents": cents,
        "amount_currency": invoice["currency"],
        "units": units,
        "precise_unit_amount": price or str(Decimal(cents) / 100),
        "sub_total_excluding_taxes_amount_cents": cents,
        "sub_total_excluding_taxes_precise_amount_cents": f"{cents}.0",
    }
    return document


def taxed(cents: int, rate: str, tax: int, **changes: Any) -> dict[str, Any]:
    """An invoice of one fee with one tax."""
    document = billed(cents)
    invoice = document["invoice"]
    for name in ("sub_total_including_taxes_amount_cents", "total_amount_cents", "total_due_amount_cents"):
        invoice[name] = cents + tax
    applied = {
        **hooli()["invoice"]["applied_taxes"][0],
        "tax_rate": float(rate),
        "amount_cents": tax,
        "fees_amount_cents": cents,
    }
    invoice |= {"taxes_amount_cents": tax, "applied_taxes": [applied], **changes}
    invoice["fees"][0] |= {"taxes_rate": float(rate), "taxes_amount_cents": tax}
    return document


def bring(world: World, document: dict[str, Any]) -> Told:
    run = world.sync("invoice", source=encoded(document))
    assert run.error is None
    return run


def line(world: World) -> dict[str, Any]:
    """The one line of the one invoice, from NetSuite's own store."""
    [invoice] = world.records("invoice")
    [found] = [one for one in invoice["lines"] if one.get("item") is not None]
    return dict(found)


@pytest.mark.parametrize(
    ("units", "price", "cents"),
    [
        ("123456789.12345", "0.0000000000000001", 1),
        ("1", "0.000000000000001", 1),
        ("1000000000000000", "0.000000000000001", 100),
        ("0.000000000000001", "1000000000000000", 100),
        ("98765432109876543210", "0.0000001", 987654321098765),
        ("3.3333333333333333", "0.3333333333333333", 111),
    ],
)
def test_a33_digits_beyond_what_netsuite_keeps_leave_the_amount_exact(
    small: World, units: str, price: str, cents: int
) -> None:
    """A33: rates and quantities of any length are accepted; the line is what Lago billed."""
    report = bring(small, billed(cents, units=units, price=price)).of(NUMBER)

    assert "created" == report.outcome, report.failure
    assert Decimal(cents) / 100 == money(line(small)["amount"])
    assert Decimal(cents) / 100 == money(small.records("invoice")[0]["total"])


@pytest.mark.parametrize(
    ("units", "kept"),
    [("9999998", True), ("9999999", True), ("10000000", True), ("9999999999", True), ("10000000000", False),
     ("10000000001", False), ("1.123456", False)],
)  # fmt: skip
def test_a34_a_quantity_that_netsuite_refuses_becomes_one(small: World, units: str, kept: bool) -> None:
    """A34: quantity 1 at the amount; Lago's own figures are in the description and in the audit."""
    report = bring(small, billed(12345, units=units, price="0.00001")).of(NUMBER)
    found = line(small)
    with small.open_ledger() as ledger:
        original = ledger.original(Key(KEY)) or b""

    assert "created" == report.outcome, report.failure
    assert money(units if kept else "1") == money(found["quantity"])
    assert money("123.45") == money(found["amount"])
    assert units in json.loads(original)["fees"][0]["units"]
    if not kept:
        assert money("123.45") == money(found["rate"])
        assert f"{units} × 0.00001" in found["description"]


@pytest.mark.parametrize(
    ("units", "price", "cents"),
    [("3", "0.333333333333", 100), ("7", "0.142857142", 100), ("9", "0.111", 100)],
)
def test_a35_the_amount_wins_over_quantity_times_rate(
    small: World, units: str, price: str, cents: int
) -> None:
    """A35: an explicit amount is sent, and the total that is read back is equal to the cent."""
    report = bring(small, billed(cents, units=units, price=price)).of(NUMBER)
    found = line(small)

    assert "created" == report.outcome, report.failure
    assert money("1.00") == money(found["amount"])
    assert money(found["quantity"]) * money(found["rate"]) != money("1.00")
    assert "1.00" == report.amount


@pytest.mark.parametrize(
    ("cents", "rate", "tax"), [(2999, "23.33", 700), (1499, "23.33", 350), (967, "23.33", 226)]
)
def test_a36_a_pro_rated_price_at_an_odd_rate_is_equal(small: World, cents: int, rate: str, tax: int) -> None:
    """A36: 29.99 at 23.33 %, whole and in parts of a month."""
    report = bring(small, taxed(cents, rate, tax)).of(NUMBER)
    [invoice] = small.records("invoice")

    assert "created" == report.outcome, report.failure
    assert (Decimal(cents + tax) / 100, Decimal(tax) / 100) == (
        money(invoice["total"]),
        money(invoice["taxtotal"]),
    )


def test_a36_a_cent_of_drift_is_held_with_both_figures(small: World) -> None:
    """A36: never posted with a difference."""
    report = bring(small, taxed(2999, "23.33", 700, total_amount_cents=3700)).of(NUMBER)

    assert report.failure is not None
    assert ("held", "inconsistent_sums") == (report.outcome, report.failure.code)
    assert "3699" in report.failure.message
    assert "3700" in report.failure.message
    assert [] == small.records("invoice")


@pytest.mark.parametrize(
    ("currency", "cents", "stored"),
    [
        ("USD", 2**53 + 1, "90071992547409.93"),
        ("USD", 999_999_999_999_999_999, "9999999999999999.99"),
        ("JPY", 1_234_567, "1234567"),
        ("JPY", 2**53 + 1, "9007199254740993"),
    ],
)
def test_a37_amounts_are_exact_in_every_size(small: World, currency: str, cents: int, stored: str) -> None:
    """A37: no amount passes through a binary fraction on its way."""
    report = bring(small, billed(cents, currency=currency)).of(NUMBER)
    [invoice] = small.records("invoice")

    assert "created" == report.outcome, report.failure
    assert (money(stored), money(stored)) == (money(invoice["total"]), money(line(small)["amount"]))


@pytest.mark.parametrize(("cents", "posted"), [(1230, True), (1234, False)])
def test_a37_thousandths_are_exact_or_held(tmp_path: Path, cents: int, posted: bool) -> None:
    """A37: KWD 1.230 is 1.23 in an account with two decimals; KWD 1.234 it cannot express."""
    small = World(tmp_path, invoices=0, customers=1)
    # Any record that keeps two decimals stands for one of dinars.
    small.mappings = replace(small.mappings, currencies={**small.mappings.currencies, "KWD": "2"})
    report = bring(small, billed(cents, currency="KWD")).of(NUMBER)

    if posted:
        assert "created" == report.outcome, report.failure
        assert money("1.23") == money(small.records("invoice")[0]["total"])
    else:
        assert report.failure is not None
        assert ("held", "currency_precision") == (report.outcome, report.failure.code)
        assert [] == small.records("invoice")


def test_a39_an_invoice_without_any_amount_is_skipped_visibly(small: World) -> None:
    """A39: it is reported with its reason, and never looked at again."""
    first, second = (bring(small, billed(0)).of(NUMBER) for _ in range(2))
    entry = small.entry(KEY)

    assert ["skipped", "skipped"] == [first.outcome, second.outcome]
    assert entry is not None
    assert "zero" == entry.code
    assert [] == small.records("invoice")


def test_a39_a_payment_of_nothing_is_skipped_visibly(small: World) -> None:
    """A39: it moves no money, so there is nothing to post."""
    bring(small, hooli())
    payment = sample("hooli_payment_manual")["payment"] | {"amount_cents": 0}
    named = Selection(ids=(payment["lago_id"],))
    [report] = small.sync("payment", source=encoded({"payment": payment}), selection=named).reports

    assert "skipped" == report.outcome, report.failure
    assert [] == small.records("customerpayment")


def test_a40_an_unknown_credit_is_held_and_never_posted_short(small: World) -> None:
    """A40: leaving it out would make the total wrong; so nothing goes."""
    document = hooli()
    credit = document["invoice"]["credits"][0]
    credit["item"] = {**credit["item"], "type": "lottery"}
    report = bring(small, document).of(NUMBER)

    assert report.failure is not None
    assert "held" == report.outcome
    assert [] == small.records("invoice")


@pytest.mark.parametrize("day", ["2026-04-03", "2026-03-04", "2026-12-11", "2026-10-12"])
def test_a43_a_day_that_could_be_a_month_stays_what_it_is(small: World, day: str) -> None:
    """A43: dates travel as YYYY-MM-DD and are set as dates, so no account's way to write them matters."""
    report = bring(small, billed(100, issuing_date=day, payment_due_date=day)).of(NUMBER)
    [invoice] = small.records("invoice")

    assert "created" == report.outcome, report.failure
    assert (day, day) == (invoice["trandate"], invoice["duedate"])


@pytest.mark.parametrize(
    "zone",
    ["Etc/GMT+12", "Pacific/Honolulu", "America/New_York", "UTC", "Asia/Kathmandu", "Pacific/Kiritimati"],
)
def test_a44_the_calendar_date_never_shifts(small: World, zone: str) -> None:
    """A44: from UTC−12 to UTC+14, at the turn of the year and in the nights when clocks change."""
    days = ["2025-12-31", "2026-01-01", "2026-03-08", "2026-10-25"]
    documents = []
    for at, day in enumerate(days):
        document = billed(100, issuing_date=day, number=f"IN-{at}")
        document["invoice"]["lago_id"] = f"00000011-0000-4000-8000-00000000001{at}"
        document["invoice"]["customer"] |= {"timezone": zone, "applicable_timezone": zone}
        documents.append(encoded(document))
    run = small.sync("invoice", source=b"\n".join(documents))

    assert ["created"] * len(days) == run.outcomes("invoice")
    assert days == sorted(invoice["trandate"] for invoice in small.records("invoice"))


def test_a45_a_document_that_comes_late_keeps_its_date(small: World) -> None:
    """A45: synced months after it was issued."""
    report = bring(small, hooli()).of(NUMBER)

    assert "created" == report.outcome, report.failure
    assert "2026-08-01" == small.records("invoice")[0]["trandate"]
    assert (small.clock.now().year, small.clock.now().month) == (2026, 11)


def test_a51_a_void_during_the_sync_is_seen_by_the_next_run(small: World) -> None:
    """A51: voided in Lago while the call was under way; it was posted, and the drift is shown with its link."""
    invoice = hooli()["invoice"]
    small.add(invoices=[invoice])

    def void(asked: dict[str, Any]) -> None:
        if any(one["type"] == "invoice" for one in asked.get("documents", ())):
            voided = {"status": "voided", "voided_at": "2026-08-05T03:30:00Z", "total_due_amount_cents": 0}
            small.add(invoices=[{**invoice, **voided}])

    small.wrap = lambda transport: Tampering(transport, before=void)
    first = small.sync().of(NUMBER)
    second = small.sync().of(NUMBER)

    assert "created" == first.outcome, first.failure
    assert "held" == second.outcome
    assert second.failure is not None
    assert "void" in second.failure.message
    assert first.netsuite_id == second.netsuite_id
    assert 1 == len(small.records("invoice"))


TABLE = Path(__file__).parent.parent / "SCENARIOS.md"
REQUIRED = [f"A{number}" for number in range(1, 65) if number != 17]  # there is no A17
ROW = re.compile(r"^\| (A\d+) \|[^|]*\| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)


def test_every_scenario_has_a_test() -> None:
    """The table leaves none of them out."""
    listed = {scenario for scenario, _, _ in ROW.findall(TABLE.read_text("utf-8"))}

    assert set(REQUIRED) == listed


def test_every_test_of_the_table_exists() -> None:
    """A test that is renamed or removed takes its row along."""
    root = TABLE.parent.parent
    rows = ROW.findall(TABLE.read_text("utf-8"))
    missing = [
        f"{path}::{name}"
        for _, path, name in rows
        if f"\ndef {name}(" not in (root / path).read_text("utf-8")
    ]

    assert [] == missing
    assert len(rows) == TABLE.read_text("utf-8").count("\n| A")
