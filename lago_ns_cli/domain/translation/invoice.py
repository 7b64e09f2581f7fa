"""A Lago invoice becomes a NetSuite invoice, equal to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lago_ns_cli.domain.documents import Invoice, Received
from lago_ns_cli.domain.identifiers import Kind, key_of, prepaid_key
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.records import Application, Value
from lago_ns_cli.domain.translation.checks import check_invoice_sums
from lago_ns_cli.domain.translation.context import (
    AccountCurrency,
    Context,
    Findings,
    Translation,
    account_currency,
    refuse,
)
from lago_ns_cli.domain.translation.grouping import group_usage
from lago_ns_cli.domain.translation.lines import (
    PlannedLine,
    consumed_note_lines,
    credit_lines,
    fee_lines,
    line_total,
    net_of_coupons,
    prepaid_lines,
    trees_by_id,
)
from lago_ns_cli.domain.translation.sales import Sale, sales_record
from lago_ns_cli.domain.translation.tax_rows import LineTaxes, untaxed
from lago_ns_cli.domain.translation.taxation import (
    Taxable,
    assign_taxes,
    share_taxes,
    stated_on_invoice,
)

RECORD_TYPE = "invoice"
_VOLATILE = frozenset({"custbody_lago_invoice_link"})


@dataclass(frozen=True, slots=True)
class InvoiceSales:
    """An invoice, taken apart: its own sale, and the memo that carries prepaid credit if one must."""

    invoice: Sale
    prepaid: Sale | None = None

    @property
    def sales(self) -> tuple[Sale, ...]:
        """The invoice first, then what it brings along."""
        return (self.invoice,) if self.prepaid is None else (self.invoice, self.prepaid)


def translate_invoice(received: Received[Invoice], context: Context) -> Translation:
    """Translate an invoice.

    Returns:
        The invoice and, where its lines would sum below zero only because of prepaid credit, a
        credit memo that carries the prepaid part and is applied to the invoice.

    Raises:
        TranslationError: All reasons why it cannot be translated, at once.
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    findings = Findings()
    parts = take_invoice_apart(received, context, findings)
    records = tuple(sales_record(sale, context, findings) for sale in parts.sales)
    findings.raise_problems()
    return Translation(records, findings.notices)


def take_invoice_apart(received: Received[Invoice], context: Context, findings: Findings) -> InvoiceSales:
    """Find the lines, taxes and references of an invoice; what is unmapped becomes a problem.

    Raises:
        TranslationError: It cannot be read any further.
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    invoice = received.document
    check_invoice_sums(invoice)
    currency = account_currency(invoice.currency, context)
    lines, taxes = _lines_and_taxes(received, currency, context, findings)
    prepaid = prepaid_lines(invoice, currency, context, findings)
    fits = line_total(lines) + line_total(prepaid) >= 0
    sale = Sale(
        key=key_of(Kind.INVOICE, invoice.lago_id),
        lago_id=invoice.lago_id,
        record_type=RECORD_TYPE,
        kind=Kind.INVOICE,
        number=invoice.number,
        date=invoice.issuing_date,
        entity=invoice.billing_entity_code,
        customer=invoice.customer,
        currency=currency,
        lines=[*lines, *prepaid] if fits else lines,
        taxes=taxes,
        columns=_columns(invoice, context),
        volatile=_VOLATILE,
        tree=received.tree,
        names={"invoice": received.tree, "plan_codes": _plan_codes(invoice)},
    )
    _check_total(invoice, sale, prepaid=0 if fits else -line_total(prepaid))
    return InvoiceSales(sale, None if fits else _prepaid_memo(invoice, sale, prepaid, context))


def _lines_and_taxes(
    received: Received[Invoice], currency: AccountCurrency, context: Context, findings: Findings
) -> tuple[Sequence[PlannedLine], LineTaxes]:
    """The lines without prepaid credit, which may have to go on a memo of its own."""
    invoice = received.document
    grouping = context.mappings.grouping_for(
        invoice.customer.external_id, invoice.invoice_type, invoice.billing_entity_code
    )
    trees = trees_by_id(received.tree.get("fees"))
    lines = fee_lines(invoice, trees, currency, context, findings, grouping)
    lines += credit_lines(invoice, currency, context, findings)
    policy = context.mappings.credit_note_policy(invoice.billing_entity_code)
    if policy is CreditNotePolicy.NEGATIVE_LINE:
        lines += consumed_note_lines(invoice, currency, context, findings)
    if line_total(lines) < 0:
        findings.problem(
            "negative_lines",
            invoice.number,
            f"the credit notes that {invoice.number} consumes are more than its lines before tax, "
            "and NetSuite refuses lines that sum below zero",
            "lago-ns map set default credit_note_policy --to apply_memo",
        )
    taxes = _taxes(invoice, lines, context)
    if grouping.value is None:
        return lines, taxes
    grouped = group_usage(lines, taxes, currency, findings)
    return grouped.lines, grouped.taxes


def _taxes(invoice: Invoice, lines: Sequence[PlannedLine], context: Context) -> LineTaxes:
    stated = stated_on_invoice(invoice)
    taxable = tuple(
        Taxable(
            line.reference,
            line.fee.lago_id,
            net_of_coupons(line.fee),
            line.amount,
            line.fee.taxes_rate,
            line.fee.applied_taxes,
        )
        for line in lines
        if line.fee is not None
    )
    assigned = assign_taxes(stated, taxable, context.fee_taxes)
    return LineTaxes(stated, taxable, assigned, tuple(share_taxes(stated, taxable, assigned)))


def _columns(invoice: Invoice, context: Context) -> dict[str, Value]:
    columns: dict[str, Value] = {}
    terms = context.mappings.terms_for(invoice.net_payment_term)
    if terms.value is not None:
        columns["terms"] = terms.value
    if invoice.payment_due_date is not None:
        # After the terms: NetSuite would compute another due date from them.
        columns["duedate"] = invoice.payment_due_date.isoformat()
    return columns


def _plan_codes(invoice: Invoice) -> str:
    codes = (subscription.plan_code for subscription in invoice.subscriptions)
    return ",".join(dict.fromkeys(code for code in codes if code))


def _check_total(invoice: Invoice, sale: Sale, *, prepaid: int) -> None:
    """Lines and taxes must make Lago's total, plus what is carried by memos instead of lines."""
    consumed = -sum(line.amount for line in sale.lines if line.reference.startswith("credit_note:"))
    stated = invoice.total_amount_cents + prepaid + invoice.credit_notes_amount_cents - consumed
    if sale.total != stated:
        refuse(
            "total_differs",
            invoice.number,
            f"the lines and taxes of {invoice.number} make {sale.total} minor units of {invoice.currency}, "
            f"{stated} was expected",
            "Check the invoice in Lago; nothing was posted.",
        )


def _prepaid_memo(invoice: Invoice, sale: Sale, prepaid: Sequence[PlannedLine], context: Context) -> Sale:
    """The prepaid credit that the invoice cannot carry as lines, applied to the invoice."""
    lines = [
        replace(
            line,
            amount=-line.amount,
            numbers=replace(line.numbers, rate=sale.currency.amount(-line.amount)),
        )
        for line in prepaid
    ]
    amount = sale.currency.amount(line_total(lines))
    return Sale(
        key=prepaid_key(invoice.lago_id),
        lago_id=invoice.lago_id,
        record_type="creditmemo",
        kind=None,
        number=f"{invoice.number}-PREPAID",
        date=invoice.issuing_date,
        entity=sale.entity,
        customer=sale.customer,
        currency=sale.currency,
        lines=lines,
        taxes=untaxed(f"{invoice.number}-PREPAID"),
        apply=(Application(context.reference(sale.key), amount),),
    )
