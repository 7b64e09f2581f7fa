"""What the memo of a credit note is applied to: a desired state, gathered from both sides of it.

The note says what is taken off its own invoice, each later invoice says what it consumes. Both
are remembered as facts of the note, so that they may come in any order; together they are the
whole state that the memo is to be in. Absolute amounts make it harmless to state it again.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lago_ns_cli.domain.attempts import Entry, Fact, State, StateChange, Subject
from lago_ns_cli.domain.documents import CreditNote, Invoice
from lago_ns_cli.domain.identifiers import Kind, LagoId, application_key, key_of
from lago_ns_cli.domain.mapping import CreditNotePolicy
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.translation.note_checks import parts_of

APPLICATION = "application"
"""The kind of the entry."""

_OFFSET = "offset:"
_CONSUMED = "consumed:"
_SHOWN = "shown:"
"""Consumed as a line of the invoice (policy ``negative_line``): used up, and not to be applied."""

_NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Consumption:
    """The credit of one note that an invoice consumes, in minor units."""

    note: LagoId
    number: str
    cents: int


def consumed_notes(invoice: Invoice) -> list[Consumption]:
    """List the credit notes that an invoice consumes, each once."""
    cents: dict[LagoId, int] = defaultdict(int)
    numbers: dict[LagoId, str] = {}
    for credit in invoice.credits:
        if credit.item.type == "credit_note":
            cents[credit.item.lago_item_id] += credit.amount_cents
            numbers[credit.item.lago_item_id] = credit.item.code or credit.item.lago_item_id
    return [Consumption(note, numbers[note], amount) for note, amount in cents.items() if amount]


def consumption_facts(invoice: Invoice, policy: CreditNotePolicy) -> list[Fact]:
    """Write down what an invoice takes from which credit notes.

    It is either applied or shown as a line; the other is nought, in case the policy was changed
    before the invoice was posted.
    """
    applied = policy is CreditNotePolicy.APPLY_MEMO
    facts = []
    for used in consumed_notes(invoice):
        key = key_of(Kind.CREDIT_NOTE, used.note)
        facts += [
            Fact(key, _CONSUMED + invoice.lago_id, str(used.cents if applied else 0)),
            Fact(key, _SHOWN + invoice.lago_id, str(0 if applied else used.cents)),
            Fact(key, _NUMBER, used.number),
        ]
    return facts


def offset_facts(note: CreditNote) -> list[Fact]:
    """Write down what a note takes off its own invoice."""
    offset = parts_of(note).offset
    key = key_of(Kind.CREDIT_NOTE, note.lago_id)
    return [Fact(key, _OFFSET + note.lago_invoice_id, str(offset))] if offset else []


def wanted_applications(facts: Mapping[str, str]) -> dict[LagoId, int]:
    """Read from the facts of a note how much of its memo goes on which invoice, in minor units."""
    wanted: dict[LagoId, int] = defaultdict(int)
    for name, value in sorted(facts.items()):
        if name.startswith((_OFFSET, _CONSUMED)):
            wanted[LagoId(name.partition(":")[2])] += int(value)
    return {invoice: cents for invoice, cents in wanted.items() if cents}


def note_number(facts: Mapping[str, str], note: LagoId) -> str:
    """Tell the number of a note that is perhaps known only from the invoices that consume it."""
    return facts.get(_NUMBER, note)


def unused_credit(note: CreditNote, facts: Mapping[str, str]) -> int:
    """Tell how much of a note's credit no invoice is known to have consumed, in minor units."""
    used = sum(int(value) for name, value in facts.items() if name.startswith((_CONSUMED, _SHOWN)))
    return max(0, note.credit_amount_cents - used)


def application_mark(note: LagoId, wanted: Mapping[LagoId, int]) -> str:
    """Hash a desired state: the fingerprint of an application.

    Returns:
        64 hexadecimal digits (SHA-256), whatever order the facts came in.
    """
    content = [application_key(note), sorted((key_of(Kind.INVOICE, one), wanted[one]) for one in wanted)]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def application_subject(
    note: LagoId, number: str, customer: LagoId, currency: str, wanted: Mapping[LagoId, int]
) -> Subject:
    """Name an application for the ledger."""
    return Subject(
        key=application_key(note),
        kind=APPLICATION,
        lago_id=note,
        number=f"{number} applied",
        customer_id=customer,
        record_type="creditmemo",
        amount=format(to_major_units(sum(wanted.values()), currency), "f"),
        currency=currency,
    )


def ask_again(
    subject: Subject, entry: Entry | None, note: LagoId, wanted: Mapping[LagoId, int]
) -> StateChange | None:
    """Decide whether a desired state has to be carried out, once more or for the first time.

    Returns:
        None where it was carried out already, is on its way, or is in doubt: what settles the
        doubt leaves the entry pending, and it then goes with all that was added since.
    """
    if entry is not None:
        known = entry.fingerprint == application_mark(note, wanted)
        if known or entry.state not in (State.POSTED, State.HELD):
            return None
    return StateChange(subject=subject, state=State.PENDING)
