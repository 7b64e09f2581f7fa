"""What an item line comes to, and what NetSuite refuses of it."""

from typing import Any

import pytest

from tests.simulator.account.bench import CUSTOMER, LINE, Bench, make_bench, refusal


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        ({"item": "500", "quantity": "3", "rate": "0.335"}, "1.01"),  # 1.005, half up
        ({"item": "500", "quantity": "-3", "rate": "0.335"}, "-1.01"),
        ({"item": "500", "quantity": "1000000000", "rate": "0.00000004"}, "40.00"),
        (
            {"item": "500", "quantity": "1000000000", "rate": "0.0000000049"},
            "0.00",
        ),  # rounded to 8 decimals first
        ({"item": "500", "quantity": "2500", "rate": "0.012", "amount": "29.99"}, "29.99"),
        ({"item": "500", "rate": "12.5"}, "12.50"),
        ({"item": "500", "quantity": "0", "amount": "7"}, "7.00"),
        ({"item": "500", "quantity": "9999999999", "rate": "0", "amount": "1"}, "1.00"),
        ({"item": "500", "quantity": "0.00001", "rate": "100000"}, "1.00"),
    ],
)
def test_amount_is_quantity_times_rounded_rate_unless_it_is_given(
    bench: Bench, line: dict[str, Any], amount: str
) -> None:
    """A given amount stands; else rate is rounded to 8 decimals and the product to the currency, half up."""
    lines = [{"item": "500", "amount": "50"}, line]

    posted = bench.record("invoice", bench.post_sale(lines=lines))

    assert amount == posted["lines"][1]["amount"]


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ({"amount": "1"}, "USER_ERROR", "Please enter value(s) for: Item"),
        ({"item": "500"}, "USER_ERROR", "Please enter value(s) for: Amount"),
        ({"item": "99", "amount": "1"}, "INVALID_KEY_OR_REF", "Invalid item reference key 99."),
        ({"item": "521", "amount": "1"}, "INVALID_KEY_OR_REF", "Invalid item reference key 521."),
        (
            {"item": "522", "amount": "1"},
            "INVALID_KEY_OR_REF",
            "Invalid item reference key 522 for subsidiary 2.",
        ),
        (
            {"item": "500", "amount": "1", "department": "77"},
            "INVALID_KEY_OR_REF",
            "Invalid department reference key 77.",
        ),
        (
            {"item": "500", "amount": "1", "quantity": "0.000001"},
            "USER_ERROR",
            "Quantity can not have more than 5 decimal places.",
        ),
        (
            {"item": "500", "amount": "1", "quantity": "10000000000"},
            "INVALID_FLD_RANGE",
            "Value 10000000000 outside of valid min/max range for field: quantity",
        ),
        (
            {"item": "520", "amount": "-1", "quantity": "1"},
            "USER_ERROR",
            "Quantity not allowed for this item",
        ),
        (
            {"item": "500", "amount": "1", "rate": "10%"},
            "INVALID_FLD_VALUE",
            "You have entered an Invalid Field Value 10% for the following field: rate",
        ),
        (
            {"item": "500", "amount": "0.005"},
            "TRANS_UNBALNCD",
            "Transaction was not in balance. The amount 0.005 has more decimal places than the currency USD supports.",
        ),
        (
            {"item": "500", "amount": "NaN"},
            "INVALID_NUMBER",
            "Invalid number (must be a valid number): NaN for amount.",
        ),
        (
            {"item": "500", "amount": "1", "description": "x" * 4001},
            "USER_ERROR",
            "The field description contained more than the maximum number ( 4000 ) of characters allowed.",
        ),
        (
            {"item": "500", "amount": "1", "custcol_service_period_date_from": "7/1/2026"},
            "INVALID_DATE_FORMAT",
            "Invalid date value 7/1/2026 for custcol_service_period_date_from.",
        ),
    ],
)
def test_line_is_refused(bench: Bench, line: dict[str, Any], code: str, message: str) -> None:
    """Each bad line is refused with NetSuite's code, and nothing is stored."""
    draft = bench.sale(lines=[LINE])
    draft.lines("item").append(line)

    assert (code, message) == refusal(bench, draft)


def test_document_needs_a_line(bench: Bench) -> None:
    """A document without lines is refused."""
    assert "VALID_LINE_ITEM_REQD" == refusal(bench, bench.sale(lines=[]))[0]


@pytest.mark.parametrize(
    ("lines", "accepted"),
    [
        (["100", "-100"], True),
        (["100", "-100.01"], False),
        (["-1"], False),
    ],
)
def test_total_cannot_be_negative(bench: Bench, lines: list[str], accepted: bool) -> None:
    """Negative lines are fine as long as the document's total is not below zero."""
    draft = bench.sale(lines=[{"item": "500", "amount": amount} for amount in lines])

    if accepted:
        assert "0.00" == bench.record("invoice", bench.save(draft))["total"]
    else:
        assert ("USER_ERROR", "The total cannot be negative") == refusal(bench, draft)


@pytest.mark.parametrize("allowed", [True, False])
def test_subtotal_below_zero_with_a_positive_total_follows_the_switch(allowed: bool) -> None:
    """Prepaid credit above the fees leaves lines below zero though tax lifts the total above it."""
    bench = make_bench(negative_subtotal=allowed)
    lines = [
        {"item": "500", "amount": "10", "taxdetailsreference": "fee-1"},
        {"item": "491", "amount": "-10.50"},
    ]
    draft = bench.sale(lines=lines)
    row = {"taxtype": "3", "taxcode": "14", "taxbasis": "10", "taxrate": "8.875", "taxamount": "0.89"}
    bench.add_line(draft, "taxdetails", {"taxdetailsreference": "fee-1", **row})

    if allowed:
        assert "0.39" == bench.record("invoice", bench.save(draft))["total"]
    else:
        assert ("USER_ERROR", "The total cannot be negative") == refusal(bench, draft)


def test_discount_item_takes_its_share_of_the_line_above(bench: Bench) -> None:
    """A discount item's own rate of −10% applies to the line before it."""
    posted = bench.record("invoice", bench.post_sale(lines=[LINE, {"item": "520"}]))

    assert ["100.00", "-10.00"] == [line["amount"] for line in posted["lines"]]
    assert "90.00" == posted["total"]


def test_currency_without_decimals_refuses_them(bench: Bench) -> None:
    """A yen amount with cents is refused; one with only zeros behind the point is whole."""
    customer = bench.post_customer(subsidiary="3", currency="5")
    yen = {"entity": customer, "nexus": "3"}

    assert (
        "TRANS_UNBALNCD" == refusal(bench, bench.sale(lines=[{"item": "500", "amount": "100.5"}], **yen))[0]
    )
    posted = bench.record("invoice", bench.post_sale(lines=[{"item": "500", "amount": "100.00"}], **yen))

    assert ("100", "100") == (posted["lines"][0]["amount"], posted["total"])


def test_unknown_fields_are_ignored(bench: Bench) -> None:
    """A field that the form lacks is dropped without a word, as SuiteScript drops it."""
    line = {**LINE, "item_source": "metric", "account": "54"}

    posted = bench.record("invoice", bench.post_sale(lines=[line], lago_plan_codes="pro", tranId="x"))

    assert not {"lago_plan_codes", "tranId"} & posted.keys()
    assert not {"item_source", "account"} & posted["lines"][0].keys()


def test_half_a_surrogate_pair_is_stored_as_a_question_mark(bench: Bench) -> None:
    """What has no UTF-8 form neither fails nor reaches the tables; all other characters stay."""
    line = {**LINE, "description": "a\ud83d b \u05d0 \U0001f600"}

    posted = bench.record("invoice", bench.post_sale(lines=[line]))

    assert "a? b \u05d0 \U0001f600" == posted["lines"][0]["description"]


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"entity": "1"}, "INVALID_KEY_OR_REF", "Invalid entity reference key 1."),
        (
            {"subsidiary": "4"},
            "INVALID_KEY_OR_REF",
            f"Invalid subsidiary reference key 4 for entity {CUSTOMER}.",
        ),
        ({"currency": "4"}, "INVALID_KEY_OR_REF", f"Invalid currency reference key 4 for entity {CUSTOMER}."),
        ({"currency": "77"}, "INVALID_KEY_OR_REF", "Invalid currency reference key 77."),
        ({"account": "120"}, "INVALID_KEY_OR_REF", "Invalid account reference key 120."),
        ({"cseg_region": "9"}, "INVALID_KEY_OR_REF", "Invalid cseg_region reference key 9."),
        ({"terms": "99"}, "INVALID_KEY_OR_REF", "Invalid terms reference key 99."),
        ({"trandate": "2026-02-30"}, "INVALID_DATE_FORMAT", "Invalid date value 2026-02-30 for trandate."),
        (
            {"tranid": "x" * 46},
            "USER_ERROR",
            "The field tranid contained more than the maximum number ( 45 ) of characters allowed.",
        ),
        (
            {"otherrefnum": "x" * 46},
            "USER_ERROR",
            "The field otherrefnum contained more than the maximum number ( 45 ) of characters allowed.",
        ),
        (
            {"externalid": "x" * 256},
            "USER_ERROR",
            "The field externalid contained more than the maximum number ( 255 ) of characters allowed.",
        ),
        (
            {"custbody_lago_id": "x" * 37},
            "USER_ERROR",
            "The field custbody_lago_id contained more than the maximum number ( 36 ) of characters allowed.",
        ),
        (
            {"taxdetailsoverride": "yes"},
            "INVALID_BOOLEAN_VALUE",
            "Invalid boolean value yes for taxdetailsoverride: use 'T' or 'F'.",
        ),
    ],
)
def test_header_is_refused(bench: Bench, values: dict[str, str], code: str, message: str) -> None:
    """Each bad body field is refused with NetSuite's code and text."""
    draft = bench.sale()
    draft.body |= values

    assert (code, message) == refusal(bench, draft)


def test_customer_is_required(bench: Bench) -> None:
    """A document without a customer names the field by its label."""
    draft = bench.account.new("invoice", bench.role, dynamic=False)
    draft.lines("item").append(dict(LINE))

    assert ("USER_ERROR", "Please enter value(s) for: Customer") == refusal(bench, draft)


def test_standard_mode_fills_in_the_same_as_dynamic_mode(bench: Bench) -> None:
    """Without sourcing along the way, the save fills in subsidiary, currency, date, period and nexus."""
    draft = bench.account.new("invoice", bench.role, dynamic=False)
    draft.body |= {"entity": CUSTOMER}
    draft.lines("item").append(dict(LINE))

    posted = bench.record("invoice", bench.save(draft))

    wanted = {"subsidiary": "2", "currency": "1", "trandate": "2026-08-15", "nexus": "1", "account": "119"}
    assert wanted == {name: posted[name] for name in wanted}


def test_terms_set_the_due_date(bench: Bench) -> None:
    """Net 30 counts from the document's date, whichever is set first."""
    draft = bench.sale(terms="3")
    bench.set(draft, trandate="2026-08-10")

    assert "2026-09-09" == bench.record("invoice", bench.save(draft))["duedate"]
