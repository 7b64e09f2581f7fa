"""A Lago payment becomes a NetSuite customer payment, applied to the invoices that it pays."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from lago_ns_cli.domain.documents import Invoice, Payment, Received
from lago_ns_cli.domain.identifiers import Key, Kind, LagoId, key_of
from lago_ns_cli.domain.mapping import FieldRows, PaymentRow, merge_field_rows
from lago_ns_cli.domain.records import Application, Expectation, Record, Reference, Value
from lago_ns_cli.domain.translation.allocation import Allocation
from lago_ns_cli.domain.translation.context import (
    AccountCurrency,
    Context,
    Findings,
    Problem,
    Translation,
    account_currency,
    refuse,
)
from lago_ns_cli.domain.translation.fields import date_fields, fill_fields
from lago_ns_cli.domain.translation.periods import local_date
from lago_ns_cli.domain.translation.posting import VOLATILE, posting_period
from lago_ns_cli.domain.translation.text import fit_fields

RECORD_TYPE = "customerpayment"

MANUAL = "manual"
"""What a mapping row calls payments that no provider made."""

_PROVIDER_CLASS = re.compile(r"PaymentProviders::(\w+?)(?:Provider)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What an invoice tells about the payments on it: who pays, where, and in what."""

    customer: LagoId
    zone: str
    entity: str
    currency: str


def billing_of(invoice: Invoice) -> Billing:
    """Read an invoice for its payments."""
    return Billing(
        customer=invoice.customer.lago_id,
        zone=invoice.customer.applicable_timezone,
        entity=invoice.billing_entity_code,
        currency=invoice.currency,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """What a payment does not say and its invoices do.

    Args:
        zone: The customer's time zone.
        entities: The billing entities of the invoices that it pays, each once; the mapping rows
            of the first hold.
        currencies: The currencies of these invoices, each once.
    """

    customer: LagoId
    zone: str
    entities: tuple[str, ...]
    currencies: tuple[str, ...]

    @property
    def entity(self) -> str:
        """The billing entity whose mapping rows hold."""
        return self.entities[0]


def payer_of(billings: Sequence[Billing]) -> Payer | None:
    """Tell who pays, from the invoices that are paid; None where nothing is known of any."""
    if not billings:
        return None
    return Payer(
        customer=billings[0].customer,
        zone=billings[0].zone,
        entities=tuple(dict.fromkeys(one.entity for one in billings)),
        currencies=tuple(dict.fromkeys(one.currency for one in billings)),
    )


def payment_number(payment: Payment) -> str:
    """Tell what a person calls a payment: Lago numbers none."""
    return payment.reference or payment.provider_payment_id or payment.lago_id


def payment_date(payment: Payment, zone: str) -> date:
    """Tell the day on which a payment was made, for the customer.

    Lago keeps the day that a person gave for a manual payment as midnight UTC; that day stands,
    whatever the zone.

    Raises:
        TranslationError: The time zone does not exist.
    """
    moment: datetime = payment.created_at.astimezone(UTC)
    if payment.type == MANUAL and moment.time() == time(0):
        return moment.date()
    return local_date(moment, zone)


def provider_names(payment: Payment) -> tuple[str, ...]:
    """List the names under which a mapping row may mean a payment's provider, the exact one first.

    Returns:
        The provider's code and its family (``stripe-us``, ``stripe``), or ``manual``.
    """
    if payment.type == MANUAL:
        return (MANUAL,)
    match = _PROVIDER_CLASS.fullmatch(payment.payment_provider_type or "")
    family = match[1].lower() if match else payment.payment_provider_type
    return tuple(dict.fromkeys(name for name in (payment.payment_provider_code, family) if name))


def translate_payment(
    received: Received[Payment],
    payer: Payer,
    allocation: Allocation,
    targets: Mapping[LagoId, Reference],
    context: Context,
) -> Translation:
    """Translate a payment.

    Args:
        allocation: What it pays of which invoice.
        targets: Where these invoices are in NetSuite.

    Raises:
        TranslationError: All reasons why it cannot be translated, at once.
    """
    payment = received.document
    findings = Findings()
    currency = account_currency(payment.amount_currency, context)
    _check_amounts(payment, payer, allocation, findings)
    header = merge_field_rows(context.mappings.fields.get(Kind.PAYMENT, FieldRows()).header, payer.entity)
    scopes = (received.tree, {"payment": received.tree})
    amount = currency.amount(payment.amount_cents)
    day = payment_date(payment, payer.zone)
    posting = posting_period(day, payment_number(payment), context, findings)
    columns: dict[str, Value] = {
        "customer": context.reference(_customer_key(payment, payer)),
        **_subsidiary(payment, payer, context, findings),
        "currency": currency.id,
        "trandate": day.isoformat(),
        **posting.columns,
        "payment": amount,
        **_destination(payment, payer.entity, context, findings),
        **_memo(payment),
        **fill_fields(header, scopes, payer.zone, context.account, findings),
    }
    fitted = fit_fields(columns, findings)
    findings.raise_problems()
    _note_remainder(payment, currency, allocation, findings)
    record = Record(
        key=key_of(Kind.PAYMENT, payment.lago_id),
        lago_id=payment.lago_id,
        type=RECORD_TYPE,
        columns=fitted,
        dates=tuple(dict.fromkeys(("trandate", *date_fields(header)))),
        apply=tuple(
            Application(targets[invoice], currency.amount(share))
            for invoice, share in allocation.shares.items()
        ),
        expect=Expectation(amount, currency.amount(0), posting.periods),
        volatile=VOLATILE,
    )
    return Translation((record,), findings.notices)


def _customer_key(payment: Payment, payer: Payer) -> Key:
    return key_of(Kind.CUSTOMER, payment.lago_customer_id or payer.customer)


def _check_amounts(payment: Payment, payer: Payer, allocation: Allocation, findings: Findings) -> None:
    number = payment_number(payment)
    if payment.amount_cents < 0:
        refuse(
            "negative_payment",
            number,
            f"payment {number} is of {payment.amount_cents} minor units, and NetSuite takes none below zero",
            "Check the payment in Lago; post a refund by hand.",
        )
    if allocation.remainder < 0:
        raise AssertionError(f"{number}: more is applied than was paid")
    others = [code for code in payer.currencies if code != payment.amount_currency]
    if others:
        findings.problem(
            "currency_differs",
            number,
            f"payment {number} is in {payment.amount_currency}, its invoices are in {', '.join(others)}",
            "Check the payment in Lago; post it by hand.",
        )


def _subsidiary(payment: Payment, payer: Payer, context: Context, findings: Findings) -> dict[str, Value]:
    found = {entity: context.mappings.subsidiary(entity).value for entity in payer.entities}
    if len(set(found.values())) > 1:
        number = payment_number(payment)
        where = ", ".join(
            f"{entity} (subsidiary {subsidiary or 'unmapped'})" for entity, subsidiary in found.items()
        )
        findings.problem(
            "payment_two_subsidiaries",
            number,
            f"payment {number} pays invoices of {where}, and a NetSuite payment belongs to one subsidiary",
            "Post this payment by hand, one for each subsidiary.",
        )
    subsidiary = found.get(payer.entity)
    return {} if subsidiary is None else {"subsidiary": subsidiary}


def _destination(payment: Payment, entity: str, context: Context, findings: Findings) -> dict[str, Value]:
    """Where the money goes: an account, or the undeposited funds where the row names none."""
    names = provider_names(payment)
    row = context.mappings.payment(names, payment.amount_currency, entity).value
    if row is None:
        unmapped = payment_unmapped(names, payment.amount_currency)
        findings.problem(unmapped.code, unmapped.subject, unmapped.message, unmapped.hint)
        return {}
    return _account(row)


def payment_unmapped(names: Sequence[str], currency: str) -> Problem:
    """Say that no row tells where payments of a provider go.

    Args:
        names: As ``provider_names`` lists them.
    """
    provider = f" --provider {names[0]}" if names else ""
    return Problem(
        "payment_unmapped",
        f"payment:{names[0] if names else '*'}:{currency}",
        f"payments of {' or '.join(names) or 'an unnamed provider'} in {currency} have no account",
        f"lago-ns map set payment{provider} --account <internal id>",
    )


def _account(row: PaymentRow) -> dict[str, Value]:
    # NetSuite fills the account in from the method, and "undeposited funds" wins over an
    # account, so method and account come in this order.
    method: dict[str, Value] = {} if row.method is None else {"paymentmethod": row.method}
    if row.account is None:
        return {**method, "undepfunds": "T"}
    return {**method, "undepfunds": "F", "account": row.account}


def _memo(payment: Payment) -> dict[str, Value]:
    text = payment.reference or payment.provider_payment_id
    return {"memo": text} if text else {}


def _note_remainder(
    payment: Payment, currency: AccountCurrency, allocation: Allocation, findings: Findings
) -> None:
    if allocation.remainder:
        findings.notice(
            "payment_remainder",
            f"{currency.amount(allocation.remainder)} of {currency.amount(payment.amount_cents)} "
            f"{currency.code} is more than its invoices owe and stays unapplied",
        )
