"""How a payment over several invoices is split: exactly, and always in the same way."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.identifiers import LagoId
from lago_ns_cli.domain.translation.allocation import Payable, allocate, frozen_allocation, payable
from tests.unit.builders import fee, invoice

AUGUST = date(2026, 8, 31)
JULY = date(2026, 7, 31)


def owed(name: str, due: int, due_date: date | None = AUGUST, issued: date | None = JULY) -> Payable:
    """Build an invoice of which something is due."""
    return Payable(
        invoice=LagoId(f"inv-{name}"), number=name, due_date=due_date, issuing_date=issued, due=due
    )


payables = st.lists(
    st.builds(
        Payable,
        invoice=st.uuids().map(lambda one: LagoId(str(one))),
        number=st.sampled_from(["ACM-1", "ACM-2", "ACM-3"]),
        due_date=st.none() | st.dates(JULY, AUGUST),
        issuing_date=st.none() | st.dates(JULY, AUGUST),
        due=st.integers(0, 10**18),
    ),
    max_size=8,
    unique_by=lambda one: one.invoice,
)
amounts = st.integers(0, 10**18)


@given(amounts, payables)
def test_no_invoice_gets_more_than_is_due_of_it(amount: int, invoices: list[Payable]) -> None:
    """And a share is never zero or below."""
    due = {one.invoice: one.due for one in invoices}

    assert all(0 < share <= due[one] for one, share in allocate(amount, invoices).shares.items())


@given(amounts, payables)
def test_nothing_of_a_payment_is_lost_or_invented(amount: int, invoices: list[Payable]) -> None:
    """Shares and remainder make the payment, and money is left only where nothing more is due."""
    split = allocate(amount, invoices)
    shared = sum(split.shares.values())

    assert amount == shared + split.remainder
    assert shared == min(amount, sum(one.due for one in invoices))


@given(amounts, payables, st.randoms())
def test_the_order_of_the_invoices_does_not_matter(
    amount: int, invoices: list[Payable], random: Random
) -> None:
    """Lago gives them in any order; the split is the same."""
    shuffled = list(invoices)
    random.shuffle(shuffled)

    assert allocate(amount, invoices) == allocate(amount, shuffled)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (owed("B", 100, JULY), owed("A", 100, AUGUST)),  # due earlier
        (owed("B", 100, AUGUST), owed("A", 100, None)),  # due some day, before never
        (owed("B", 100, issued=date(2026, 7, 1)), owed("A", 100, issued=JULY)),  # issued earlier
        (owed("A", 100), owed("B", 100)),  # the smaller number
    ],
)
def test_the_oldest_due_is_paid_first(first: Payable, second: Payable) -> None:
    """Then the issuing date decides, then the number."""
    split = allocate(150, [second, first])

    assert {first.invoice: 100, second.invoice: 50} == split.shares
    assert [first.invoice, second.invoice] == list(split.shares)


def test_what_is_due_leaves_out_offsets_and_other_payments() -> None:
    """100.00, less a credit note of 9.80 on it, less 20.00 that were paid otherwise."""
    billed = invoice([fee(1, 10000)], total_offsetted_credit_note_amount_cents=980)

    assert 7020 == payable(billed, paid_otherwise=2000).due


def test_an_invoice_that_is_overpaid_owes_nothing() -> None:
    """It must not give another invoice more than the payment."""
    assert 0 == payable(invoice([fee(1, 10000)]), paid_otherwise=10001).due


def test_a_frozen_split_is_taken_as_it_was() -> None:
    """What is due today does not count any more."""
    split = frozen_allocation(5000, {LagoId("inv-A"): 3000})

    assert ({"inv-A": 3000}, 2000) == (split.shares, split.remainder)
