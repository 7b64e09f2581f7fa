"""Why a document becomes what it becomes: each cent from fee to line to tax, with the rows that decided.

Made of what translation itself works with, so that it cannot tell another story.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lago_ns_cli.domain.documents import CreditNote, Fee, Invoice, Payment, Received
from lago_ns_cli.domain.identifiers import Kind, LagoId
from lago_ns_cli.domain.mapping import CreditNotePolicy, FieldRows, Resolution, TaxTarget, merge_field_rows
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.translation.context import (
    Context,
    Findings,
    Notice,
    Problem,
    TranslationError,
    account_currency,
)
from lago_ns_cli.domain.translation.credit_note import take_credit_note_apart
from lago_ns_cli.domain.translation.invoice import take_invoice_apart
from lago_ns_cli.domain.translation.lines import PlannedLine, fee_label
from lago_ns_cli.domain.translation.note_checks import parts_of
from lago_ns_cli.domain.translation.numbers import plain
from lago_ns_cli.domain.translation.payment import (
    Payer,
    payment_date,
    payment_number,
    payment_unmapped,
    provider_names,
)
from lago_ns_cli.domain.translation.sales import Sale, sales_record, tax_sale
from lago_ns_cli.domain.translation.tax_rows import CodedLine
from lago_ns_cli.domain.translation.taxation import TaxShare
from lago_ns_cli.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Choice:
    """A look-up: what it found, the row that won, and the more exact rows that are not there."""

    value: str | None
    row: str | None
    passed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFee:
    """A fee that went into a line; ``amount`` in major units."""

    lago_id: LagoId
    type: str
    code: str
    name: str
    units: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTax:
    """One Lago tax on one line, in major units.

    Args:
        target: ``nexus/tax type/tax code``, or the code alone.
    """

    tax: str
    rate: str
    basis: str
    amount: str
    target: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLine:
    """A line as it is sent, and where it comes from.

    Args:
        record: ``invoice``, or ``creditmemo`` for prepaid credit that the invoice cannot carry.
        fees: Empty for credits; several where usage was grouped.
        taxes: What Lago's taxes put on the line.
        tax_code: The one code of the line (legacy regime), and ``tax`` the amount sent with it.
    """

    record: str
    description: str
    quantity: str
    rate: str
    amount: str
    item: Choice
    fees: tuple[ExplainedFee, ...]
    period: tuple[str, str] | None
    taxes: tuple[ExplainedTax, ...]
    tax_code: Choice | None
    tax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedTotals:
    """How lines and taxes make Lago's total, in major units: lines + tax = total = by_memo + lago_total.

    ``by_memo`` is what Lago takes off its total and NetSuite sees as memos, not as lines.
    """

    lines: str
    tax: str
    total: str
    by_memo: str
    lago_total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that decides what a document becomes.

    Args:
        kind: Which kind of document it is.
        destination: Where a payment goes: ``account/method``, or ``undeposited funds``.
        amount: What a payment is of, in major units.
        becomes: What happens to a credit note's parts, as a person would say it.
        field_rows: What mapping rows fill, as ``path → field``.
        totals: None where the document could not be taken apart.
        problems: Why it would be held; empty if it would be sent.
    """

    number: str
    lago_id: LagoId
    currency: str
    currency_record: Choice
    billing_entity: str
    subsidiary: Choice
    terms: Choice | None
    field_rows: tuple[str, ...]
    lines: tuple[ExplainedLine, ...] = ()
    totals: ExplainedTotals | None = None
    kind: Kind = Kind.INVOICE
    destination: Choice | None = None
    amount: str | None = None
    becomes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()


def explain_invoice(received: Received[Invoice], context: Context) -> Explanation:
    """Explain an invoice; one that would be held is explained as far as it goes.

    Raises:
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    invoice = received.document
    terms = context.mappings.terms_for(invoice.net_payment_term)
    told = _explain_sales(
        Kind.INVOICE, invoice, lambda findings: take_invoice_apart(received, context, findings).sales, context
    )
    return replace(told, terms=None if terms.won is None and not terms.passed else _choice(terms))


def explain_credit_note(received: Received[CreditNote], context: Context) -> Explanation:
    """Explain a credit note; one that would be held is explained as far as it goes.

    Raises:
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    note = received.document
    told = _explain_sales(
        Kind.CREDIT_NOTE,
        note,
        lambda findings: (take_credit_note_apart(received, context, findings),),
        context,
    )
    return replace(told, becomes=tuple(_parts(note, context)))


def _explain_sales(
    kind: Kind,
    document: Invoice | CreditNote,
    take_apart: Callable[[Findings], Sequence[Sale]],
    context: Context,
) -> Explanation:
    findings = Findings()
    sales: Sequence[Sale] = ()
    lines: tuple[ExplainedLine, ...] = ()
    problems: tuple[Problem, ...] = ()
    try:
        sales = take_apart(findings)
        lines = tuple(line for sale in sales for line in _explain_sale(sale, context, findings))
        for sale in sales:
            sales_record(sale, context, findings)
        findings.raise_problems()
    except DocumentError as error:
        problems = tuple(dict.fromkeys((*findings.problems, *_problems(error, document.number))))
    entity = document.billing_entity_code
    return Explanation(
        kind=kind,
        number=document.number,
        lago_id=document.lago_id,
        currency=document.currency,
        currency_record=_choice(context.mappings.currency(document.currency)),
        billing_entity=entity,
        subsidiary=_choice(context.mappings.subsidiary(entity)),
        terms=None,
        field_rows=_field_rows(kind, entity, context),
        lines=lines,
        totals=_totals(document, sales[0]) if sales else None,
        problems=problems,
        notices=findings.notices,
    )


def _parts(note: CreditNote, context: Context) -> Iterator[str]:
    parts = parts_of(note)
    amounts = {
        name: f"{_major(cents, note.currency)} {note.currency}"
        for name, cents in (("offset", parts.offset), ("credit", parts.credit), ("refund", parts.refund))
        if cents
    }
    if "offset" in amounts:
        yield f"{amounts['offset']} are applied to its invoice {note.invoice_number or note.lago_invoice_id}"
    if "credit" in amounts:
        policy = context.mappings.credit_note_policy(note.billing_entity_code)
        later = "are applied to the invoices that consume them"
        if policy is CreditNotePolicy.NEGATIVE_LINE:
            later = "stay open, beside the negative lines of the invoices that consume them (negative_line)"
        yield f"{amounts['credit']} {later}"
    if "refund" in amounts:
        yield f"{amounts['refund']} were paid back: post the refund in NetSuite by hand"


def explain_payment(received: Received[Payment], payer: Payer | None, context: Context) -> Explanation:
    """Explain where a payment goes; which invoices it is applied to is decided when it is sent.

    Args:
        payer: What its invoices tell; None where none of them is known.
    """
    payment = received.document
    entity = payer.entity if payer is not None else ""
    names = provider_names(payment)
    found = context.mappings.payment(names, payment.amount_currency, entity)
    row = found.value
    problems = [] if row is not None else [payment_unmapped(names, payment.amount_currency)]
    try:
        account_currency(payment.amount_currency, context)
    except DocumentError as error:
        problems += _problems(error, payment_number(payment))
    target = None
    if row is not None:
        target = "/".join(part for part in (row.account or "undeposited funds", row.method) if part)
    return Explanation(
        kind=Kind.PAYMENT,
        number=payment_number(payment),
        lago_id=payment.lago_id,
        currency=payment.amount_currency,
        currency_record=_choice(context.mappings.currency(payment.amount_currency)),
        billing_entity=entity,
        subsidiary=_choice(context.mappings.subsidiary(entity)) if payer else Choice(None, None, ()),
        terms=None,
        field_rows=_field_rows(Kind.PAYMENT, entity, context),
        destination=Choice(
            target, found.won, found.passed if payer else tuple(row for row in found.passed if "(" not in row)
        ),
        amount=_major(payment.amount_cents, payment.amount_currency),
        becomes=()
        if payer is None
        else (f"dated {payment_date(payment, payer.zone)}, in the customer's zone",),
        problems=tuple(problems),
    )


def _problems(error: DocumentError, number: str) -> tuple[Problem, ...]:
    if isinstance(error, TranslationError):
        return error.problems
    return (Problem(error.code, number, error.message, error.hint or ""),)


def _choice(resolution: Resolution[str]) -> Choice:
    return Choice(resolution.value, resolution.won, resolution.passed)


def _field_rows(kind: Kind, entity: str, context: Context) -> tuple[str, ...]:
    rows = context.mappings.fields.get(kind, FieldRows())
    return tuple(
        f"{row.source if row.source is not None else repr(row.literal)} → {place}{row.to}"
        for place, some in (("", rows.header), ("line ", rows.line))
        for row in merge_field_rows(some, entity)
    )


def _explain_sale(sale: Sale, context: Context, findings: Findings) -> list[ExplainedLine]:
    taxed = tax_sale(sale, context, findings)
    shares: dict[str, list[TaxShare]] = defaultdict(list)
    for share in sale.taxes.shares:
        shares[share.reference].append(share)
    return [_explain_line(one, sale, shares[one.line.reference], context) for one in taxed.lines]


def _explain_line(
    coded: CodedLine, sale: Sale, shares: Sequence[TaxShare], context: Context
) -> ExplainedLine:
    line = coded.line
    tax = sum(share.amount for share in shares) if context.account.suitetax else coded.tax
    period = line.period
    return ExplainedLine(
        record=sale.record_type,
        description=line.description,
        quantity=line.numbers.quantity,
        rate=line.numbers.rate,
        amount=sale.currency.amount(line.amount),
        item=_choice(line.item),
        fees=tuple(_explain_fee(fee) for fee in _fees(line)),
        period=None if period is None else (period.start.isoformat(), period.end.isoformat()),
        taxes=tuple(_explain_tax(share, sale, context) for share in shares),
        tax_code=_tax_code(coded, sale, context),
        tax=sale.currency.amount(tax),
    )


def _tax_code(coded: CodedLine, sale: Sale, context: Context) -> Choice | None:
    """The row that gave a line its one code; a coupon's line has the code of the fees it takes off."""
    if context.account.suitetax:
        return None
    codes = sale.taxes.assigned.get(coded.line.reference)
    if codes:
        found = context.mappings.tax(codes, sale.entity)
        return Choice(coded.tax_code, found.won, found.passed)
    untaxed = context.mappings.untaxed_code(sale.entity)
    if untaxed.value == coded.tax_code:
        return _choice(untaxed)
    return Choice(coded.tax_code, "as the fees it takes off", ())


def _fees(line: PlannedLine) -> tuple[Fee, ...]:
    return line.members or (() if line.fee is None else (line.fee,))


def _explain_fee(fee: Fee) -> ExplainedFee:
    return ExplainedFee(
        lago_id=fee.lago_id,
        type=fee.item.type,
        code=fee.item.code,
        name=fee_label(fee),
        units=plain(fee.units),
        amount=_major(fee.amount_cents, fee.amount_currency),
    )


def _explain_tax(share: TaxShare, sale: Sale, context: Context) -> ExplainedTax:
    asked = (share.tax_code,) if context.account.suitetax else sorted(sale.taxes.assigned[share.reference])
    found = context.mappings.tax(asked, sale.entity)
    return ExplainedTax(
        tax=share.tax_code,
        rate=plain(share.rate),
        basis=sale.currency.amount(share.basis),
        amount=sale.currency.amount(share.amount),
        target=Choice(_target(found.value), found.won, found.passed),
    )


def _target(target: TaxTarget | None) -> str | None:
    if target is None:
        return None
    return "/".join(part for part in (target.nexus, target.tax_type, target.tax_code) if part)


def _totals(document: Invoice | CreditNote, sale: Sale) -> ExplainedTotals:
    tax = sale.taxes.stated.total
    return ExplainedTotals(
        lines=sale.currency.amount(sale.total - tax),
        tax=sale.currency.amount(tax),
        total=sale.currency.amount(sale.total),
        by_memo=sale.currency.amount(sale.total - document.total_amount_cents),
        lago_total=_major(document.total_amount_cents, document.currency),
    )


def _major(minor_units: int, currency: str) -> str:
    return format(to_major_units(minor_units, currency), "f")
