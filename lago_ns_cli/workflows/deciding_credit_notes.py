"""Credit notes in, decisions out: gate, parent and translation put together.

Nothing here waits for anything: entries, links, parents and taxes were loaded before.
"""

from collections.abc import Mapping
from dataclasses import replace

from lago_ns_cli.domain.applications import unused_credit
from lago_ns_cli.domain.attempts import Entry, State, Subject
from lago_ns_cli.domain.documents import CreditNote, Received
from lago_ns_cli.domain.gate import OPEN, gate_credit_note
from lago_ns_cli.domain.identifiers import Key, Kind, key_of
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.parents import Obstacle, Parent, ParentName
from lago_ns_cli.domain.plan import (
    Action,
    Planned,
    plan_gate,
    plan_hold,
    plan_settled,
    plan_wait,
    plan_write,
)
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.domain.translation.credit_note import RECORD_TYPE, translate_credit_note
from lago_ns_cli.domain.translation.note_checks import parts_of
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.deciding import Entries, Rules

VOIDED = "voided"


def credit_note_subject(note: CreditNote) -> Subject:
    """Name a credit note for the ledger."""
    return Subject(
        key=key_of(Kind.CREDIT_NOTE, note.lago_id),
        kind=Kind.CREDIT_NOTE,
        lago_id=note.lago_id,
        number=note.number,
        customer_id=note.customer.lago_id,
        record_type=RECORD_TYPE,
        amount=_major(note.total_amount_cents, note.currency),
        currency=note.currency,
        document_date=note.issuing_date,
        lago_updated_at=note.updated_at,
    )


def _major(cents: int, currency: str) -> str | None:
    try:
        return format(to_major_units(cents, currency), "f")
    except DocumentError:
        return None  # the translation holds the document for it, with the reason


def own_invoice(note: CreditNote) -> ParentName | None:
    """Name the invoice that a note takes something off; None where it does not."""
    if not parts_of(note).offset:
        return None
    return ParentName(Kind.INVOICE, note.lago_invoice_id, note.invoice_number or note.lago_invoice_id)


def decide_without_parents(
    note: CreditNote, entries: Entries, facts: Mapping[str, str], rules: Rules
) -> Planned | None:
    """Decide about a note from itself and the ledger; None where it has to be translated.

    Args:
        facts: What is remembered of the note: who consumed how much of it.
    """
    subject = credit_note_subject(note)
    entry = entries.get(subject.key)
    if entry is not None and entry.state is State.POSTED and note.credit_status == VOIDED:
        unused = unused_credit(note, facts)
        if unused:
            return _voided_later(note, subject, entry, unused)
    settled = plan_settled(subject, entry)
    if settled is not None:
        return settled
    verdict = gate_credit_note(note, rules.sync_from)
    if verdict is OPEN:
        return None
    offset = parts_of(note).offset
    if verdict.code == VOIDED and offset:
        # Lago voids what is left of the credit; what was taken off the invoice stays taken off.
        kept = f"; the {_amount(offset, note)} that it took off {note.invoice_number} stay taken off in Lago"
        verdict = replace(verdict, reason=(verdict.reason or "") + kept)
    return plan_gate(subject, verdict)


def _voided_later(note: CreditNote, subject: Subject, entry: Entry, unused: int) -> Planned:
    held = plan_hold(
        subject,
        "voided_after_sync",
        f"it was voided in Lago after it was posted as {entry.netsuite_id}; {_amount(unused, note)} of its "
        "credit were not consumed and are still open in NetSuite",
        f"Close the open {_amount(unused, note)} of credit memo {entry.netsuite_id} in NetSuite.",
    )
    return replace(held, netsuite_id=entry.netsuite_id)


def _amount(cents: int, note: CreditNote) -> str:
    return f"{to_major_units(cents, note.currency)} {note.currency}"


def decide_credit_note(
    received: Received[CreditNote], entries: Entries, invoice: Parent | None, context: Context, rules: Rules
) -> Planned:
    """Decide about a note that the gate lets through.

    Args:
        invoice: The invoice that it takes something off, if there is one.

    Raises:
        FeeTaxesNeededError: The taxes of some fees have to be fetched first.
    """
    note = received.document
    subject = credit_note_subject(note)
    links = dict(context.links)
    if invoice is not None and invoice.id is not None:
        links[invoice.name.key] = invoice.id
    try:
        translation = translate_credit_note(received, replace(context, links=links))
    except DocumentError as error:
        return plan_hold(subject, error.code, error.message, error.hint)
    parents: tuple[Key, ...] = (key_of(Kind.CUSTOMER, note.customer.lago_id),)
    planned = plan_write(
        subject,
        translation.record,
        entries.get(subject.key),
        asked_by_id=rules.asked_by_id,
        original=received.raw,
        notices=translation.notices,
        parents=parents if invoice is None else (*parents, invoice.name.key),
    )
    if invoice is None or invoice.obstacle is None or planned.action is not Action.CREATE:
        return planned
    # Whether the invoice is open enough is the RESTlet's to say: a memo that is there already, from
    # a ledger that was lost, has its part of the invoice and is adopted.
    return stop_at(subject, invoice, invoice.obstacle)


def stop_at(subject: Subject, parent: Parent, obstacle: Obstacle) -> Planned:
    """Let a document wait for its parent, or hold it, as the obstacle says."""
    if obstacle.final:
        return plan_hold(subject, obstacle.code, obstacle.reason, obstacle.hint)
    return plan_wait(subject, parent.name.key, obstacle.reason, obstacle.code, obstacle.look_again_at)
