"""A Lago credit note becomes a NetSuite credit memo, equal to the cent.

The credited items become lines of quantity 1, the share of coupons and progressive credit that
they take back is a negative line before tax. The part that is taken off the note's own invoice
is applied to it when the memo is created; the credit part stays open until invoices consume it.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext

from lago_ns_cli.domain.documents import CreditNote, CreditNoteItem, Received
from lago_ns_cli.domain.identifiers import Kind, LagoId, key_of
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.records import Application
from lago_ns_cli.domain.translation.context import (
    AccountCurrency,
    Context,
    Findings,
    Translation,
    account_currency,
)
from lago_ns_cli.domain.translation.lines import (
    PlannedLine,
    credit_item,
    describe_fee,
    fee_item,
    trees_by_id,
)
from lago_ns_cli.domain.translation.note_checks import NoteParts, check_credit_note_sums, parts_of
from lago_ns_cli.domain.translation.numbers import QuantityAndRate
from lago_ns_cli.domain.translation.periods import service_period
from lago_ns_cli.domain.translation.sales import Sale, sales_record
from lago_ns_cli.domain.translation.tax_rows import LineTaxes
from lago_ns_cli.domain.translation.taxation import (
    Taxable,
    assign_taxes,
    share_taxes,
    stated_on_credit_note,
)

RECORD_TYPE = "creditmemo"

_SHARE_STEP = Decimal("1e-12")
"""Far finer than the five decimals Lago keeps of a share; unending fractions have to end somewhere."""


def translate_credit_note(received: Received[CreditNote], context: Context) -> Translation:
    """Translate a credit note.

    Returns:
        The memo, with its offset part applied to its own invoice.

    Raises:
        TranslationError: All reasons why it cannot be translated, at once.
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    findings = Findings()
    sale = take_credit_note_apart(received, context, findings)
    record = sales_record(sale, context, findings)
    _tell_what_is_left(received.document, context, findings)
    findings.raise_problems()
    return Translation((record,), findings.notices)


def take_credit_note_apart(received: Received[CreditNote], context: Context, findings: Findings) -> Sale:
    """Find the lines, taxes and references of a credit note; what is unmapped becomes a problem.

    Raises:
        TranslationError: It cannot be read any further.
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    note = received.document
    parts = check_credit_note_sums(note, findings)
    currency = account_currency(note.currency, context)
    lines = _item_lines(received, currency, context, findings)
    taxes = _taxes(note, lines, context)
    coupons = _coupon_lines(note, currency, context, findings)
    return Sale(
        key=key_of(Kind.CREDIT_NOTE, note.lago_id),
        lago_id=note.lago_id,
        record_type=RECORD_TYPE,
        kind=Kind.CREDIT_NOTE,
        number=note.number,
        date=note.issuing_date,
        entity=note.billing_entity_code,
        customer=note.customer,
        currency=currency,
        lines=[*lines, *coupons],
        taxes=taxes,
        apply=_offset(note, parts, currency, context),
        tree=received.tree,
        names={"credit_note": received.tree},
    )


def _item_lines(
    received: Received[CreditNote], currency: AccountCurrency, context: Context, findings: Findings
) -> list[PlannedLine]:
    """Make a line of every credited item; zero items are left out unless all are zero, as fees are."""
    note = received.document
    trees = trees_by_id(received.tree.get("items"))
    lines = []
    for item in [item for item in note.items if item.amount_cents != 0] or note.items:
        numbers = QuantityAndRate("1", currency.amount(item.amount_cents))
        lines.append(
            PlannedLine(
                reference=item.lago_id,
                amount=item.amount_cents,
                item=fee_item(item.fee, note.billing_entity_code, context, findings),
                numbers=numbers,
                description=describe_fee(item.fee, numbers),
                fee=item.fee,
                period=service_period(item.fee, (), note.customer.applicable_timezone),
                tree=trees.get(item.lago_id, {}),
            )
        )
    return lines


def _coupon_lines(
    note: CreditNote, currency: AccountCurrency, context: Context, findings: Findings
) -> list[PlannedLine]:
    """Make a negative line of the coupons and progressive credit that the credited fees had."""
    cents = note.coupons_adjustment_amount_cents
    if cents == 0:
        return []
    return [
        PlannedLine(
            reference="coupon",
            amount=-cents,
            item=credit_item(None, "coupon", note.billing_entity_code, context, findings),
            numbers=QuantityAndRate("1", currency.amount(-cents)),
            description="Coupons",
            before_tax=True,
            tree={},
        )
    ]


def _taxes(note: CreditNote, lines: Sequence[PlannedLine], context: Context) -> LineTaxes:
    stated = stated_on_credit_note(note)
    items = {item.lago_id: item for item in note.items}
    taxable = tuple(_taxable(items[LagoId(line.reference)]) for line in lines)
    assigned = assign_taxes(stated, taxable, context.fee_taxes)
    return LineTaxes(stated, taxable, assigned, tuple(share_taxes(stated, taxable, assigned)))


def _taxable(item: CreditNoteItem) -> Taxable:
    fee = item.fee
    net = item.amount_cents - coupon_share(item)
    return Taxable(item.lago_id, fee.lago_id, net, item.amount_cents, fee.taxes_rate, fee.applied_taxes)


def coupon_share(item: CreditNoteItem) -> Decimal:
    """Tell how much of the fee's coupons and progressive credit an item takes back, unrounded cents.

    Source: Lago, ``CreditNotes::ApplyTaxesService``: the fee's share in proportion to the item.
    """
    if not item.fee.amount_cents:
        return Decimal(0)
    with localcontext() as exact:
        exact.prec = 80
        share = item.amount_cents * item.fee.precise_coupons_amount_cents / item.fee.amount_cents
        return share.quantize(_SHARE_STEP, rounding=ROUND_HALF_UP)


def _offset(
    note: CreditNote, parts: NoteParts, currency: AccountCurrency, context: Context
) -> tuple[Application, ...]:
    if parts.offset == 0:
        return ()
    target = context.reference(key_of(Kind.INVOICE, note.lago_invoice_id))
    return (Application(target, currency.amount(parts.offset)),)


def _tell_what_is_left(note: CreditNote, context: Context, findings: Findings) -> None:
    """Name what this memo alone does not settle: money paid back, and credit that will count twice."""
    parts = parts_of(note)
    if parts.refund:
        amount = to_major_units(parts.refund, note.currency)
        findings.notice(
            "refund_not_posted",
            f"{amount} {note.currency} of {note.number} was paid back in Lago; no customer refund is posted, "
            "so the memo stays open by that amount",
        )
    policy = context.mappings.credit_note_policy(note.billing_entity_code)
    if policy is CreditNotePolicy.NEGATIVE_LINE and parts.credit:
        amount = to_major_units(parts.credit, note.currency)
        findings.notice(
            "credit_counted_twice",
            f"under credit_note_policy negative_line the {amount} {note.currency} of credit of {note.number} "
            "stay open as a memo and are taken off again as a line of the invoices that consume them",
        )
