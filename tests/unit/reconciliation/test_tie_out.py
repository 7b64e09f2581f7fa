"""Billed and posted differ by exactly what the findings account for, whatever differs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.reconciliation.findings import NET, Cell
from lago_ns_cli.domain.reconciliation.judging import judge
from lago_ns_cli.domain.reconciliation.rows import Excuse, PostedRow
from lago_ns_cli.domain.reconciliation.tie_out import TieOut, UnaccountedError, billed_amounts, posted_amounts
from tests.unit.reconciliation.rows import ACCOUNT, billed, known, posted

CENTS = st.integers(-1_000_000, 1_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
TAXES = st.none() | st.dictionaries(st.sampled_from(["14", "15", "18"]), CENTS.filter(bool), max_size=3)
EXCUSES = st.none() | st.sampled_from(
    [Excuse("not_final", "a draft", counts=False), Excuse("self_billed", "a bill", counts=True)]
)


@st.composite
def records(draw: st.DrawFn, number: int) -> PostedRow:
    """A record in which anything may differ."""
    taxes = draw(TAXES)
    tax = draw(CENTS) if taxes is None else sum(taxes.values(), Decimal(0))
    day = draw(st.dates(date(2026, 8, 1), date(2026, 9, 30)))
    return posted(
        id=InternalId(str(5012 + number)),
        total=draw(CENTS) + tax,
        tax=tax,
        taxes=taxes,
        currency=draw(st.sampled_from(["1", "4", "9"])),
        subsidiary=draw(st.sampled_from([None, "2", "3"])),
        day=day,
        month=draw(st.sampled_from([f"{day:%Y-%m}", "2026-08", "2026-10"])),
        period=draw(st.sampled_from([None, "108", "109"])),
        status=draw(st.sampled_from(["open", "voided", "pending_approval"])),
    )


@given(st.data())
def test_findings_add_up_to_the_difference(data: st.DataObject) -> None:
    """One, two or three records for a document, of whatever amounts, codes, months and currencies."""
    taxes = data.draw(TAXES)
    tax = data.draw(CENTS) if taxes is None else sum(taxes.values(), Decimal(0))
    document = billed(
        total=data.draw(CENTS) + tax,
        tax=tax,
        taxes=taxes,
        subsidiary=data.draw(st.sampled_from([None, "2"])),
        excuse=data.draw(EXCUSES),
        voided=data.draw(st.booleans()),
    )
    some = [data.draw(records(number)) for number in range(data.draw(st.integers(1, 3)))]
    findings, main = judge(document, some, known(), ACCOUNT)
    tie_out = TieOut()
    tie_out.add_billed(billed_amounts(document, main))
    for record in some:
        tie_out.add_posted(posted_amounts(record, document, ACCOUNT.currencies))
    tie_out.add_findings(findings)

    assert all(line.difference == sum(line.by_cause.values(), Decimal(0)) for line in tie_out.lines())


def test_a_cent_that_nobody_accounts_for_ends_the_run() -> None:
    """It is a bug of this program, and says so."""
    tie_out = TieOut()
    tie_out.add_posted({Cell("acme-us", "2", "USD", NET, "invoice", "2026-08"): Decimal("0.01")})

    with pytest.raises(UnaccountedError, match=r"0\.01 apart"):
        tie_out.lines()


def test_a_difference_between_two_months_is_in_both() -> None:
    """Moved money is missing in one and too much in the other."""
    moved = replace(posted(), day=date(2026, 9, 3), month="2026-09", period="109")
    [one] = judge(billed(), [moved], known(), ACCOUNT)[0]

    assert {
        ("2026-08", NET, Decimal("-100.00")),
        ("2026-09", NET, Decimal("100.00")),
        ("2026-08", "14", Decimal("-8.88")),
        ("2026-09", "14", Decimal("8.88")),
    } == {(cell.month, cell.tax_code, amount) for cell, amount in one.effects}
