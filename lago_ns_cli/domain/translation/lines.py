"""From fees and credits to the lines of a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from lago_ns_cli.domain.documents import Credit, Fee, Invoice, Tree
from lago_ns_cli.domain.mapping import GroupingRow, Resolution
from lago_ns_cli.domain.translation.context import AccountCurrency, Context, Findings
from lago_ns_cli.domain.translation.numbers import QuantityAndRate, quantity_and_rate
from lago_ns_cli.domain.translation.periods import ServicePeriod, service_period
from lago_ns_cli.domain.translation.text import fit_text

USAGE = "charge"
"""The type of fees that count usage: those that grouping rows bring together."""

_OBJECT_KIND = {
    "charge": "billable_metric",
    "add_on": "add_on",
    "fixed_charge": "add_on",
    "subscription": "plan",
    "commitment": "commitment",
    "product": "product",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """A line before it gets its fields.

    Args:
        reference: Unique within the document; ties the line to its tax rows.
        amount: Minor units; negative for credits.
        item: Which item, and which mapping row said so.
        before_tax: It takes off what is taxed (coupons, progressive credit).
        members: The fees of a grouped line.
        tree: Lago's JSON of the fee or credit, for mapping rows.
    """

    reference: str
    amount: int
    item: Resolution[str]
    numbers: QuantityAndRate
    description: str
    fee: Fee | None = None
    period: ServicePeriod | None = None
    before_tax: bool = False
    members: tuple[Fee, ...] = ()
    tree: Tree


NO_GROUPING: Resolution[GroupingRow] = Resolution(None, None, ())
"""No grouping row applies."""


def billed_fees(fees: Sequence[Fee]) -> list[Fee]:
    """Choose the fees that become lines, in the order of their creation.

    Zero fees are left out unless all are zero, as Lago does.
    """
    in_order = sorted(fees, key=lambda fee: fee.created_at)
    return [fee for fee in in_order if fee.amount_cents != 0] or in_order


def fee_lines(
    invoice: Invoice,
    trees: Mapping[str, Tree],
    currency: AccountCurrency,
    context: Context,
    findings: Findings,
    grouping: Resolution[GroupingRow] = NO_GROUPING,
) -> list[PlannedLine]:
    """Make a line of every billed fee.

    Args:
        trees: Lago's JSON of each fee, by ``lago_id``.
        grouping: The row whose item usage goes to, in place of the usage's own items.
    """
    zone = invoice.customer.applicable_timezone
    usage_item = grouped_item(grouping, context, findings)
    lines = []
    for fee in billed_fees(invoice.fees):
        amount = currency.amount(fee.amount_cents)
        numbers = quantity_and_rate(fee.units, fee.precise_unit_amount, amount)
        lines.append(
            PlannedLine(
                reference=fee.lago_id,
                amount=fee.amount_cents,
                item=usage_item
                if usage_item is not None and fee.item.type == USAGE
                else fee_item(fee, invoice.billing_entity_code, context, findings),
                numbers=numbers,
                description=fit_text("description", describe_fee(fee, numbers), findings),
                fee=fee,
                period=service_period(fee, invoice.billing_periods, zone),
                tree=trees.get(fee.lago_id, {}),
            )
        )
    return lines


def credit_lines(
    invoice: Invoice, currency: AccountCurrency, context: Context, findings: Findings
) -> list[PlannedLine]:
    """Make negative lines of coupons and progressive-billing credit, which Lago takes before tax."""
    lines = []
    lago: str | None
    for number, credit in enumerate(invoice.credits):
        match credit.item.type:
            case "coupon":
                lago, item_type = f"coupon:{credit.item.code}", "coupon"
            case "invoice":
                lago, item_type = None, "progressive_billing"
            case "credit_note":
                continue
            case unknown:
                findings.problem(
                    "unknown_credit_type",
                    f"credit:{unknown}",
                    f"the invoice has a credit of the unknown type {unknown!r}",
                    "Upgrade lago-ns, or post this invoice by hand.",
                )
                continue
        label = fit_text("description", credit.item.name or credit.item.code or item_type, findings)
        item = credit_item(lago, item_type, invoice.billing_entity_code, context, findings)
        line = _credit_line(f"{item_type}:{number}", credit.amount_cents, item, label, currency)
        lines.append(replace(line, before_tax=True))
    return lines


def consumed_note_lines(
    invoice: Invoice, currency: AccountCurrency, context: Context, findings: Findings
) -> list[PlannedLine]:
    """Make negative lines of the credit notes an invoice consumes (policy ``negative_line``)."""
    consumed = [credit for credit in invoice.credits if credit.item.type == "credit_note"]
    if not consumed:
        return []
    item = credit_item(None, "credit_note", invoice.billing_entity_code, context, findings)
    return [
        _credit_line(f"credit_note:{number}", credit.amount_cents, item, _note_label(credit), currency)
        for number, credit in enumerate(consumed)
    ]


def prepaid_lines(
    invoice: Invoice, currency: AccountCurrency, context: Context, findings: Findings
) -> list[PlannedLine]:
    """Make the negative line of prepaid credit.

    It is split into granted and purchased credit only where Lago knows both parts and both are
    mapped: one of them alone would put the rest on the wrong account.
    """
    if invoice.prepaid_credit_amount_cents == 0:
        return []
    entity = invoice.billing_entity_code
    granted = context.mappings.item(None, "prepaid_granted", entity)
    purchased = context.mappings.item(None, "prepaid_purchased", entity)
    parts = (invoice.prepaid_granted_credit_amount_cents, invoice.prepaid_purchased_credit_amount_cents)
    known = [part or 0 for part in parts]
    split = sum(known) == invoice.prepaid_credit_amount_cents and not (
        granted.by_default or purchased.by_default or granted.value is None or purchased.value is None
    )
    if split:
        labelled = zip(("granted", "purchased"), known, (granted, purchased), strict=True)
        return [
            _credit_line(f"prepaid:{name}", cents, item, f"Prepaid credits ({name})", currency)
            for name, cents, item in labelled
            if cents
        ]
    item = credit_item(None, "prepaid_credit", entity, context, findings)
    return [_credit_line("prepaid", invoice.prepaid_credit_amount_cents, item, "Prepaid credits", currency)]


def trees_by_id(items: object) -> dict[str, Tree]:
    """Index a decoded JSON array of objects by their ``lago_id``."""
    if not isinstance(items, Iterable):
        return {}
    return {str(item["lago_id"]): item for item in items if isinstance(item, Mapping) and "lago_id" in item}


def object_of(fee: Fee) -> str | None:
    """Name what a fee is for as a mapping row does; None where it has no row of its own, or its type is unknown."""
    kind = _OBJECT_KIND.get(fee.item.type)
    return None if kind is None else f"{kind}:{fee.item.code}"


def fee_item(fee: Fee, entity: str, context: Context, findings: Findings) -> Resolution[str]:
    """Find the item of a fee; what is unmapped or unknown becomes a problem."""
    if fee.item.type == "credit":
        return credit_item(None, "prepaid_purchase", entity, context, findings)
    lago = object_of(fee)
    if lago is None:
        findings.problem(
            "unknown_fee_type",
            f"fee:{fee.item.type}",
            f"the fee {fee.item.name or fee.item.code!r} is of the unknown type {fee.item.type!r}",
            "Upgrade lago-ns, or post this invoice by hand.",
        )
        return Resolution(None, None, ())
    return credit_item(lago, fee.item.type, entity, context, findings)


def credit_item(
    lago: str | None, item_type: str, entity: str, context: Context, findings: Findings
) -> Resolution[str]:
    """Find the item of a Lago object or of a type; what cannot be used becomes a problem."""
    resolution = context.mappings.item(lago, item_type, entity)
    subject = lago or f"item_by_type.{item_type}"
    setting = f"item {lago}" if lago else f"default {subject}"
    if resolution.value is None:
        findings.problem(
            "item_unmapped",
            subject,
            f"{subject} has no NetSuite item, and there is no Default Item",
            f"lago-ns map set {setting} --to <internal id>",
        )
    elif resolution.value in context.account.discount_items:
        findings.problem(
            "discount_item",
            subject,
            f"{subject} is mapped to item {resolution.value}, a discount item, which refuses a quantity",
            f"lago-ns map set {setting} --to <internal id of another item>",
        )
    elif resolution.by_default and lago is not None:
        findings.notice("default_item", f"{subject} went to the Default Item {resolution.value}")
    return resolution


def grouped_item(
    grouping: Resolution[GroupingRow], context: Context, findings: Findings
) -> Resolution[str] | None:
    """Tell the item that usage is grouped on; None where nothing is grouped."""
    if grouping.value is None:
        return None
    item = grouping.value.item
    if item in context.account.discount_items:
        findings.problem(
            "discount_item",
            grouping.won or "grouping",
            f"{grouping.won} groups usage on item {item}, a discount item, which refuses a quantity",
            "Name another item in that row of mappings.toml.",
        )
    return Resolution(item, grouping.won, grouping.passed)


def _credit_line(
    reference: str, cents: int, item: Resolution[str], label: str, currency: AccountCurrency
) -> PlannedLine:
    amount = currency.amount(-cents)
    return PlannedLine(
        reference=reference,
        amount=-cents,
        item=item,
        numbers=QuantityAndRate("1", amount),
        description=label,
        tree={},
    )


def _note_label(credit: Credit) -> str:
    return f"Credit note {credit.item.code or credit.item.lago_item_id}"


def fee_label(fee: Fee) -> str:
    """Name a fee as its invoice does."""
    return fee.item.invoice_display_name or fee.item.name or fee.item.code


def describe_fee(fee: Fee, numbers: QuantityAndRate) -> str:
    """Say in words what a line of a fee is for."""
    label = fee_label(fee)
    details = [fee.item.filter_invoice_display_name or ""]
    details += [f"{key}: {value}" for key, value in fee.item.grouped_by.items() if value is not None]
    told = ", ".join(detail for detail in details if detail)
    text = f"{label} ({told})" if told else label
    return f"{text}; {numbers.original}" if numbers.original else text


def line_total(lines: Iterable[PlannedLine]) -> int:
    """Add up the lines, in minor units."""
    return sum(line.amount for line in lines)


def net_of_coupons(fee: Fee) -> Decimal:
    """Tell a fee's taxable amount: less its share of coupons and progressive credit, unrounded cents."""
    if fee.sub_total_excluding_taxes_precise_amount_cents is not None:
        return fee.sub_total_excluding_taxes_precise_amount_cents
    return fee.amount_cents - fee.precise_coupons_amount_cents
