"""Which posting period a date lies in, and what becomes of it where that one is closed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lago_ns_cli.domain.periods import ClosedPeriodPolicy, next_open, period_of, read_periods
from lago_ns_cli.domain.read_back import compare_read_back
from lago_ns_cli.domain.records import Record, fingerprint
from lago_ns_cli.domain.translation.context import Context, TranslationError
from lago_ns_cli.domain.translation.invoice import translate_invoice
from tests.unit.builders import context, fee, invoice, received


def month(number: int, **shut: bool) -> dict[str, Any]:
    start = date(2026, number, 1)
    end = date.fromordinal(date(2026, number + 1, 1).toordinal() - 1)
    return {
        "id": str(100 + number),
        "name": f"2026-{number:02}",
        "start": str(start),
        "end": str(end),
        **shut,
    }


def where(*rows: dict[str, Any], policy: ClosedPeriodPolicy = ClosedPeriodPolicy.HOLD) -> Context:
    plain = context()
    return replace(plain, account=replace(plain.account, periods=read_periods(rows)), closed_periods=policy)


def translate(known: Context) -> Record:
    """The invoice of 1 August 2026."""
    return translate_invoice(received(invoice([fee(1, 100)])), known).record


def test_a_day_lies_in_the_longest_period_that_holds_it() -> None:
    """An adjustment period at the end of a month is not where documents post."""
    adjustment = {"id": "9", "name": "Adjust", "start": "2026-08-31", "end": "2026-08-31"}
    periods = read_periods([adjustment, month(8)])
    found = period_of(periods, date(2026, 8, 31))

    assert found is not None
    assert "108" == found.id
    assert period_of(periods, date(2026, 9, 1)) is None


@pytest.mark.parametrize("word", ["closed", "ar_locked", "all_locked"])
def test_closed_and_locked_periods_are_passed_over(word: str) -> None:
    """The next open one comes after the date, whatever is open before it."""
    periods = read_periods([month(10), month(9, **{word: True}), month(7)])
    found = next_open(periods, date(2026, 8, 15))

    assert found is not None
    assert "110" == found.id
    assert next_open(periods, date(2026, 10, 1)) is None


def test_a_row_without_dates_is_left_out() -> None:
    """It cannot hold a day."""
    assert () == read_periods([{"id": "1", "name": "?", "start": None, "end": "x"}])


def test_unknown_periods_change_nothing() -> None:
    """Then NetSuite decides, as it does without us."""
    record = translate(context())

    assert "postingperiod" not in record.columns
    assert record.expect is not None
    assert () == record.expect.periods


def test_an_open_period_is_only_expected() -> None:
    """It is not set: choosing a period asks for a permission of its own."""
    record = translate(where(month(8)))

    assert "postingperiod" not in record.columns
    assert record.expect is not None
    assert ("108",) == record.expect.periods


@pytest.mark.parametrize(
    ("rows", "policy", "word"),
    [
        pytest.param([month(8, closed=True), month(9)], ClosedPeriodPolicy.HOLD, "2026-08", id="hold"),
        pytest.param([month(9)], ClosedPeriodPolicy.HOLD, "no posting period", id="none"),
        pytest.param(
            [month(8, closed=True), month(9, ar_locked=True)],
            ClosedPeriodPolicy.NEXT_OPEN,
            "2026-08",
            id="none open after it",
        ),
    ],
)
def test_without_an_open_period_the_document_is_held(
    rows: list[dict[str, Any]], policy: ClosedPeriodPolicy, word: str
) -> None:
    """The period is named, and what to do."""
    with pytest.raises(TranslationError, match=word) as raised:
        translate(where(*rows, policy=policy))

    assert "closed_period" == raised.value.code


def test_next_open_sets_the_period_and_keeps_the_date() -> None:
    """The fingerprint does not change with the month in which a document is sent."""
    rows = [month(8, closed=True), month(9)]
    record = translate(where(*rows, policy=ClosedPeriodPolicy.NEXT_OPEN))

    assert ("2026-08-01", "109") == (record.columns["trandate"], record.columns["postingperiod"])
    assert fingerprint(translate(context())) == fingerprint(record)


@pytest.mark.parametrize(("found", "differs"), [("109", False), ("108", False), ("110", True)])
def test_the_read_back_accepts_the_periods_that_were_meant(found: str, differs: bool) -> None:
    """The chosen one, or the date's own, where the document was posted before that was closed."""
    record = translate(where(month(8, closed=True), month(9), policy=ClosedPeriodPolicy.NEXT_OPEN))
    back = {"total": "1.00", "tax": "0.00", "date": "2026-08-01", "period": found}
    fields = {one.field for one in compare_read_back(record, back)}

    assert differs == ("posting period" in fields)
