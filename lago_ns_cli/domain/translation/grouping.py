"""Many usage lines become one, without moving a minor unit of the total or of a tax."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lago_ns_cli.domain.documents import Fee
from lago_ns_cli.domain.translation.context import AccountCurrency, Findings
from lago_ns_cli.domain.translation.lines import USAGE, PlannedLine, fee_label
from lago_ns_cli.domain.translation.numbers import QuantityAndRate, plain
from lago_ns_cli.domain.translation.periods import ServicePeriod
from lago_ns_cli.domain.translation.tax_rows import LineTaxes
from lago_ns_cli.domain.translation.taxation import Taxable, TaxSet, TaxShare
from lago_ns_cli.domain.translation.text import LIMITS, fit_text

_FOR_THE_REST = 40
"""Characters kept free for the words that count what a description leaves out."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Lines with their usage grouped, and the taxes that belong to them."""

    lines: tuple[PlannedLine, ...]
    taxes: LineTaxes


def group_usage(
    lines: Sequence[PlannedLine], taxes: LineTaxes, currency: AccountCurrency, findings: Findings
) -> Grouped:
    """Bring usage lines together, one line for each set of taxes.

    Only lines with the same taxes share a line: a line has one set of taxes in NetSuite. A
    grouped line stands where its first member stood; its amount and its tax shares are the sums
    of its members', so totals stay as they were.
    """
    groups: dict[TaxSet, list[PlannedLine]] = {}
    for line in lines:
        if line.fee is not None and line.fee.item.type == USAGE:
            groups.setdefault(taxes.assigned.get(line.reference, frozenset()), []).append(line)
    leaders = {
        members[0].reference: _grouped_line(f"usage:{number}", members, currency, findings)
        for number, members in enumerate(groups.values())
    }
    names = {
        member.reference: leaders[members[0].reference].reference
        for members in groups.values()
        for member in members
    }
    kept = tuple(
        leaders.get(line.reference, line)
        for line in lines
        if line.reference in leaders or line.reference not in names
    )
    return Grouped(kept, _grouped_taxes(taxes, names))


def _grouped_line(
    reference: str, members: Sequence[PlannedLine], currency: AccountCurrency, findings: Findings
) -> PlannedLine:
    amount = sum(member.amount for member in members)
    fees = [member.fee for member in members if member.fee is not None]
    return PlannedLine(
        reference=reference,
        amount=amount,
        item=members[0].item,
        numbers=QuantityAndRate("1", currency.amount(amount)),
        description=_description(fees, findings),
        period=_widest(member.period for member in members),
        members=tuple(fees),
        tree={},
    )


def _widest(periods: Iterable[ServicePeriod | None]) -> ServicePeriod | None:
    known = [period for period in periods if period is not None]
    if not known:
        return None
    return ServicePeriod(min(period.start for period in known), max(period.end for period in known))


def _description(fees: Sequence[Fee], findings: Findings) -> str:
    """Name what was grouped, with counts and units, as far as NetSuite's length allows."""
    by_label: dict[str, list[Fee]] = {}
    for fee in fees:
        by_label.setdefault(fee_label(fee), []).append(fee)
    parts = [_part(label, those) for label, those in by_label.items()]
    limit = LIMITS["description"] - _FOR_THE_REST
    text, told = parts[0], 1
    while told < len(parts) and len(text) + len(parts[told]) + 2 <= limit:
        text, told = f"{text}; {parts[told]}", told + 1
    if told < len(parts):
        text = f"{text}; and {len(parts) - told} more"
        findings.notice("text_cut", f"a grouped line names {told} of {len(parts)} kinds of usage")
    return fit_text("description", text, findings)


def _part(label: str, fees: Sequence[Fee]) -> str:
    units = plain(sum((fee.units for fee in fees), Decimal(0)))
    count = "1 line" if len(fees) == 1 else f"{len(fees)} lines"
    return f"{label} ({count}, {units} units)"


def _grouped_taxes(taxes: LineTaxes, names: dict[str, str]) -> LineTaxes:
    lines: dict[str, Taxable] = {}
    for one in taxes.lines:
        reference = names.get(one.reference, one.reference)
        first = lines.get(reference)
        lines[reference] = (
            replace(one, reference=reference)
            if first is None
            else replace(first, net=first.net + one.net, gross=first.gross + one.gross)
        )
    shares: dict[tuple[str, str], TaxShare] = {}
    for share in taxes.shares:
        reference = names.get(share.reference, share.reference)
        place = (reference, share.tax_code)
        earlier = shares.get(place)
        shares[place] = (
            replace(share, reference=reference)
            if earlier is None
            else replace(earlier, basis=earlier.basis + share.basis, amount=earlier.amount + share.amount)
        )
    assigned = {names.get(reference, reference): codes for reference, codes in taxes.assigned.items()}
    return LineTaxes(taxes.stated, tuple(lines.values()), assigned, tuple(shares.values()))
