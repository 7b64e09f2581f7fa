"""How much of a payment goes to which invoice.

A payment on one invoice says so itself. A payment for a payment request has one amount over several
invoices and Lago tells no split, so the split is inferred here: once, by a rule that does not depend
on the order in which the invoices came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lago_ns_cli.domain.documents import Invoice
from lago_ns_cli.domain.identifiers import LagoId


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """An invoice that a payment may go to; ``due`` in minor units, before this payment."""

    invoice: LagoId
    number: str
    due_date: date | None
    issuing_date: date | None
    due: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """A payment taken apart, in minor units.

    Args:
        shares: What goes to each invoice; none of them zero.
        remainder: What goes to none.
    """

    shares: Mapping[LagoId, int]
    remainder: int


def payable(invoice: Invoice, paid_otherwise: int) -> Payable:
    """Describe an invoice of a payment request.

    Args:
        paid_otherwise: What other succeeded payments put on it, in minor units.
    """
    offset = invoice.total_offsetted_credit_note_amount_cents
    return Payable(
        invoice=invoice.lago_id,
        number=invoice.number,
        due_date=invoice.payment_due_date,
        issuing_date=invoice.issuing_date,
        due=max(0, invoice.total_amount_cents - offset - paid_otherwise),
    )


def allocate(amount: int, payables: Iterable[Payable]) -> Allocation:
    """Spread an amount over invoices: oldest due first, each up to what is due of it.

    Invoices without a due date come last; then the older issuing date, the number and the id
    decide.

    Args:
        amount: Minor units, not negative.
    """
    shares: dict[LagoId, int] = {}
    for one in sorted(payables, key=_age):
        share = min(amount, one.due)
        if share > 0:
            shares[one.invoice] = share
            amount -= share
    return Allocation(shares, amount)


def frozen_allocation(amount: int, shares: Mapping[LagoId, int]) -> Allocation:
    """Take up a split that was decided before."""
    return Allocation(dict(shares), amount - sum(shares.values()))


def _age(one: Payable) -> tuple[date, date, str, str]:
    return (one.due_date or date.max, one.issuing_date or date.max, one.number, one.invoice)
