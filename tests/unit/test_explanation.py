"""An explanation tells what translation does, to the cent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from lago_ns_cli.domain.documents import Invoice
from lago_ns_cli.domain.explanation import Explanation, explain_invoice
from lago_ns_cli.domain.mapping import Defaults, GroupingRow, ItemRow, Mappings
from lago_ns_cli.domain.translation.context import FeeTaxesNeededError
from lago_ns_cli.domain.translation.invoice import translate_invoice
from tests.unit.builders import MAPPINGS, context, credit, fee, invoice, received, tax

DOCUMENT = invoice(
    [fee(1, 10000, rate="8.875", coupon="1000"), fee(2, 3000, rate="8.875", coupon="300", code="seats")],
    taxes=[tax("us_nyc", "8.875", 11700, 1038)],
    credits_=[credit("coupon", 1300)],
    prepaid=2738,
)


def explain(document: Invoice, mappings: Mappings = MAPPINGS, *, suitetax: bool = True) -> Explanation:
    return explain_invoice(received(document), context(mappings=mappings, suitetax=suitetax))


def test_every_line_names_the_row_that_won_and_those_it_passed() -> None:
    """From the exact row of the billing entity down to the Default Item."""
    lines = explain(DOCUMENT).lines

    assert ["500", "481", "490", "491"] == [line.item.value for line in lines]
    assert "items.billable_metric:api_calls" == lines[0].item.row
    assert ("items.billable_metric:api_calls (acme-us)",) == lines[0].item.passed
    assert "defaults.item" == lines[1].item.row
    assert (
        "items.billable_metric:seats (acme-us)",
        "items.billable_metric:seats",
        "billing_entities.acme-us.item_by_type.charge",
        "defaults.item_by_type.charge",
        "billing_entities.acme-us.item",
    ) == lines[1].item.passed


def test_the_row_of_the_billing_entity_wins() -> None:
    """And then the general row is not among those passed."""
    own = ItemRow(lago="billable_metric:api_calls", item="600", billing_entity="acme-us")
    line = explain(DOCUMENT, replace(MAPPINGS, items=(*MAPPINGS.items, own))).lines[0]

    assert ("600", "items.billable_metric:api_calls (acme-us)", ()) == (
        line.item.value,
        line.item.row,
        line.item.passed,
    )


def test_taxes_of_a_line_come_with_base_amount_and_row() -> None:
    """The shares of Lago's tax that the line carries, and where they go."""
    [first, second, *credits_] = explain(DOCUMENT).lines
    told = first.taxes[0]

    assert ("us_nyc", "8.875", "90.00", "7.98") == (told.tax, told.rate, told.basis, told.amount)
    assert ("1/3/14", "taxes.us_nyc", ("taxes.us_nyc (acme-us)",)) == (
        told.target.value,
        told.target.row,
        told.target.passed,
    )
    assert ["2.40"] == [one.amount for one in second.taxes]
    assert [(), ()] == [line.taxes for line in credits_]


@pytest.mark.parametrize("suitetax", [True, False])
def test_lines_are_those_that_are_sent(suitetax: bool) -> None:
    """Item, quantity, rate, amount and tax are the record's, and totals add up to Lago's."""
    told = explain(DOCUMENT, suitetax=suitetax)
    record = translate_invoice(received(DOCUMENT), context(suitetax=suitetax)).record
    sent = record.lines["item"]

    assert [(line["item"], line["quantity"], line["rate"], line["amount"]) for line in sent] == [
        (line.item.value, line.quantity, line.rate, line.amount) for line in told.lines
    ]
    assert told.totals is not None
    assert Decimal(told.totals.lines) == sum(Decimal(line.amount) for line in told.lines)
    assert Decimal(told.totals.tax) == sum(Decimal(line.tax) for line in told.lines)
    assert ("100.00", "0.00", "100.00") == (
        told.totals.total,
        told.totals.by_memo,
        told.totals.lago_total,
    )
    assert () == told.problems


def test_the_legacy_code_of_each_line_has_its_row() -> None:
    """Taxed lines by the set's row, untaxed ones by the default, a coupon as what it takes off."""
    codes = [line.tax_code for line in explain(DOCUMENT, suitetax=False).lines]

    assert [
        ("14", "taxes.us_nyc"),
        ("14", "taxes.us_nyc"),
        ("14", "as the fees it takes off"),
        ("9", "defaults.untaxed_code"),
    ] == [(code.value, code.row) for code in codes if code is not None]


def test_a_grouped_line_lists_its_fees() -> None:
    """What was grouped can still be told apart."""
    told = explain(DOCUMENT, replace(MAPPINGS, grouping=(GroupingRow(item="510"),)))

    assert ["fee-1", "fee-2"] == [one.lago_id for one in told.lines[0].fees]
    assert "grouping row 1" == told.lines[0].item.row


def test_credit_that_goes_on_a_memo_is_told_apart() -> None:
    """Prepaid credit that the lines cannot hold is a line of the memo, and the totals say so."""
    document = invoice([fee(1, 10000, rate="10")], taxes=[tax("us_nyc", "10", 10000, 1000)], prepaid=11000)
    told = explain(document)

    assert ["invoice", "creditmemo"] == [line.record for line in told.lines]
    assert told.totals is not None
    assert ("110.00", "110.00", "0.00") == (
        told.totals.total,
        told.totals.by_memo,
        told.totals.lago_total,
    )


def test_a_held_invoice_is_explained_as_far_as_it_goes() -> None:
    """All problems at once, each with its hint, and the lines that could be found."""
    told = explain(DOCUMENT, replace(MAPPINGS, taxes=(), defaults=Defaults()))

    assert {"item_unmapped", "tax_unmapped"} <= {problem.code for problem in told.problems}
    assert 4 == len(told.lines)
    assert told.lines[1].item.value is None
    assert told.lines[0].taxes[0].target.row is None


def test_an_invoice_that_cannot_be_read_has_problems_and_no_lines() -> None:
    """An unmapped currency leaves nothing to be told but the reason."""
    told = explain(DOCUMENT, replace(MAPPINGS, currencies={}))

    assert (["currency_unmapped"], (), None) == (
        [problem.code for problem in told.problems],
        told.lines,
        told.totals,
    )


def test_inconsistent_sums_are_named() -> None:
    """The same reason that a sync gives."""
    told = explain(replace(DOCUMENT, fees_amount_cents=13001))

    assert "inconsistent_sums" in {problem.code for problem in told.problems}


def test_terms_show_where_they_are_mapped() -> None:
    """And are not told where Lago states none."""
    mapped = replace(MAPPINGS, terms={30: "2"})

    found = explain(replace(DOCUMENT, net_payment_term=30), mapped).terms
    absent = explain(replace(DOCUMENT, net_payment_term=45), mapped).terms

    assert found is not None
    assert ("2", "terms.30") == (found.value, found.row)
    assert absent is not None
    assert (None, ("terms.45",)) == (absent.value, absent.passed)
    assert explain(DOCUMENT, mapped).terms is None


def test_taxes_that_must_be_asked_for_are_named_to_the_caller() -> None:
    """Two fees of one rate, of which one carries the tax: only the fees can tell."""
    document = invoice(
        [fee(1, 1000, rate="4.0"), fee(2, 1000, rate="4.0")],
        taxes=[tax("us_ny_state", "4.0", 1000, 40), tax("other", "4.0", 1000, 40)],
    )

    with pytest.raises(FeeTaxesNeededError):
        explain(document)
