"""Invoices that Lago shows voided although they were posted."""

from collections.abc import Mapping
from dataclasses import replace

from lago_ns_cli.domain.attempts import Entry, State, Subject
from lago_ns_cli.domain.documents import Invoice, InvoiceSummary, Received
from lago_ns_cli.domain.gate import VoidPolicy
from lago_ns_cli.domain.identifiers import Kind, key_of, void_key
from lago_ns_cli.domain.plan import Planned, plan_hold, plan_posted, plan_settled, plan_write
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.domain.translation.void import translate_void, void_number
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.deciding import Entries, Rules, summary_subject

VOID = "void"
"""The kind of the memo that takes a voided invoice back; an entry of its own."""

VOIDED = "voided_in_lago"


def voided_after_posting(invoice: Invoice | InvoiceSummary, entries: Entries) -> Entry | None:
    """Find the entry of an invoice that was posted and is voided in Lago by now."""
    entry = entries.get(key_of(Kind.INVOICE, invoice.lago_id))
    if invoice.status != "voided" or entry is None or entry.netsuite_id is None:
        return None
    is_posted = entry.state is State.POSTED or (entry.state is State.HELD and entry.code == VOIDED)
    return entry if is_posted else None


def decide_void_from_list(
    invoice: InvoiceSummary, posted: Entry, entries: Entries, rules: Rules
) -> Planned | None:
    """Decide about a voided invoice without fetching it; None where it has to be fetched.

    Held by the policy, the invoice keeps its link; taken back before, it needs nothing more.
    """
    subject = summary_subject(invoice)
    memo = entries.get(void_key(invoice.lago_id))
    if memo is not None and memo.state is State.POSTED:
        settled = plan_settled(subject, posted)
        return plan_posted(subject, posted) if posted.state is State.HELD else settled
    if rules.void_policy is VoidPolicy.REVERSE:
        return None
    held = plan_hold(
        subject,
        VOIDED,
        f"it was voided in Lago after it was posted as {posted.netsuite_id}",
        'Take it back in NetSuite, or set [sync] void_policy = "reverse" and run the command again.',
    )
    return replace(held, netsuite_id=posted.netsuite_id, stored=posted.state is State.POSTED)


def decide_void(
    received: Received[Invoice],
    posted: Entry,
    sent: Mapping[str, object],
    entries: Entries,
    context: Context,
    rules: Rules,
) -> Planned:
    """Decide about the memo that takes a voided invoice back.

    Args:
        sent: The invoice's document as it was posted.
    """
    invoice = received.document
    subject = _subject(invoice, posted)
    entry = entries.get(subject.key)
    if posted.netsuite_id is None:
        raise ValueError(f"{invoice.number} was never posted")
    try:
        translation = translate_void(invoice, sent, posted.netsuite_id, context)
    except DocumentError as error:
        return plan_settled(subject, entry) or plan_hold(subject, error.code, error.message, error.hint)
    record = translation.record
    return plan_write(
        replace(subject, amount=record.expect.total if record.expect else None),
        record,
        entry,
        asked_by_id=rules.asked_by_id,
        original=received.raw,
        notices=translation.notices,
        parents=(key_of(Kind.CUSTOMER, invoice.customer.lago_id), posted.key),
    )


def _subject(invoice: Invoice, posted: Entry) -> Subject:
    return Subject(
        key=void_key(invoice.lago_id),
        kind=VOID,
        lago_id=invoice.lago_id,
        number=void_number(invoice),
        customer_id=invoice.customer.lago_id,
        record_type="creditmemo",
        amount=posted.amount,
        currency=invoice.currency,
        document_date=invoice.voided_at.date() if invoice.voided_at else None,
    )
