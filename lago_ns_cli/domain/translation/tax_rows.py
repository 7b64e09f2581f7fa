"""From shares of taxes to what NetSuite stores: SuiteTax rows, or one code a line."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lago_ns_cli.domain.mapping import TaxTarget
from lago_ns_cli.domain.money import round_half_up, split
from lago_ns_cli.domain.records import Line
from lago_ns_cli.domain.translation.context import AccountCurrency, Context, Findings
from lago_ns_cli.domain.translation.lines import PlannedLine
from lago_ns_cli.domain.translation.numbers import plain
from lago_ns_cli.domain.translation.taxation import Taxable, Taxation, TaxSet, TaxShare


@dataclass(frozen=True, slots=True)
class LineTaxes:
    """The taxes of a document, worked out.

    Args:
        stated: What Lago states.
        lines: The lines that may carry taxes.
        assigned: The tax codes on each, by reference.
        shares: How much of each tax each of them carries.
    """

    stated: Taxation
    lines: tuple[Taxable, ...]
    assigned: Mapping[str, TaxSet]
    shares: tuple[TaxShare, ...]


def untaxed(number: str) -> LineTaxes:
    """State that a document carries no tax."""
    return LineTaxes(Taxation(number, (), 0), (), {}, ())


@dataclass(frozen=True, slots=True)
class SuiteTaxRows:
    """The ``taxdetails`` rows of a document and the one nexus they are in."""

    rows: tuple[Line, ...]
    nexus: str | None


def suitetax_rows(
    taxes: LineTaxes, entity: str, currency: AccountCurrency, context: Context, findings: Findings
) -> SuiteTaxRows:
    """Make a row of every share, zero rates too; equal (line, type, code) rows are merged."""
    merged: dict[tuple[str, str, str], TaxShare] = {}
    nexuses: dict[str, str] = {}
    for share in taxes.shares:
        target = _target((share.tax_code,), entity, context, findings)
        if target is None:
            continue
        if target.nexus is None or target.tax_type is None:
            findings.problem(
                "tax_incomplete",
                f"tax:{share.tax_code}",
                f"the tax {share.tax_code} lacks a nexus or a tax type, which SuiteTax asks for",
                f"lago-ns map set tax {share.tax_code} --nexus <id> --tax-type <id> --tax-code <id>",
            )
            continue
        nexuses[target.nexus] = share.tax_code
        row = (share.reference, target.tax_type, target.tax_code)
        merged[row] = _merge(merged.get(row), share)
    if len(nexuses) > 1:
        findings.problem(
            "two_nexuses",
            "tax:" + "+".join(sorted(nexuses.values())),
            f"its taxes are in {len(nexuses)} nexuses ({', '.join(sorted(nexuses))}); NetSuite takes one a document",
            "lago-ns map show",
        )
    rows = tuple(
        {
            "taxdetailsreference": reference,
            "taxtype": tax_type,
            "taxcode": tax_code,
            "taxbasis": currency.amount(share.basis),
            "taxrate": plain(share.rate),
            "taxamount": currency.amount(share.amount),
        }
        for (reference, tax_type, tax_code), share in merged.items()
    )
    return SuiteTaxRows(rows, next(iter(nexuses), None) or default_nexus(entity, context))


def default_nexus(entity: str, context: Context) -> str | None:
    """Find the nexus of documents without a tax: that of the default tax, if there is one."""
    target = context.mappings.tax((), entity).value
    return target.nexus if target else None


def _merge(first: TaxShare | None, second: TaxShare) -> TaxShare:
    if first is None:
        return second
    return replace(first, rate=first.rate + second.rate, amount=first.amount + second.amount)


def _target(taxes: Sequence[str], entity: str, context: Context, findings: Findings) -> TaxTarget | None:
    resolution = context.mappings.tax(taxes, entity)
    if resolution.value is not None and not resolution.by_default:
        return resolution.value
    name = "+".join(sorted(taxes))
    if resolution.value is None:
        findings.problem(
            "tax_unmapped",
            f"tax:{name}",
            f"the tax {name} has no NetSuite tax code",
            f"lago-ns map set tax {name} --nexus <id> --tax-type <id> --tax-code <id>",
        )
    else:
        findings.notice(
            "default_tax", f"the tax {name} went to the default tax code {resolution.value.tax_code}"
        )
    return resolution.value


@dataclass(frozen=True, slots=True)
class CodedLine:
    """A line with its one tax code and its tax in minor units; no code under SuiteTax."""

    line: PlannedLine
    tax_code: str | None
    tax: int


def coded_lines(
    lines: Sequence[PlannedLine],
    taxes: LineTaxes,
    entity: str,
    currency: AccountCurrency,
    context: Context,
    findings: Findings,
) -> list[CodedLine]:
    """Give each line its one tax code and its tax (legacy regime).

    NetSuite taxes a fee's line on the gross amount and the coupon's line on a negative one, so
    coupon lines are split by code and carry the tax they take off.
    """
    codes = {one: code_of(assigned, entity, context, findings) for one, assigned in taxes.assigned.items()}
    amounts: dict[str, int] = defaultdict(int)
    for share in taxes.shares:
        amounts[share.reference] += share.amount
    result = {
        line.reference: CodedLine(line, codes[line.reference], amounts[line.reference])
        for line in lines
        if line.reference in codes
    }
    for part in _split_by_code([line for line in lines if line.before_tax], taxes, codes, currency):
        result[part.line.reference] = _with_coupon_tax(part, result, taxes, codes)
    for line in lines:
        if line.reference not in codes and not line.before_tax:
            result[line.reference] = CodedLine(line, code_of(frozenset(), entity, context, findings), 0)
    return list(result.values())


def code_of(taxes: TaxSet, entity: str, context: Context, findings: Findings) -> str | None:
    """Find the legacy code of a set of taxes, or of no tax."""
    if taxes:
        target = _target(sorted(taxes), entity, context, findings)
        return target.tax_code if target else None
    untaxed = context.mappings.untaxed_code(entity)
    if untaxed.value is None:
        findings.problem(
            "untaxed_code_unmapped",
            "defaults.untaxed_code",
            "a line carries no tax, and no tax code for untaxed lines is set",
            "lago-ns map set default untaxed_code --to <internal id>",
        )
    return untaxed.value


def _split_by_code(
    coupons: Sequence[PlannedLine],
    taxes: LineTaxes,
    codes: Mapping[str, str | None],
    currency: AccountCurrency,
) -> list[CodedLine]:
    if not coupons:
        return []
    weights: dict[str | None, Decimal] = defaultdict(Decimal)
    for taxable in taxes.lines:
        weights[codes[taxable.reference]] += taxable.gross - taxable.net
    if not any(weight > 0 for weight in weights.values()):
        weights = dict.fromkeys(weights, Decimal(1))
    digits = max(0, *(-int(weight.as_tuple().exponent) for weight in weights.values()))
    whole = [max(0, int(weight.scaleb(digits))) for weight in weights.values()]
    parts = []
    for line in coupons:
        for code, amount in zip(weights, split(line.amount, whole), strict=True):
            if amount:
                numbers = replace(line.numbers, rate=currency.amount(amount))
                reference = line.reference if len(weights) == 1 else f"{line.reference}:{code}"
                parts.append(
                    CodedLine(replace(line, reference=reference, amount=amount, numbers=numbers), code, 0)
                )
    return parts


def _with_coupon_tax(
    part: CodedLine, result: dict[str, CodedLine], taxes: LineTaxes, codes: Mapping[str, str | None]
) -> CodedLine:
    """Take the coupon's tax off its line and put it back on the fees of the same code."""
    rates = {tax.code: tax.rate for tax in taxes.stated.taxes}
    of_code = [reference for reference, code in codes.items() if code == part.tax_code]
    rate = sum((rates[code] for code in taxes.assigned[of_code[0]]), Decimal(0))
    tax = round_half_up(part.line.amount * rate / 100)
    carriers = [result[reference] for reference in of_code]
    weights = [abs(carrier.line.amount) for carrier in carriers]
    if not tax or not any(weights):
        return part
    for carrier, extra in zip(carriers, split(-tax, weights), strict=True):
        result[carrier.line.reference] = replace(carrier, tax=carrier.tax + extra)
    return replace(part, tax=tax)
