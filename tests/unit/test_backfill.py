"""A backfill goes month by month, and goes on where it was."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from lago_ns_cli.cli.budget import RunBudget, seconds_until
from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.backfill import BackfillMark, left_of, months
from lago_ns_cli.domain.exchange import Selection
from lago_ns_cli.domain.identifiers import Key, LagoExternalId, LagoId
from lago_ns_cli.domain.tie_out import Billed, TieOut, TieOutRow
from tests.unit.builders import CREATED

TODAY = date(2026, 11, 25)


def bounds(parts: list[Selection]) -> list[tuple[str, str | None]]:
    return [(str(one.since), str(one.until) if one.until else None) for one in parts]


def test_months_follow_each_other_without_a_gap() -> None:
    """From the day that was given to what is dated ahead."""
    parts = months(Selection(since=date(2026, 9, 17)), TODAY)

    assert [
        ("2026-09-17", "2026-09-30"),
        ("2026-10-01", "2026-10-31"),
        ("2026-11-01", None),
    ] == bounds(parts)


def test_an_end_is_kept_to_the_day() -> None:
    """Also where it lies in the same month, and whoever is selected stays selected."""
    asked = Selection(since=date(2024, 2, 3), until=date(2024, 2, 29), customer=LagoExternalId("cust_1"))

    assert [asked] == months(asked, TODAY)


def test_what_is_done_is_left_out_but_not_where_documents_may_still_become_final() -> None:
    """The same command goes on; the last weeks are looked at again."""
    asked = Selection(since=date(2026, 8, 1))
    mark = BackfillMark(asked, date(2026, 10, 31)).as_text()
    left = left_of(months(asked, TODAY), asked, mark, date(2026, 10, 21))

    assert [("2026-10-01", "2026-10-31"), ("2026-11-01", None)] == bounds(left)


@pytest.mark.parametrize("mark", [None, "", "{", '{"asked": 1}', BackfillMark(Selection(), TODAY).as_text()])
def test_another_backfill_begins_at_its_own_beginning(mark: str | None) -> None:
    """So does one whose mark cannot be read."""
    asked = Selection(since=date(2026, 10, 1))
    parts = months(asked, TODAY)

    assert parts == left_of(parts, asked, mark, TODAY)


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-11-25T22:00", 8), ("2026-11-25T06:00", 24), ("2026-11-25T05:30", 0.5)]
)
def test_a_time_of_day_is_the_next_one(now: str, hours: float) -> None:
    """At ten in the evening, six o'clock is tomorrow's."""
    assert hours * 3600 == seconds_until(time(6), datetime.fromisoformat(now))


def test_a_budget_sets_itself_and_says_why() -> None:
    """It is asked before each call."""
    budget, calls = RunBudget(most_calls=3), iter(range(5))
    budget.begin(lambda: next(calls), CREATED)
    asked = [budget.is_set() for _ in range(5)]

    assert [False, False, False, True, True] == asked
    assert "--max-calls 3" == budget.over


def billed(number: int, amount: str, kind: str = "invoice") -> Billed:
    day = date(2026, 9 + number % 2, 5)
    return Billed(Key(f"lago:{number}"), kind, f"N-{number}", day, "USD", Decimal(amount))


def entry(number: int, state: State, amount: str, code: str | None = None) -> Entry:
    return Entry(
        key=Key(f"lago:{number}"),
        kind="invoice",
        lago_id=LagoId(str(number)),
        number=f"N-{number}",
        customer_id=LagoId("c"),
        state=state,
        amount=amount,
        code=code,
        created_at=CREATED,
        updated_at=CREATED,
    )


def test_a_tie_out_adds_up_both_sides_and_names_what_differs() -> None:
    """By month, kind and currency; a document that is held, missing or posted otherwise is named."""
    tie_out = TieOut()
    tie_out.add(
        [billed(0, "10.00"), billed(2, "5.50"), billed(4, "1.00"), billed(1, "7.00"), billed(3, "2.00")],
        {
            one.key: one
            for one in (
                entry(0, State.POSTED, "10.00"),
                entry(2, State.HELD, "5.50", "item_unmapped"),
                entry(1, State.POSTED, "7.00"),
                entry(3, State.POSTED, "2.01"),
            )
        },
    )
    sums = {row.month: (one.billed, one.posted, one.agree) for row, one in tie_out.rows.items()}

    assert {
        "2026-09": (Decimal("16.50"), Decimal("10.00"), False),
        "2026-10": (Decimal("9.00"), Decimal("9.01"), False),
    } == sums
    assert [
        ("N-2", "held (item_unmapped)"),
        ("N-4", "not carried out yet"),
        ("N-3", "posted with 2.01"),
    ] == [(one.number, one.why) for one in tie_out.differences]
    assert not tie_out.agrees


def test_many_differences_are_counted_and_not_listed() -> None:
    """A month in which everything is held is told in a few lines."""
    tie_out = TieOut()
    tie_out.add([billed(2 * number, "1.00") for number in range(50)], {})

    assert (20, 30) == (len(tie_out.differences), tie_out.unnamed)
    assert Decimal(50) == tie_out.rows[TieOutRow("2026-09", "invoice", "USD")].billed
