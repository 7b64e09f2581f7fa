"""Documents in, decisions out: gate, translation and plan put together.

Nothing here waits for anything: entries, links and taxes were loaded before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from lago_ns_cli.domain.attempts import Entry, Subject
from lago_ns_cli.domain.documents import Invoice, InvoiceSummary, Received
from lago_ns_cli.domain.exchange import Unreadable
from lago_ns_cli.domain.gate import OPEN, VoidPolicy, gate_invoice
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoExternalId, LagoId, key_of, prepaid_key
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.plan import Planned, plan_gate, plan_hold, plan_settled, plan_wait, plan_write
from lago_ns_cli.domain.records import Record
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.domain.translation.invoice import translate_invoice
from lago_ns_cli.errors import DocumentError

PREPAID = "prepaid"
"""The kind of the memo that carries prepaid credit; an entry of its own."""

Entries = Mapping[Key, Entry]

NO_CUSTOMER = LagoId("")
"""Where a list names no customer; such a subject serves decisions that send nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings that decisions depend on.

    Args:
        asked_by_id: The documents were named one by one, so held ones are tried again.
        void_policy: What becomes of invoices that are voided after they were posted.
        create_customers: Whether customers that NetSuite lacks are created, and the others updated.
        extend_customers: Whether customers get the currencies and subsidiaries their documents need.
        links: NetSuite records that a person named for customers, by their Lago external id.
    """

    sync_from: date | None = None
    asked_by_id: bool = False
    void_policy: VoidPolicy = VoidPolicy.HOLD
    create_customers: bool = True
    extend_customers: bool = False
    links: Mapping[LagoExternalId, InternalId] = field(default_factory=dict)


def unreadable_subject(unreadable: Unreadable) -> Subject | None:
    """Name a document that could not be read, if at least its id could."""
    if unreadable.lago_id is None:
        return None
    return Subject(
        key=key_of(unreadable.kind, unreadable.lago_id),
        kind=unreadable.kind,
        lago_id=unreadable.lago_id,
        number=unreadable.number or unreadable.lago_id,
        customer_id=NO_CUSTOMER,
    )


def summary_subject(invoice: InvoiceSummary | Invoice, customer: LagoId = NO_CUSTOMER) -> Subject:
    """Name an invoice for the ledger."""
    return Subject(
        key=key_of(Kind.INVOICE, invoice.lago_id),
        kind=Kind.INVOICE,
        lago_id=invoice.lago_id,
        number=invoice.number,
        customer_id=customer,
        record_type="invoice",
        amount=_major(invoice.total_amount_cents, invoice.currency),
        currency=invoice.currency,
        document_date=invoice.issuing_date,
        lago_updated_at=invoice.updated_at,
    )


def _major(cents: int, currency: str) -> str | None:
    try:
        return format(to_major_units(cents, currency), "f")
    except DocumentError:
        return None  # the translation holds the document for it, with the reason


def decide_from_list(invoice: InvoiceSummary, entries: Entries, rules: Rules) -> Planned | None:
    """Decide about an invoice without fetching it; None where it has to be fetched."""
    subject = summary_subject(invoice)
    memo = entries.get(prepaid_key(invoice.lago_id))
    settled = plan_settled(subject, entries.get(subject.key))
    if settled is not None and (memo is None or plan_settled(subject, memo) is not None):
        return settled
    verdict = gate_invoice(invoice, rules.sync_from)
    return None if verdict is OPEN else plan_gate(subject, verdict)


def decide_invoice(
    received: Received[Invoice], entries: Entries, context: Context, rules: Rules
) -> list[Planned]:
    """Decide about an invoice and, where it brings one, its prepaid memo.

    Raises:
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    invoice = received.document
    subject = summary_subject(invoice, invoice.customer.lago_id)
    verdict = gate_invoice(invoice, rules.sync_from)
    if verdict is not OPEN:
        return [plan_settled(subject, entries.get(subject.key)) or plan_gate(subject, verdict)]
    try:
        translation = translate_invoice(received, context)
    except DocumentError as error:
        held = plan_settled(subject, entries.get(subject.key))
        return [held or plan_hold(subject, error.code, error.message, error.hint)]
    customer = key_of(Kind.CUSTOMER, invoice.customer.lago_id)
    planned = plan_write(
        subject,
        translation.record,
        entries.get(subject.key),
        asked_by_id=rules.asked_by_id,
        original=received.raw,
        notices=translation.notices,
        parents=(customer,),
    )
    memos = [
        plan_write(
            _memo_subject(subject, record),
            record,
            entries.get(record.key),
            asked_by_id=rules.asked_by_id,
            parents=(customer, subject.key),
        )
        for record in translation.records[1:]
    ]
    return [planned, *memos]


def _memo_subject(invoice: Subject, record: Record) -> Subject:
    return Subject(
        key=record.key,
        kind=PREPAID,
        lago_id=invoice.lago_id,
        number=str(record.columns["tranid"]),
        customer_id=invoice.customer_id,
        record_type=record.type,
        amount=record.expect.total if record.expect else None,
        currency=invoice.currency,
        document_date=invoice.document_date,
    )


def wait_for_customer(planned: Planned, customer: Key, number: str) -> Planned:
    """Let a document wait for a customer that is not in NetSuite yet."""
    return plan_wait(planned.subject, customer, f"its customer {number} is not in NetSuite yet")
