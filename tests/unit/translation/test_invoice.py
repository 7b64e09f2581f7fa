"""An invoice's lines and taxes make Lago's total, to the cent."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lago_ns_cli.domain.documents import BillingPeriod, FeeTax, Invoice
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.mapping import CreditNotePolicy, FieldRow, FieldRows, FieldType, Mappings
from lago_ns_cli.domain.records import Line, Record, fingerprint
from lago_ns_cli.domain.translation.context import Context, FeeTaxesNeededError, TranslationError
from lago_ns_cli.domain.translation.invoice import translate_invoice
from tests.unit.builders import MAPPINGS, context, credit, customer, fee, invoice, received, tax


def translate(document: Invoice, where: Context | None = None) -> Record:
    return translate_invoice(received(document), where or context()).record


def items(record: Record) -> tuple[Line, ...]:
    return record.lines["item"]


def amounts(record: Record) -> list[str]:
    return [str(line["amount"]) for line in items(record)]


def total(record: Record) -> Decimal:
    lines = sum(Decimal(str(line["amount"])) for line in items(record))
    rows = sum(Decimal(str(row["taxamount"])) for row in record.taxdetails)
    legacy = sum(Decimal(str(line.get("tax1amt", 0))) for line in items(record))
    return Decimal(lines + rows + legacy)


def with_policy(policy: CreditNotePolicy, mappings: Mappings = MAPPINGS) -> Mappings:
    return replace(mappings, defaults=replace(mappings.defaults, credit_note_policy=policy))


def test_rounding_of_single_fees_does_not_move_the_total() -> None:
    """Fee taxes of 7.99 and 2.40 make 10.39, Lago's invoice says 10.38: the rows make 10.38."""
    record = translate(
        invoice(
            [fee(1, 10000, rate="8.875", coupon="1000"), fee(2, 3000, rate="8.875", coupon="300")],
            taxes=[tax("us_nyc", "8.875", 11700, 1038)],
            credits_=[credit("coupon", 1300)],
            prepaid=2738,
        )
    )

    assert ["100.00", "30.00", "-13.00", "-27.38"] == amounts(record)
    assert ["7.98", "2.40"] == [row["taxamount"] for row in record.taxdetails]
    assert ["90.00", "27.00"] == [row["taxbasis"] for row in record.taxdetails]
    assert record.expect is not None
    assert ("100.00", "10.38") == (record.expect.total, record.expect.tax)


def test_two_taxes_on_one_fee_are_two_rows() -> None:
    """Each with its own code, rate and base."""
    record = translate(
        invoice(
            [fee(1, 10000, rate="8.5")],
            taxes=[tax("us_ny_state", "4.0", 10000, 400), tax("us_nyc_city", "4.5", 10000, 450)],
        )
    )

    assert [("15", "4", "4.00"), ("16", "4.5", "4.50")] == [
        (row["taxcode"], row["taxrate"], row["taxamount"]) for row in record.taxdetails
    ]


def test_taxes_with_one_code_are_merged_on_a_line() -> None:
    """NetSuite takes one row for a line, type and code."""
    both = tuple(replace(row, target=replace(row.target, tax_code="15")) for row in MAPPINGS.taxes)
    record = translate(
        invoice(
            [fee(1, 10000, rate="8.5")],
            taxes=[tax("us_ny_state", "4.0", 10000, 400), tax("us_nyc_city", "4.5", 10000, 450)],
        ),
        context(mappings=replace(MAPPINGS, taxes=both)),
    )

    assert [("15", "8.5", "100.00", "8.50")] == [
        (row["taxcode"], row["taxrate"], row["taxbasis"], row["taxamount"]) for row in record.taxdetails
    ]


def test_zero_rates_have_rows_too() -> None:
    """A zero-rated export is not the same as no tax."""
    record = translate(invoice([fee(1, 10000)], taxes=[tax("export_zero", "0", 10000, 0)]))

    assert [("17", "0", "100.00", "0.00")] == [
        (row["taxcode"], row["taxrate"], row["taxbasis"], row["taxamount"]) for row in record.taxdetails
    ]


def test_bases_tell_which_fee_is_zero_rated() -> None:
    """Two fees at 0 %: the base shows that one of them carries the zero tax and one none."""
    record = translate(invoice([fee(1, 10000), fee(2, 3000)], taxes=[tax("export_zero", "0", 3000, 0)]))

    assert ["fee-2"] == [row["taxdetailsreference"] for row in record.taxdetails]


def test_what_the_invoice_does_not_tell_is_asked_for() -> None:
    """Two equal fees, one of them zero-rated: only the fees themselves know which."""
    document = invoice([fee(1, 5000), fee(2, 5000)], taxes=[tax("export_zero", "0", 5000, 0)])

    with pytest.raises(FeeTaxesNeededError) as needed:
        translate(document)

    told = {
        LagoId("fee-1"): (),
        LagoId("fee-2"): (FeeTax(tax_code="export_zero", tax_rate=Decimal(0), amount_cents=0),),
    }
    record = translate(document, context(fee_taxes=told))

    assert ("fee-1", "fee-2") == needed.value.fees
    assert ["fee-2"] == [row["taxdetailsreference"] for row in record.taxdetails]


def test_taxes_of_two_nexuses_hold_the_document() -> None:
    """NetSuite takes one nexus a document."""
    document = invoice(
        [fee(1, 10000, rate="8.875"), fee(2, 1000, rate="19")],
        taxes=[tax("us_nyc", "8.875", 10000, 888), tax("de_vat", "19", 1000, 190)],
    )

    with pytest.raises(TranslationError) as held:
        translate(document)

    assert "two_nexuses" == held.value.code


def test_coupons_may_make_a_fee_free() -> None:
    """A coupon of the whole invoice leaves lines that cancel out and no tax."""
    record = translate(
        invoice(
            [fee(1, 1000, rate="8.875", coupon="1000")],
            taxes=[tax("us_nyc", "8.875", 0, 0)],
            credits_=[credit("coupon", 1000)],
        )
    )

    assert (["10.00", "-10.00"], Decimal(0)) == (amounts(record), total(record))


def test_zero_fees_are_left_out() -> None:
    """A39: a fee without an amount makes no line beside one with an amount."""
    assert ["10.00"] == amounts(translate(invoice([fee(1, 0), fee(2, 1000)])))


@pytest.mark.parametrize(
    ("units", "unit_amount", "cents", "quantity", "rate"),
    [
        ("2500", "0.012", 3000, "2500", "0.012"),
        ("1", "100.0", 10000, "1", "100"),
        ("1000000000", "0.000000001", 100, "1000000000", "0"),  # the rate rounds away, the amount stays
        ("3", "0.123456789", 37, "3", "0.12345679"),
        ("0.123456", "100", 1235, "1", "12.35"),  # more than 5 decimals
        ("0", "0", 5000, "1", "50.00"),  # a minimum without units
        ("0.0", "1", 0, "0", "1"),
        ("9999999999", "0.00001", 9999999, "9999999999", "0.00001"),
        ("10000000000", "0.00001", 10000000, "1", "100000.00"),  # NetSuite refuses 10^10
        ("123456789012345678901234567890.5", "0.000000000000001", 12346, "1", "123.46"),
    ],
)
def test_quantity_and_rate_stay_within_netsuites_limits(
    units: str, unit_amount: str, cents: int, quantity: str, rate: str
) -> None:
    """A34: the amount is the truth; where figures do not fit, one unit of the whole amount stands for them."""
    line = items(translate(invoice([fee(1, cents, units=units, unit_amount=unit_amount), fee(2, 100)])))[0]

    if cents == 0:
        return
    assert (quantity, rate) == (line["quantity"], line["rate"])
    assert (quantity == units.removesuffix(".0")) or units.split(".")[0] in str(line["description"])


def test_periods_are_dates_of_the_customer() -> None:
    """A44: July in New York starts at 04:00 UTC and ends on 1 August at 03:59:59 UTC."""
    bounds = (datetime(2026, 7, 1, 4, tzinfo=UTC), datetime(2026, 8, 1, 3, 59, 59, tzinfo=UTC))
    mappings = replace(MAPPINGS, fields=_period_rows())
    line = items(translate(invoice([fee(1, 100, dates=bounds)]), context(mappings=mappings)))[0]

    assert ("2026-07-01", "2026-07-31") == (line["custcol_from"], line["custcol_to"])


def test_commitments_take_the_period_of_their_subscription() -> None:
    """Their fees carry none."""
    period = BillingPeriod(
        lago_subscription_id=LagoId("sub-1"),
        subscription_from_datetime=datetime(2026, 7, 1, 4, tzinfo=UTC),
        subscription_to_datetime=datetime(2026, 8, 1, 3, 59, 59, tzinfo=UTC),
    )
    document = invoice([fee(1, 100, kind="commitment", code="pro", subscription="sub-1")], periods=[period])
    line = items(translate(document, context(mappings=replace(MAPPINGS, fields=_period_rows()))))[0]

    assert ("483", "2026-07-01", "2026-07-31") == (line["item"], line["custcol_from"], line["custcol_to"])


def _period_rows() -> dict[str, FieldRows]:
    rows = tuple(
        FieldRow(source=f"service_period.{end}", to=to, type=FieldType.DATE)
        for end, to in (("start", "custcol_from"), ("end", "custcol_to"))
    )
    return {"invoice": FieldRows(line=rows)}


def test_prepaid_credit_is_split_only_where_both_parts_are_known_and_mapped() -> None:
    """Otherwise one line carries it all."""
    types = {**MAPPINGS.defaults.item_by_type, "prepaid_granted": "491", "prepaid_purchased": "495"}
    both = replace(MAPPINGS, defaults=replace(MAPPINGS.defaults, item_by_type=types))
    known = invoice([fee(1, 10000)], prepaid=2738, granted=738, purchased=2000)
    unknown = invoice([fee(1, 10000)], prepaid=2738)

    assert ["100.00", "-7.38", "-20.00"] == amounts(translate(known, context(mappings=both)))
    assert ["100.00", "-27.38"] == amounts(translate(unknown, context(mappings=both)))
    assert ["100.00", "-27.38"] == amounts(translate(known))


def test_prepaid_credit_over_the_fees_becomes_a_memo_on_the_invoice() -> None:
    """It covers tax too, so as a line it would push the lines below zero, which NetSuite refuses."""
    document = invoice(
        [fee(1, 10000, rate="8.875")], taxes=[tax("us_nyc", "8.875", 10000, 888)], prepaid=10888
    )
    translation = translate_invoice(received(document), context())
    own, memo = translation.records

    assert (["100.00"], "108.88") == (amounts(own), own.expect and own.expect.total)
    assert ("lago:prepaid:inv-1", "creditmemo", ["108.88"]) == (memo.key, memo.type, amounts(memo))
    assert [("lago:inv:inv-1", "108.88")] == [(one.target.key, one.amount) for one in memo.apply]


def test_consumed_credit_follows_the_policy() -> None:
    """As a negative line, or left to the open memo; the expected total says which."""
    document = invoice([fee(1, 10000)], credits_=[credit("credit_note", 4000, "CN001")])
    negative = translate(document, context(mappings=with_policy(CreditNotePolicy.NEGATIVE_LINE)))
    applied = translate(document, context(mappings=with_policy(CreditNotePolicy.APPLY_MEMO)))

    assert (["100.00", "-40.00"], "60.00") == (amounts(negative), negative.expect and negative.expect.total)
    assert (["100.00"], "100.00") == (amounts(applied), applied.expect and applied.expect.total)


def test_consumed_credit_over_the_lines_is_held_under_negative_lines() -> None:
    """It covers tax too; the hint names the policy that can carry it."""
    document = invoice(
        [fee(1, 10000, rate="8.875")],
        taxes=[tax("us_nyc", "8.875", 10000, 888)],
        credits_=[credit("credit_note", 10888, "CN001")],
    )

    with pytest.raises(TranslationError) as held:
        translate(document, context(mappings=with_policy(CreditNotePolicy.NEGATIVE_LINE)))

    assert "negative_lines" == held.value.code
    assert "apply_memo" in (held.value.hint or "")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (invoice([fee(1, 100)], fees_amount_cents=101), "inconsistent_sums"),
        (invoice([fee(1, 100)], total_amount_cents=99), "inconsistent_sums"),
        (invoice([fee(1, 100)], coupons_amount_cents=5), "inconsistent_sums"),
        (invoice([fee(1, 100)], tax_total=9), "inconsistent_sums"),
        (invoice([fee(1, 100, rate="5")], taxes=[tax("us_nyc", "5", 100, 5)], tax_total=50), "inconsistent_sums"),
        (invoice([fee(1, -100), fee(2, 100)]), "negative_amount"),
        (invoice([fee(1, 100, currency="EUR"), fee(2, 100)]), "mixed_currencies"),
        (invoice([fee(1, 100)], version_number=2), "invoice_version"),
        (invoice([fee(1, 100, kind="barter")]), "unknown_fee_type"),
        (invoice([fee(1, 100)], credits_=[credit("barter", 0)]), "unknown_credit_type"),
        (invoice([fee(1, 100, currency="SEK")]), "currency_unmapped"),
        (invoice([fee(1, 100, currency="DOGE")]), "currency_unmapped"),
        (invoice([fee(1, 1234, currency="KWD")]), "currency_precision"),
        (invoice([fee(1, 100)], issuing_date=None), "missing_date"),
        (invoice([fee(1, 100, dates=(datetime.now(UTC), datetime.now(UTC)))], customer=customer(applicable_timezone="Mars/Olympus")), "unknown_time_zone"),
    ],
)  # fmt: skip
def test_what_cannot_be_posted_exactly_is_held(document: Invoice, code: str) -> None:
    """With a code and a hint, never short."""
    with pytest.raises(TranslationError) as held:
        translate(document)

    assert code == held.value.code
    assert held.value.hint


def test_all_missing_mappings_are_named_at_once() -> None:
    """One run shows everything that has to be mapped."""
    document = invoice(
        [fee(1, 100, rate="5", code="tokens"), fee(2, 100, rate="5", kind="add_on", code="setup")],
        taxes=[tax("se_moms", "5", 200, 10)],
    )
    bare = replace(MAPPINGS, defaults=replace(MAPPINGS.defaults, item=None, tax=None))

    with pytest.raises(TranslationError) as held:
        translate(document, context(mappings=bare))

    assert ["billable_metric:tokens", "add_on:setup", "tax:se_moms"] == [
        problem.subject for problem in held.value.problems
    ]


def test_the_fingerprint_does_not_depend_on_when_an_id_became_known() -> None:
    """Nor on the link back to Lago; it does depend on money."""
    document = invoice([fee(1, 100)])
    resolved = context(links={Key("lago:cus:cus-1"): InternalId("98765")})

    assert fingerprint(translate(document)) == fingerprint(translate(document, resolved))
    assert fingerprint(translate(document)) != fingerprint(translate(invoice([fee(1, 101)])))


RATES = {"us_nyc": "8.875", "us_ny_state": "4.0", "us_nyc_city": "4.5"}


@st.composite
def taxed_invoices(draw: st.DrawFn) -> Invoice:
    """Invoices whose taxes are rounded as Lago rounds: each tax alone, the invoice once."""
    codes = draw(st.sampled_from([("us_nyc",), ("us_ny_state", "us_nyc_city")]))
    rate = sum((Decimal(RATES[code]) for code in codes), Decimal(0))
    cents = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=12))
    shares = [draw(st.integers(0, one)) for one in cents]
    coupons = sum(shares)
    net = sum(cents) - coupons
    fees = [
        fee(number, one, rate=str(rate), coupon=str(share))
        for number, (one, share) in enumerate(zip(cents, shares, strict=True))
    ]
    taxes = [tax(code, RATES[code], net, _half_up(net * Decimal(RATES[code]) / 100)) for code in codes]
    tax_total = _half_up(net * rate / 100)
    prepaid = draw(st.integers(0, net + tax_total))
    credits_ = [credit("coupon", coupons)] if coupons else []
    return invoice(fees, taxes=taxes, tax_total=tax_total, credits_=credits_, prepaid=prepaid)


def _half_up(value: Decimal) -> int:
    return int(value + Decimal("0.5"))


@given(taxed_invoices(), st.booleans())
def test_no_minor_unit_is_lost(document: Invoice, suitetax: bool) -> None:
    """Lines and taxes of all records make what Lago states, under both regimes."""
    assume(document.fees_amount_cents > 0)
    translation = translate_invoice(received(document), context(suitetax=suitetax))
    own = translation.record
    memo = sum((total(record) for record in translation.records[1:]), Decimal(0))

    assert own.expect is not None
    assert Decimal(own.expect.total) == total(own)
    assert Decimal(document.total_amount_cents) / 100 == total(own) - memo
    assert sum(Decimal(str(line["amount"])) for line in items(own)) >= 0


@given(taxed_invoices())
def test_each_tax_gets_its_own_amount(document: Invoice) -> None:
    """What a tax authority is owed per code differs from Lago's by the rounding of one tax at most."""
    record = translate(document)
    by_code: dict[str, Decimal] = {}
    for row in record.taxdetails:
        code = str(row["taxcode"])
        by_code[code] = by_code.get(code, Decimal(0)) + Decimal(str(row["taxamount"]))
    stated = {"us_nyc": "14", "us_ny_state": "15", "us_nyc_city": "16"}
    differences = [
        abs(by_code[stated[one.tax_code]] * 100 - one.amount_cents) for one in document.applied_taxes
    ]

    assert sum(differences) <= 1


@given(taxed_invoices())
def test_translation_is_deterministic(document: Invoice) -> None:
    """The same document makes the same record."""
    assert translate(document) == translate(document)
