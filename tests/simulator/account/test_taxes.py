"""Tax under SuiteTax and in the legacy regime."""

from typing import Any

import pytest

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from tests.simulator.account.bench import LINE, TAX_ROW, Bench, make_bench, refusal

TAXED_LINE = {**LINE, "taxdetailsreference": "fee-1"}


def test_overridden_details_are_the_tax(bench: Bench) -> None:
    """The rows' amounts are taken as they are; the rates are not applied again."""
    lines = [
        {"item": "482", "amount": "100.00", "taxdetailsreference": "a"},
        {"item": "500", "amount": "30.00", "taxdetailsreference": "b"},
        {"item": "490", "amount": "-13.00", "taxdetailsreference": "c"},
        {"item": "491", "amount": "-27.38", "taxdetailsreference": "d"},
    ]
    draft = bench.sale(lines=lines)
    for reference, amount in (("a", "7.99"), ("b", "2.40"), ("c", "-0.01"), ("d", "0")):
        bench.add_line(
            draft, "taxdetails", {**TAX_ROW, "taxdetailsreference": reference, "taxamount": amount}
        )

    posted = bench.record("invoice", bench.save(draft))

    assert ("89.62", "10.38", "100.00") == (posted["subtotal"], posted["taxtotal"], posted["total"])


def test_without_override_the_engine_charges_the_default_code() -> None:
    """Who forgets the override gets the nexus' own tax, rounded line by line."""
    bench = make_bench()
    draft = bench.new("invoice", entity="98765", trandate="2026-08-01")
    for amount in ("90.00", "27.00"):
        bench.add_line(draft, "item", {"item": "500", "amount": amount})

    posted = bench.record("invoice", bench.save(draft))

    assert ["7.99", "2.40"] == [row["taxamount"] for row in posted["taxdetails"]]
    assert "10.39" == posted["taxtotal"]


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"taxtype": None}, "USER_ERROR", "Please enter value(s) for: Tax Type"),
        ({"taxcode": None}, "USER_ERROR", "Please enter value(s) for: Tax Code"),
        ({"taxbasis": None}, "USER_ERROR", "Please enter value(s) for: Tax Basis"),
        ({"taxrate": None}, "USER_ERROR", "Please enter value(s) for: Tax Rate"),
        ({"taxamount": None}, "USER_ERROR", "Please enter value(s) for: Tax Amount"),
        ({"taxdetailsreference": None}, "USER_ERROR", "Please enter value(s) for: Tax Details Reference"),
        ({"taxdetailsreference": "x"}, "INVALID_KEY_OR_REF", "Invalid taxdetailsreference reference key x."),
        ({"taxtype": "4"}, "INVALID_KEY_OR_REF", "Invalid taxtype reference key 4 for nexus 1."),
        ({"taxtype": "99"}, "INVALID_KEY_OR_REF", "Invalid taxtype reference key 99."),
        ({"taxcode": "21"}, "INVALID_KEY_OR_REF", "Invalid taxcode reference key 21 for taxtype 3."),
        (
            {"taxamount": "1.005"},
            "TRANS_UNBALNCD",
            "Transaction was not in balance. The amount 1.005 has more decimal places than the currency USD supports.",
        ),
    ],
)
def test_tax_row_is_refused(bench: Bench, changed: dict[str, Any], code: str, message: str) -> None:
    """All columns of a row are required, and type and code must fit the nexus."""
    draft = bench.sale(lines=[TAXED_LINE])
    draft.lines("taxdetails").append({**TAX_ROW, **changed})

    assert (code, message) == refusal(bench, draft)


def test_tax_row_needs_the_nexus_override_first(bench: Bench) -> None:
    """A form has no tax rows before the nexus is overridden, and a save refuses them."""
    draft = bench.sale(lines=[TAXED_LINE])
    bench.set(draft, taxregoverride=False)

    with pytest.raises(NetSuiteError, match="NEXUS_REQD"):
        bench.add_line(draft, "taxdetails", TAX_ROW)
    assert "NEXUS_REQD" == refusal(bench, draft)[0]


def test_nexus_must_be_one_of_the_subsidiary(bench: Bench) -> None:
    """A subsidiary without registration in the nexus cannot use it."""
    assert "INVALID_NEXUS" == refusal(bench, bench.sale(nexus="2"))[0]


def test_clearing_the_override_deletes_the_rows(bench: Bench) -> None:
    """Rows go with the override, and the engine charges again."""
    draft = bench.sale(lines=[TAXED_LINE])
    bench.add_line(draft, "taxdetails", {**TAX_ROW, "taxamount": "1.00"})

    bench.set(draft, taxdetailsoverride=False)

    assert [] == draft.lines("taxdetails")
    assert "8.88" == bench.record("invoice", bench.save(draft))["taxtotal"]


def test_lines_without_a_reference_get_one(bench: Bench) -> None:
    """NetSuite names every line for its tax rows."""
    posted = bench.record("invoice", bench.post_sale(lines=[LINE, TAXED_LINE, LINE]))

    references = [line["taxdetailsreference"] for line in posted["lines"]]
    assert "fee-1" == references[1]
    assert 3 == len(set(references))


@pytest.mark.parametrize(
    ("lines", "taxes"),
    [
        ([("90.00", "14", None), ("27.00", "14", None)], ["7.99", "2.40"]),
        ([("90.00", "14", "7.98"), ("27.00", "14", None)], ["7.98", "2.40"]),
        ([("100.00", "18", None), ("-10.00", "18", None)], ["8.50", "-0.85"]),
        ([("100.00", "9", None)], ["0.00"]),
    ],
)
def test_legacy_tax_is_rounded_by_line_and_can_be_set(
    legacy: Bench, lines: list[tuple[str, str, str | None]], taxes: list[str]
) -> None:
    """Each line's tax is its code's rate, half up, unless ``tax1amt`` says otherwise."""
    draft = legacy.sale(lines=[])
    for amount, code, tax in lines:
        values = {"item": "500", "amount": amount, "taxcode": code} | (
            {} if tax is None else {"tax1amt": tax}
        )
        legacy.add_line(draft, "item", values)

    posted = legacy.record("invoice", legacy.save(draft))

    assert taxes == [line["tax1amt"] for line in posted["lines"]]


def test_legacy_tax_by_document_puts_the_difference_where_it_shows_least() -> None:
    """Rounded per code over the document, 10.39 of single lines becomes 10.38; a given amount does not count."""
    bench = make_bench("legacy", tax_rounding_by_line=False)
    lines = [
        {"item": "500", "amount": amount, "taxcode": "14", "tax1amt": "5"} for amount in ("27.00", "90.00")
    ]

    posted = bench.record("invoice", bench.post_sale(lines=lines))

    assert ["2.40", "7.98"] == [line["tax1amt"] for line in posted["lines"]]
    assert "10.38" == posted["taxtotal"]


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        (None, ("USER_ERROR", "Please enter value(s) for: Tax Code")),
        ("21", ("INVALID_KEY_OR_REF", "Invalid taxcode reference key 21 for nexus 1.")),
        ("99", ("INVALID_KEY_OR_REF", "Invalid taxcode reference key 99.")),
    ],
)
def test_legacy_line_needs_a_code_of_its_nexus(
    legacy: Bench, code: str | None, refused: tuple[str, str]
) -> None:
    """A missing or foreign code is refused."""
    draft = legacy.sale(lines=[])
    draft.lines("item").append({**LINE, "taxcode": code})

    assert refused == refusal(legacy, draft)


def test_legacy_account_has_no_tax_details(legacy: Bench) -> None:
    """The regimes show in the fields of the form."""
    assert "taxdetails" not in legacy.account.sublists("invoice")
    assert "taxdetails" in make_bench().account.sublists("invoice")
