"""What the ledger and the mappings tell of documents that are being compared, loaded some at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from lago_ns_cli.domain.applications import wanted_applications
from lago_ns_cli.domain.attempts import Entry
from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, application_key, key_of
from lago_ns_cli.domain.mapping import CreditNotePolicy, Mappings
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.reconciliation.billed import Sent, sent_of
from lago_ns_cli.domain.reconciliation.known import Known
from lago_ns_cli.domain.reconciliation.rows import (
    CREDIT_NOTE,
    CUSTOMER,
    PAYMENT,
    PREPAID,
    ZERO,
    BilledRow,
)
from lago_ns_cli.workflows.deciding_payments import frozen_shares
from lago_ns_cli.workflows.ports import Ledger

_CONSUMED, _SHOWN = "consumed:", "shown:"
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was loaded for some documents.

    Args:
        entries: Ledger rows by key, those of applications among them.
        links: Internal ids of customers and invoices by key.
        facts: What is remembered of notes and payments.
        sent: What was sent, where it was asked for.
    """

    mappings: Mappings
    entries: Mapping[Key, Entry]
    links: Mapping[Key, InternalId]
    facts: Mapping[Key, Facts]
    sent: Mapping[Key, Sent] = field(default_factory=dict)

    def of(self, billed: BilledRow) -> Known:
        """Put together what is known of one document."""
        facts = self.facts.get(billed.key, {})
        return Known(
            entry=self.entries.get(billed.key),
            sent=self.sent.get(billed.key),
            customer=None
            if billed.customer is None
            else self.links.get(key_of(Kind.CUSTOMER, billed.customer)),
            wanted=self._wanted(billed, facts),
            parent=self.entries.get(key_of(Kind.INVOICE, billed.lago_id)) if billed.kind == PREPAID else None,
            shown=self._shown(billed, facts) if billed.kind == CREDIT_NOTE else ZERO,
            application=self.entries.get(application_key(billed.lago_id))
            if billed.kind == CREDIT_NOTE
            else None,
        )

    def _wanted(self, billed: BilledRow, facts: Facts) -> dict[InternalId, Decimal] | None:
        """What should be applied to which record; None where nobody tells, or an invoice is not linked."""
        match billed.kind:
            case "credit_note":
                shares = {one: _major(cents, billed) for one, cents in wanted_applications(facts).items()}
                if billed.parent is not None and billed.offset and billed.parent not in shares:
                    return None  # a ledger that was rebuilt remembers nothing of it
            case "prepaid":
                shares = {} if billed.parent is None else {billed.parent: billed.offset}
            case "payment" if billed.parent is not None:
                shares = {billed.parent: billed.total}
            case "payment":
                shares = {one: _major(cents, billed) for one, cents in frozen_shares(facts).items()}
                if not shares:
                    return None
            case _:
                return None
        links = {one: self.links.get(key_of(Kind.INVOICE, one)) for one in shares}
        wanted = {link: shares[one] for one, link in links.items() if link is not None}
        return wanted if len(wanted) == len(shares) else None

    def _shown(self, billed: BilledRow, facts: Facts) -> Decimal:
        """The consumed credit that invoices show as a line, so that the memo stays open by it."""
        if self.mappings.credit_note_policy(billed.entity) is CreditNotePolicy.APPLY_MEMO or billed.voided:
            return _sum(facts, _SHOWN, billed)
        return max(ZERO, billed.consumed - _sum(facts, _CONSUMED, billed))


def load_knowledge(
    ledger: Ledger, mappings: Mappings, rows: Sequence[BilledRow], *, sent: bool = False
) -> Knowledge:
    """Load what the ledger knows of some documents.

    Args:
        sent: Also what was sent of them.
    """
    keys = [row.key for row in rows]
    notes = [row.lago_id for row in rows if row.kind == CREDIT_NOTE]
    brought = [key_of(Kind.INVOICE, row.lago_id) for row in rows if row.kind == PREPAID]
    facts = ledger.facts([row.key for row in rows if row.kind in (CREDIT_NOTE, PAYMENT)])
    targets = {
        *(row.parent for row in rows if row.parent is not None and row.kind != CUSTOMER),
        *(
            invoice
            for some in facts.values()
            for invoice in {**wanted_applications(some), **frozen_shares(some)}
        ),
    }
    customers = {row.customer for row in rows if row.customer is not None}
    attempts = ledger.last_attempts(keys) if sent else {}
    return Knowledge(
        mappings=mappings,
        entries=ledger.entries([*keys, *map(application_key, notes), *brought]),
        links=ledger.links(
            [
                *(key_of(Kind.CUSTOMER, LagoId(one)) for one in customers),
                *(key_of(Kind.INVOICE, LagoId(one)) for one in targets),
            ]
        ),
        facts=facts,
        sent={key: sent_of(attempt.payload, attempt.answer) for key, attempt in attempts.items()},
    )


def _sum(facts: Facts, prefix: str, billed: BilledRow) -> Decimal:
    cents = sum(int(value) for name, value in facts.items() if name.startswith(prefix))
    return _major(cents, billed)


def _major(cents: int, billed: BilledRow) -> Decimal:
    return to_major_units(cents, billed.currency)
