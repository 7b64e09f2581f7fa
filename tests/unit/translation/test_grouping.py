"""Usage lines become one, and no minor unit moves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.documents import Fee, Invoice
from lago_ns_cli.domain.mapping import FieldRow, FieldRows, FieldType, GroupingRow, Mappings
from lago_ns_cli.domain.money import round_half_up
from lago_ns_cli.domain.records import Line, Record
from lago_ns_cli.domain.translation.context import TranslationError
from lago_ns_cli.domain.translation.invoice import translate_invoice
from tests.unit.builders import MAPPINGS, context, credit, fee, invoice, received, tax

GROUPED = replace(MAPPINGS, grouping=(GroupingRow(item="510"),))


def translate(document: Invoice, mappings: Mappings = GROUPED, *, suitetax: bool = True) -> Record:
    return translate_invoice(received(document), context(mappings=mappings, suitetax=suitetax)).record


def items(record: Record) -> tuple[Line, ...]:
    return record.lines["item"]


def test_usage_becomes_one_line_and_the_rest_stays() -> None:
    """The grouped line stands where the first usage stood, with quantity 1 and the sum."""
    record = translate(
        invoice(
            [fee(1, 500, kind="subscription", code="pro"), fee(2, 100, units="7"), fee(3, 250, units="3")]
        )
    )

    assert [("482", "1", "5.00"), ("510", "1", "3.50")] == [
        (line["item"], line["quantity"], line["amount"]) for line in items(record)
    ]
    assert "api calls (2 lines, 10 units)" == items(record)[1]["description"]
    assert "3.50" == items(record)[1]["rate"]


def test_lines_of_other_taxes_make_another_group() -> None:
    """A line has one set of taxes in NetSuite, so usage under two sets makes two lines."""
    record = translate(
        invoice(
            [fee(1, 1000, rate="8.875"), fee(2, 2000), fee(3, 3000, rate="8.875")],
            taxes=[tax("us_nyc", "8.875", 4000, 355)],
        )
    )

    assert ["40.00", "20.00"] == [line["amount"] for line in items(record)]
    assert [("usage:0", "40.00", "3.55")] == [
        (row["taxdetailsreference"], row["taxbasis"], row["taxamount"]) for row in record.taxdetails
    ]


def test_a_grouped_line_covers_the_widest_period() -> None:
    """From the first day of any member to the last day of any."""
    rows = FieldRows(
        line=(
            FieldRow(source="service_period.start", to="custcol_from", type=FieldType.DATE),
            FieldRow(source="service_period.end", to="custcol_to", type=FieldType.DATE),
            FieldRow(source="lago_id", to="custcol_lago_line_id"),
        )
    )
    july = (datetime(2026, 7, 1, 4, tzinfo=UTC), datetime(2026, 8, 1, 3, 59, tzinfo=UTC))
    late = (datetime(2026, 7, 20, 4, tzinfo=UTC), datetime(2026, 8, 5, 3, 59, tzinfo=UTC))
    record = translate(
        invoice([fee(1, 100, dates=late), fee(2, 100, dates=july), fee(3, 100)]),
        replace(GROUPED, fields={"invoice": rows}),
    )

    assert [("2026-07-01", "2026-08-04", None)] == [
        (line["custcol_from"], line["custcol_to"], line.get("custcol_lago_line_id")) for line in items(record)
    ]


@pytest.mark.parametrize(
    ("row", "grouped"),
    [
        pytest.param(GroupingRow(item="510", customers=("cust_0042",)), True, id="this customer"),
        pytest.param(GroupingRow(item="510", customers=("cust_9",)), False, id="another customer"),
        pytest.param(GroupingRow(item="510", invoice_types=("subscription",)), True, id="this type"),
        pytest.param(GroupingRow(item="510", invoice_types=("one_off",)), False, id="another type"),
        pytest.param(GroupingRow(item="510", billing_entity="acme-us"), True, id="this entity"),
        pytest.param(GroupingRow(item="510", billing_entity="acme-eu"), False, id="another entity"),
    ],
)
def test_restrictions_must_all_hold(row: GroupingRow, grouped: bool) -> None:
    """A row without restrictions means every invoice; each one given narrows it."""
    record = translate(invoice([fee(1, 100), fee(2, 200)]), replace(MAPPINGS, grouping=(row,)))

    assert (1 if grouped else 2) == len(items(record))


def test_grouped_usage_needs_no_item_of_its_own() -> None:
    """An unmapped metric is no reason to hold an invoice whose usage is grouped anyway."""
    bare = replace(GROUPED, items=(), defaults=replace(MAPPINGS.defaults, item=None))

    assert ["510"] == [line["item"] for line in items(translate(invoice([fee(1, 100)]), bare))]


def test_grouping_on_a_discount_item_is_held() -> None:
    """A discount item refuses a quantity."""
    where = context(mappings=GROUPED)
    where = replace(where, account=replace(where.account, discount_items=frozenset({"510"})))

    with pytest.raises(TranslationError, match="grouping row 1 groups usage on item 510"):
        translate_invoice(received(invoice([fee(1, 100)])), where)


def test_description_of_many_kinds_ends_with_a_count() -> None:
    """4,000 characters hold what they can, and the rest is counted."""
    fees = [fee(number, 100, code=f"metric_{number}_" + "x" * 60) for number in range(1, 101)]
    translation = translate_invoice(received(invoice(fees)), context(mappings=GROUPED))
    description = str(items(translation.record)[0]["description"])

    assert len(description) <= 4000
    assert description.endswith(" more")
    assert description.startswith("metric 1 xxx")
    assert "text_cut" in {notice.code for notice in translation.notices}


SETS: Sequence[tuple[str, ...]] = ((), ("us_ny_state",), ("us_ny_state", "us_nyc_city"))
RATES = {"us_ny_state": Decimal("4.0"), "us_nyc_city": Decimal("4.5")}


@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Invoices of some usage and a subscription, with every fee's taxes told, and perhaps a coupon."""
    count = draw(st.integers(1, 12))
    fees: list[Fee] = []
    bases = dict.fromkeys(RATES, 0)
    for number in range(1, count + 1):
        codes = draw(st.sampled_from(SETS))
        cents = draw(st.integers(1, 10**7))
        kind = draw(st.sampled_from(["charge", "charge", "subscription"]))
        rate = sum((RATES[code] for code in codes), Decimal(0))
        made = fee(number, cents, kind=kind, code=f"code_{number % 3}", rate=str(rate))
        for code in codes:
            bases[code] += cents
        fees.append(made)
    taxes = [
        tax(code, str(RATES[code]), base, round_half_up(base * RATES[code] / 100))
        for code, base in bases.items()
        if base
    ]
    return invoice(fees, taxes=taxes)


@given(document=invoices(), suitetax=st.booleans())
def test_grouping_moves_no_minor_unit(document: Invoice, suitetax: bool) -> None:
    """Total, tax, and each tax code's base and amount are the same with and without grouping."""
    alone = translate(document, MAPPINGS, suitetax=suitetax)
    grouped = translate(document, suitetax=suitetax)

    assert alone.expect == grouped.expect
    assert _by_code(alone) == _by_code(grouped)
    assert _lines_total(alone) == _lines_total(grouped)
    assert len(items(grouped)) <= len(items(alone))


def _lines_total(record: Record) -> Decimal:
    return sum((Decimal(str(line["amount"])) for line in items(record)), Decimal(0))


def _by_code(record: Record) -> dict[str, tuple[Decimal, Decimal]]:
    """Base and tax by code; in the legacy regime the lines' own."""
    rows = record.taxdetails or items(record)
    names = ("taxbasis", "taxamount") if record.taxdetails else ("amount", "tax1amt")
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        base, amount = sums.get(str(row.get("taxcode")), (Decimal(0), Decimal(0)))
        sums[str(row.get("taxcode"))] = (
            base + Decimal(str(row[names[0]])),
            amount + Decimal(str(row.get(names[1], 0))),
        )
    return sums


def test_a_coupon_is_shared_as_before() -> None:
    """Coupons stand on a line of their own, and the grouped base is net of them."""
    document = invoice(
        [fee(1, 10000, rate="8.875", coupon="1000"), fee(2, 3000, rate="8.875", coupon="300")],
        taxes=[tax("us_nyc", "8.875", 11700, 1038)],
        credits_=[credit("coupon", 1300)],
    )

    assert [("117.00", "10.38")] == [
        (row["taxbasis"], row["taxamount"]) for row in translate(document).taxdetails
    ]
    assert ["130.00", "-13.00"] == [line["amount"] for line in items(translate(document))]
