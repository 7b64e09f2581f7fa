"""Lago's documents, read into billed rows: what NetSuite should hold of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, time, timedelta
from decimal import Decimal

from lago_ns_cli.domain.documents import CreditNote, Customer, InvoiceSummary, Payment
from lago_ns_cli.domain.gate import (
    OPEN,
    Passage,
    Verdict,
    gate_credit_note,
    gate_customer,
    gate_invoice,
    gate_payment,
    gate_payment_day,
)
from lago_ns_cli.domain.identifiers import Kind, LagoId, key_of, prepaid_key
from lago_ns_cli.domain.mapping import CreditNotePolicy, Mappings
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.reconciliation.rows import PREPAID, ZERO, BilledRow, Excuse
from lago_ns_cli.domain.translation.note_checks import parts_of
from lago_ns_cli.domain.translation.payment import MANUAL, payment_date, payment_number
from lago_ns_cli.domain.translation.taxation import (
    Taxation,
    final_amounts,
    stated_on_credit_note,
    stated_on_invoice,
)
from lago_ns_cli.errors import DocumentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What turns Lago's terms into NetSuite's.

    Args:
        suitetax: The account's tax regime.
        sync_from: Documents from before are not carried.
    """

    mappings: Mappings
    suitetax: bool
    sync_from: date | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """What a payment does not say and its customer, or its invoice, does."""

    zone: str
    entity: str
    customer: LagoId | None = None


def customer_row(customer: Customer) -> BilledRow:
    """State a customer."""
    return BilledRow(
        key=key_of(Kind.CUSTOMER, customer.lago_id),
        kind=Kind.CUSTOMER.value,
        lago_id=customer.lago_id,
        number=customer.external_id,
        customer=customer.lago_id,
        customer_name=customer.external_id,
        entity=customer.billing_entity_code,
        excuse=_excuse(gate_customer(customer)),
    )


def invoice_rows(invoice: InvoiceSummary, terms: Terms) -> list[BilledRow]:
    """State an invoice and, where its lines cannot carry its prepaid credit, the memo that does.

    Raises:
        DocumentError: Its currency has no subunit.
    """
    policy = terms.mappings.credit_note_policy(invoice.billing_entity_code)
    shown = invoice.credit_notes_amount_cents if policy is CreditNotePolicy.NEGATIVE_LINE else 0
    lines = (
        invoice.fees_amount_cents
        - invoice.progressive_billing_credit_amount_cents
        - invoice.coupons_amount_cents
        - shown
    )
    prepaid = invoice.prepaid_credit_amount_cents if lines < invoice.prepaid_credit_amount_cents else 0
    applied = invoice.credit_notes_amount_cents - shown
    money = _Major(invoice.currency)
    row = BilledRow(
        key=key_of(Kind.INVOICE, invoice.lago_id),
        kind=Kind.INVOICE.value,
        lago_id=invoice.lago_id,
        number=invoice.number,
        customer=invoice.customer.lago_id if invoice.customer else None,
        customer_name=invoice.customer.external_id if invoice.customer else "",
        entity=invoice.billing_entity_code,
        currency=invoice.currency,
        currency_id=terms.mappings.currency(invoice.currency).value,
        subsidiary=terms.mappings.subsidiary(invoice.billing_entity_code).value,
        days=() if invoice.issuing_date is None else (invoice.issuing_date,),
        total=money(invoice.total_amount_cents + applied + prepaid),
        tax=money(invoice.taxes_amount_cents),
        taxes=_taxes(stated_on_invoice(invoice), invoice.billing_entity_code, money, terms),
        due=money(invoice.total_due_amount_cents),
        paid_by_word=invoice.payment_status == "succeeded" and invoice.total_due_amount_cents > 0,
        voided=invoice.status == "voided",
        excuse=_excuse(gate_invoice(invoice, terms.sync_from)),
    )
    if not prepaid:
        return [row]
    return [row, _prepaid_row(row, money(prepaid))]


def _prepaid_row(invoice: BilledRow, amount: Decimal) -> BilledRow:
    return BilledRow(
        key=prepaid_key(invoice.lago_id),
        kind=PREPAID,
        lago_id=invoice.lago_id,
        number=f"{invoice.number}-PREPAID",
        customer=invoice.customer,
        customer_name=invoice.customer_name,
        entity=invoice.entity,
        currency=invoice.currency,
        currency_id=invoice.currency_id,
        subsidiary=invoice.subsidiary,
        days=invoice.days,
        total=amount,
        offset=amount,
        parent=invoice.lago_id,
        voided=invoice.voided,
        excuse=invoice.excuse,
    )


def credit_note_row(note: CreditNote, terms: Terms) -> BilledRow:
    """State a credit note.

    Raises:
        DocumentError: Its currency has no subunit.
    """
    money, parts = _Major(note.currency), parts_of(note)
    voided = note.credit_status == "voided"
    return BilledRow(
        key=key_of(Kind.CREDIT_NOTE, note.lago_id),
        kind=Kind.CREDIT_NOTE.value,
        lago_id=note.lago_id,
        number=note.number,
        customer=note.customer.lago_id,
        customer_name=note.customer.external_id,
        entity=note.billing_entity_code,
        currency=note.currency,
        currency_id=terms.mappings.currency(note.currency).value,
        subsidiary=terms.mappings.subsidiary(note.billing_entity_code).value,
        days=(note.issuing_date,),
        total=money(note.total_amount_cents),
        tax=money(note.taxes_amount_cents),
        taxes=_taxes(stated_on_credit_note(note), note.billing_entity_code, money, terms),
        offset=money(parts.offset),
        credit=money(parts.credit),
        # What was consumed before a void, the note itself does not tell.
        consumed=ZERO if voided else money(max(0, parts.credit - note.balance_amount_cents)),
        voided=voided,
        parent=note.lago_invoice_id,
        excuse=_excuse(gate_credit_note(note, terms.sync_from)),
    )


def payment_row(payment: Payment, party: Party | None, terms: Terms) -> BilledRow:
    """State a payment.

    Args:
        party: Its customer or invoice; without one its day is known only to within a day.

    Raises:
        DocumentError: Its currency has no subunit, or its customer's time zone does not exist.
    """
    money = _Major(payment.amount_currency)
    days = _payment_days(payment, party)
    verdict = gate_payment(payment)
    if verdict is OPEN:
        verdict = gate_payment_day(days[0], terms.sync_from)
    entity = party.entity if party else ""
    named = payment.invoice_ids or ((payment.lago_payable_id,) if payment.lago_payable_id else ())
    return BilledRow(
        key=key_of(Kind.PAYMENT, payment.lago_id),
        kind=Kind.PAYMENT.value,
        lago_id=payment.lago_id,
        number=payment_number(payment),
        customer=payment.lago_customer_id or (party.customer if party else None),
        customer_name=payment.external_customer_id,
        entity=entity,
        currency=payment.amount_currency,
        currency_id=terms.mappings.currency(payment.amount_currency).value,
        subsidiary=terms.mappings.subsidiary(entity).value if entity else None,
        days=days,
        total=money(payment.amount_cents),
        parent=named[0] if len(named) == 1 and payment.payable_type == "Invoice" else None,
        excuse=_excuse(verdict),
    )


def _payment_days(payment: Payment, party: Party | None) -> tuple[date, ...]:
    if party is not None:
        return (payment_date(payment, party.zone),)
    moment = payment.created_at.astimezone(UTC)
    if payment.type == MANUAL and moment.time() == time(0):
        return (moment.date(),)
    day = moment.date()
    return (day, day - timedelta(days=1), day + timedelta(days=1))


_UNCOUNTED = frozenset({"voided"})


def _excuse(verdict: Verdict) -> Excuse | None:
    if verdict is OPEN:
        return None
    code = verdict.code or "not_final"
    counts = verdict.passage is Passage.NEVER and code not in _UNCOUNTED
    return Excuse(code, verdict.reason or code, counts)


@dataclass(frozen=True, slots=True)
class _Major:
    """Minor units of a currency into major ones."""

    currency: str

    def __call__(self, minor_units: int) -> Decimal:
        return to_major_units(minor_units, self.currency)


def _taxes(stated: Taxation, entity: str, money: _Major, terms: Terms) -> dict[str, Decimal] | None:
    """Tax by NetSuite's code; None where a list does not tell, or the document cannot be posted at all.

    In the legacy regime a line has one code, so that of several taxes only the lines tell which
    sets of them there are.
    """
    if not stated.total and not any(tax.amount for tax in stated.taxes):
        return {}
    if not terms.suitetax and len(stated.taxes) > 1:
        return None
    try:
        amounts = final_amounts(stated)
    except DocumentError:
        return None
    found: dict[str, Decimal] = {}
    for lago_code, amount in amounts.items():
        target = terms.mappings.tax((lago_code,), entity).value
        if target is None:
            return None
        found[target.tax_code] = found.get(target.tax_code, ZERO) + money(amount)
    return {code: amount for code, amount in found.items() if amount}


@dataclass(frozen=True, slots=True)
class Sent:
    """What the ledger says was sent of a document.

    ``fields`` are body fields by NetSuite's ids; ``taxes`` by tax code. ``external_id`` and ``number``
    are those of the record as it was read back; None where that is not known.
    """

    total: Decimal | None = None
    tax: Decimal | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    taxes: Mapping[str, Decimal] = field(default_factory=dict)
    external_id: str | None = None
    number: str | None = None


def told_taxes(billed: BilledRow, sent: Mapping[str, Decimal]) -> BilledRow:
    """Take a document's tax by code from what was sent, where Lago does not tell it and its tax is that sum."""
    if billed.taxes is not None or sum(sent.values(), ZERO) != billed.tax:
        return billed
    return replace(billed, taxes=sent)


def sent_of(payload: Mapping[str, object], answer: Mapping[str, object] | None = None) -> Sent:
    """Read the document of the contract, and what was answered, as the ledger keeps them."""
    record = _mapping((answer or {}).get("record"))
    expect, columns = _mapping(payload.get("expect")), _mapping(payload.get("columns"))
    fields = {name: str(value) for name, value in columns.items() if isinstance(value, str)}
    return Sent(
        total=Decimal(str(expect["total"])) if "total" in expect else None,
        tax=Decimal(str(expect["tax"])) if "tax" in expect else None,
        fields=fields,
        taxes=_sent_taxes(payload),
        external_id=_text(record.get("key")),
        number=_text(record.get("number")),
    )


def _sent_taxes(payload: Mapping[str, object]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    rows = [(row, "taxamount") for row in _lines(payload.get("taxdetails"), "taxdetails")]
    rows += [(row, "tax1amt") for row in _lines(payload.get("lines"), "item")]
    for row, amount in rows:
        if row.get("taxcode") and row.get(amount):
            code = str(row["taxcode"])
            found[code] = found.get(code, ZERO) + Decimal(str(row[amount]))
    return {code: amount for code, amount in found.items() if amount}


def _lines(blocks: object, sublist: str) -> Iterable[Mapping[str, object]]:
    for block in blocks if isinstance(blocks, list | tuple) else ():
        if isinstance(block, Mapping) and block.get("sublistId") == sublist:
            yield from (line for line in block.get("lineItems") or () if isinstance(line, Mapping))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
