"""Which tax of a document is on which of its lines, and how much of it.

Lago nests fees in invoices and credit notes without their taxes: only the sum of a fee's tax
rates is told. The taxes of a line are therefore the subset of the document's taxes whose rates
make that sum and whose taxable bases come out as Lago states them. Where that leaves a choice,
the fees themselves have to be asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from math import prod
from typing import NoReturn

from lago_ns_cli.domain.documents import CreditNote, FeeTax, Invoice, InvoiceSummary
from lago_ns_cli.domain.identifiers import LagoId
from lago_ns_cli.domain.money import split
from lago_ns_cli.domain.translation.context import FeeTaxesNeededError, refuse

_RATE_TOLERANCE = Decimal("0.0001")
_BASE_TOLERANCE = Decimal(1)
_MOST_ASSIGNMENTS = 512

TaxSet = frozenset[str]


@dataclass(frozen=True, slots=True)
class Taxable:
    """A line that may carry taxes.

    Args:
        reference: Unique in the document; ties the line to its tax rows.
        fee: The Lago fee that can be asked for its taxes.
        net: The taxable amount in minor units, unrounded, its share of coupons taken off.
        gross: The amount in minor units before coupons.
        rate: The sum of its tax rates, in percent.
        told: Its taxes, where Lago told them.
    """

    reference: str
    fee: LagoId
    net: Decimal
    gross: int
    rate: Decimal
    told: Sequence[FeeTax] | None = None


@dataclass(frozen=True, slots=True)
class StatedTax:
    """A tax as Lago states it for a whole document; ``base`` and ``amount`` in minor units."""

    code: str
    rate: Decimal
    base: int
    amount: int


@dataclass(frozen=True, slots=True)
class Taxation:
    """What Lago states of a document's taxes; ``total`` in minor units."""

    number: str
    taxes: tuple[StatedTax, ...]
    total: int


def stated_on_invoice(invoice: Invoice | InvoiceSummary) -> Taxation:
    """Read what Lago states of an invoice's taxes; the taxable base of each is its fees' amount."""
    taxes = (
        StatedTax(tax.tax_code, tax.tax_rate, tax.fees_amount_cents, tax.amount_cents)
        for tax in invoice.applied_taxes
    )
    return Taxation(invoice.number, tuple(taxes), invoice.taxes_amount_cents)


def stated_on_credit_note(note: CreditNote) -> Taxation:
    """Read what Lago states of a credit note's taxes."""
    taxes = (
        StatedTax(tax.tax_code, tax.tax_rate, tax.base_amount_cents, tax.amount_cents)
        for tax in note.applied_taxes
    )
    return Taxation(note.number, tuple(taxes), note.taxes_amount_cents)


@dataclass(frozen=True, slots=True)
class TaxShare:
    """The part of one tax that one line carries; ``basis`` and ``amount`` in minor units."""

    reference: str
    tax_code: str
    rate: Decimal
    basis: int
    amount: int


def assign_taxes(
    stated: Taxation, lines: Sequence[Taxable], known: Mapping[LagoId, Sequence[FeeTax]]
) -> dict[str, TaxSet]:
    """Tell the tax codes on each line, by its reference.

    Args:
        known: Taxes of fees that were asked for one by one.

    Raises:
        FeeTaxesNeededError: The document alone allows more than one answer, or none.
        TranslationError: The fees were asked for and contradict the document.
    """
    taxes = {tax.code: tax for tax in stated.taxes}
    told = {line.reference: known.get(line.fee, line.told) for line in lines}
    open_lines = [line for line in lines if told[line.reference] is None]
    assigned = {
        reference: frozenset(tax.tax_code for tax in its_taxes)
        for reference, its_taxes in told.items()
        if its_taxes is not None
    }
    strangers = set().union(*assigned.values()) - taxes.keys() if assigned else set()
    if strangers:
        names = ", ".join(sorted(strangers))
        _refuse_sums(stated, f"fees carry the taxes {names}, which the document does not list")
    if open_lines:
        assigned |= _deduce(open_lines, taxes, assigned, lines)
    return assigned


def _deduce(
    open_lines: Sequence[Taxable],
    taxes: Mapping[str, StatedTax],
    assigned: Mapping[str, TaxSet],
    lines: Sequence[Taxable],
) -> dict[str, TaxSet]:
    nets = {line.reference: line.net for line in lines}
    bases = {
        code: tax.base
        - sum((nets[reference] for reference, codes in assigned.items() if code in codes), Decimal(0))
        for code, tax in taxes.items()
    }
    by_rate = _subsets_by_rate({line.rate for line in open_lines}, taxes)
    choices = {line.reference: by_rate[line.rate] for line in open_lines}
    _narrow(choices, nets, bases)
    if prod(len(options) for options in choices.values()) not in range(1, _MOST_ASSIGNMENTS + 1):
        raise FeeTaxesNeededError([line.fee for line in open_lines])
    fitting = [
        assignment
        for assignment in (dict(zip(choices, picked, strict=True)) for picked in product(*choices.values()))
        if _bases_fit(assignment, nets, bases)
    ]
    if len(fitting) != 1:
        raise FeeTaxesNeededError([line.fee for line in open_lines])
    return fitting[0]


def _subsets_by_rate(
    rates: Iterable[Decimal], taxes: Mapping[str, StatedTax]
) -> dict[Decimal, tuple[TaxSet, ...]]:
    subsets = [
        (sum((taxes[code].rate for code in codes), Decimal(0)), frozenset(codes))
        for size in range(len(taxes), -1, -1)
        for codes in combinations(taxes, size)
    ]
    return {
        rate: tuple(codes for total, codes in subsets if abs(total - rate) <= _RATE_TOLERANCE)
        for rate in rates
    }


def _narrow(
    choices: dict[str, tuple[TaxSet, ...]], nets: Mapping[str, Decimal], bases: Mapping[str, Decimal]
) -> None:
    """Drop the choices that the taxable bases rule out.

    If all lines that may carry a tax are needed for its base, all of them carry it; if those
    that must carry it are enough, no other does. A line without a net amount carries no tax
    either way, so its fullest choice stands.
    """
    for reference, options in choices.items():
        if nets[reference] == 0:
            choices[reference] = options[:1]
    narrowed = True
    while narrowed:
        narrowed = False
        for code, base in bases.items():
            may = {one for one, options in choices.items() if any(code in option for option in options)}
            must = {one for one in may if all(code in option for option in choices[one])}
            if abs(_total(nets, may) - base) < _BASE_TOLERANCE:
                wanted = True
            elif abs(_total(nets, must) - base) < _BASE_TOLERANCE:
                wanted = False
            else:
                continue
            for one in may - must:
                choices[one] = tuple(option for option in choices[one] if (code in option) is wanted)
                narrowed = True


def _total(nets: Mapping[str, Decimal], references: Iterable[str]) -> Decimal:
    return sum((nets[reference] for reference in references), Decimal(0))


def _bases_fit(
    assignment: Mapping[str, TaxSet], nets: Mapping[str, Decimal], bases: Mapping[str, Decimal]
) -> bool:
    return all(
        abs(_total(nets, (one for one, codes in assignment.items() if code in codes)) - base)
        < _BASE_TOLERANCE
        for code, base in bases.items()
    )


def share_taxes(stated: Taxation, lines: Sequence[Taxable], assigned: Mapping[str, TaxSet]) -> list[TaxShare]:
    """Share each tax of a document over the lines that carry it, losing no minor unit.

    Each tax gets the amount Lago applied; what is left of the document's tax (Lago rounds every
    tax and the whole document apart) goes to the largest tax. Bases are true: coupon and
    progressive shares are taken off.

    Raises:
        TranslationError: The taxes cannot be brought to the document's tax by rounding alone.
    """
    amounts = final_amounts(stated)
    shares = []
    for tax in stated.taxes:
        carriers = [line for line in lines if tax.code in assigned[line.reference]]
        amount = amounts[tax.code]
        if not carriers:
            if amount or tax.base:
                _refuse_sums(stated, f"no fee carries the tax {tax.code}")
            continue
        weights = _weights(carriers)
        parts = zip(carriers, split(tax.base, weights), split(amount, weights), strict=True)
        shares += [TaxShare(line.reference, tax.code, tax.rate, basis, part) for line, basis, part in parts]
    return shares


def final_amounts(stated: Taxation) -> dict[str, int]:
    """Bring the taxes of a document to its total tax, by code.

    Raises:
        TranslationError: Rounding alone does not do it, or a tax stands twice.
    """
    amounts = {tax.code: tax.amount for tax in stated.taxes}
    if len(amounts) != len(stated.taxes):
        _refuse_sums(stated, "it lists the same tax twice")
    found = sum(amounts.values())
    difference = stated.total - found
    if abs(difference) > len(amounts):
        _refuse_sums(stated, f"its taxes add up to {found} minor units, its total tax is {stated.total}")
    if difference:
        largest = max(amounts, key=lambda code: (amounts[code], code))
        amounts[largest] += difference
    return amounts


def _weights(lines: Sequence[Taxable]) -> list[int]:
    nets = [line.net for line in lines]
    if not any(net > 0 for net in nets):
        nets = [Decimal(abs(line.gross)) or Decimal(1) for line in lines]
    digits = max(0, *(-int(net.as_tuple().exponent) for net in nets))
    return [max(0, int(net.scaleb(digits))) for net in nets]


def _refuse_sums(stated: Taxation, what: str) -> NoReturn:
    refuse(
        "inconsistent_sums",
        stated.number,
        f"the taxes of {stated.number} do not add up: {what}",
        "Check the document in Lago; nothing was posted.",
    )
