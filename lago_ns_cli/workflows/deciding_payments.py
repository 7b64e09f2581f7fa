"""Payments in, decisions out: gate, parents, split and translation put together.

Nothing here waits for anything: invoices, entries, links and earlier splits were loaded before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import msgspec

from lago_ns_cli.domain.attempts import Fact, State, Subject
from lago_ns_cli.domain.documents import Invoice, Payment, Received
from lago_ns_cli.domain.gate import OPEN, gate_payment, gate_payment_day
from lago_ns_cli.domain.identifiers import Key, Kind, LagoId, key_of
from lago_ns_cli.domain.money import to_major_units
from lago_ns_cli.domain.parents import Parent, ParentName
from lago_ns_cli.domain.plan import (
    Action,
    Planned,
    plan_gate,
    plan_hold,
    plan_settled,
    plan_write,
)
from lago_ns_cli.domain.records import Reference
from lago_ns_cli.domain.translation.allocation import Allocation, allocate, frozen_allocation, payable
from lago_ns_cli.domain.translation.context import Context
from lago_ns_cli.domain.translation.payment import (
    RECORD_TYPE,
    Billing,
    Payer,
    billing_of,
    payer_of,
    payment_date,
    payment_number,
    translate_payment,
)
from lago_ns_cli.errors import DocumentError
from lago_ns_cli.workflows.deciding import NO_CUSTOMER, Entries, Rules
from lago_ns_cli.workflows.deciding_credit_notes import stop_at

_APPLIED = "applied:"
"""The facts that freeze a split: ``applied:<invoice lago id>`` = minor units, on the payment's key."""

Shares = Mapping[LagoId, int]
"""What goes to which invoice, in minor units."""

_WITHOUT_RECEIVABLE = frozenset({"self_billed"})
"""Why an invoice may be skipped so that its payments have nothing to settle either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What was loaded for a payment before it is decided about.

    Args:
        invoices: Those that it names, where Lago or the file gave them.
        remembered: What the ledger's copies tell of those that nobody gave.
        paid_otherwise: What other succeeded payments put on each invoice, in minor units.
        parents: How they stand in NetSuite, by key.
        entries: The rows of the payment and of its invoices in the ledger.
        frozen: The payment's split, where it was inferred before.
    """

    invoices: Mapping[LagoId, Invoice] = field(default_factory=dict)
    remembered: Mapping[LagoId, Billing] = field(default_factory=dict)
    paid_otherwise: Mapping[LagoId, int] = field(default_factory=dict)
    parents: Mapping[Key, Parent] = field(default_factory=dict)
    entries: Entries = field(default_factory=dict)
    frozen: Shares = field(default_factory=dict)

    def billing(self, invoice: LagoId) -> Billing | None:
        """What is known of an invoice's customer, billing entity and currency."""
        document = self.invoices.get(invoice)
        return self.remembered.get(invoice) if document is None else billing_of(document)


def payment_subject(payment: Payment, customer: LagoId | None = None, day: date | None = None) -> Subject:
    """Name a payment for the ledger."""
    return Subject(
        key=key_of(Kind.PAYMENT, payment.lago_id),
        kind=Kind.PAYMENT,
        lago_id=payment.lago_id,
        number=payment_number(payment),
        customer_id=customer or payment.lago_customer_id or NO_CUSTOMER,
        record_type=RECORD_TYPE,
        amount=_major(payment),
        currency=payment.amount_currency,
        document_date=day,
    )


def _major(payment: Payment) -> str | None:
    try:
        return format(to_major_units(payment.amount_cents, payment.amount_currency), "f")
    except DocumentError:
        return None  # the translation holds the payment for it, with the reason


def decide_without_parents(payment: Payment, entries: Entries) -> Planned | None:
    """Decide about a payment from itself and the ledger; None where its invoices are needed."""
    subject = payment_subject(payment)
    settled = plan_settled(subject, entries.get(subject.key))
    if settled is not None:
        return settled
    verdict = gate_payment(payment)
    return None if verdict is OPEN else plan_gate(subject, verdict)


def named_invoices(payment: Payment) -> tuple[LagoId, ...]:
    """List the invoices that a payment names, each once."""
    if payment.invoice_ids or payment.lago_payable_id is None or is_requested(payment):
        return tuple(dict.fromkeys(payment.invoice_ids))
    return (payment.lago_payable_id,)


def is_requested(payment: Payment) -> bool:
    """Whether the payment is for a payment request, whose split Lago does not tell."""
    return payment.payable_type == "PaymentRequest"


def frozen_shares(facts: Mapping[str, str]) -> Shares:
    """Read a split that was decided before from the payment's facts; empty where there is none."""
    return {
        LagoId(name.removeprefix(_APPLIED)): int(value)
        for name, value in facts.items()
        if name.startswith(_APPLIED)
    }


def freezing_facts(key: Key, shares: Shares) -> list[Fact]:
    """Write a split down, so that no later run decides it otherwise."""
    return [Fact(key, _APPLIED + invoice, str(share)) for invoice, share in shares.items()]


def remember(original: bytes) -> Billing | None:
    """Read from the ledger's copy of an invoice what a payment needs; None where it does not tell."""
    try:
        copy = msgspec.json.decode(original, type=_Copy)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Billing(
        customer=LagoId(copy.customer.lago_id),
        zone=copy.customer.applicable_timezone,
        entity=copy.billing_entity_code,
        currency=copy.currency,
    )


class _CopiedCustomer(msgspec.Struct):
    lago_id: str
    applicable_timezone: str


class _Copy(msgspec.Struct):
    billing_entity_code: str
    currency: str
    customer: _CopiedCustomer


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with a payment, and how it was split where that had to be inferred."""

    planned: Planned
    inferred: Shares = field(default_factory=dict)


def decide_payment(received: Received[Payment], known: Known, context: Context, rules: Rules) -> Decision:
    """Decide about a payment whose invoices were looked for."""
    payment = received.document
    subject = payment_subject(payment)
    try:
        split = _split(payment, known)
        if isinstance(split, Planned):
            return Decision(split)
        payer = _payer(split, known)
        if payer is None:
            return Decision(_obstacle(subject, split, known) or _without_billing(payment))
        day = payment_date(payment, payer.zone)
        subject = payment_subject(payment, payer.customer, day)
        verdict = gate_payment_day(day, rules.sync_from)
        if verdict is not OPEN:
            return Decision(plan_gate(subject, verdict))
        obstacle = _obstacle(subject, split, known)
        if obstacle is not None:
            return Decision(obstacle)
        targets = {invoice: _target(invoice, known) for invoice in split.shares}
        translation = translate_payment(received, payer, split, targets, context)
    except DocumentError as error:
        return Decision(plan_hold(subject, error.code, error.message, error.hint))
    planned = plan_write(
        subject,
        translation.record,
        known.entries.get(subject.key),
        asked_by_id=rules.asked_by_id,
        original=received.raw,
        notices=translation.notices,
        parents=(
            key_of(Kind.CUSTOMER, payer.customer),
            *(key_of(Kind.INVOICE, invoice) for invoice in split.shares),
        ),
    )
    inferred = split.shares if planned.action is Action.CREATE and is_requested(payment) else {}
    return Decision(planned, inferred)


def _split(payment: Payment, known: Known) -> Allocation | Planned:
    """How much goes to which invoice; what Lago states stands, the rest is inferred once."""
    named = named_invoices(payment)
    if not is_requested(payment):
        if payment.payable_type == "Invoice" and len(named) == 1:
            return Allocation({named[0]: payment.amount_cents}, 0)
        return plan_hold(
            payment_subject(payment),
            "unknown_payable",
            f"payment {payment_number(payment)} is on {len(named)} documents of the kind {payment.payable_type!r}",
            "Upgrade lago-ns, or post this payment by hand.",
        )
    if known.frozen:
        return frozen_allocation(payment.amount_cents, known.frozen)
    if not named or any(invoice not in known.invoices for invoice in named):
        return _unknown_split(payment, known)
    return allocate(
        payment.amount_cents,
        [payable(known.invoices[one], known.paid_otherwise.get(one, 0)) for one in named],
    )


def _unknown_split(payment: Payment, known: Known) -> Planned:
    missing = [_number(payment, one) for one in payment.invoice_ids if one not in known.invoices]
    return plan_hold(
        payment_subject(payment),
        "payment_split_unknown",
        f"payment {payment_number(payment)} is for a payment request, and how much is due of "
        f"{', '.join(missing) or 'its invoices'} is not known",
        f"lago-ns sync payment {payment.lago_id} (without --from, so that Lago can be asked)",
    )


def _without_billing(payment: Payment) -> Planned:
    """Nobody gave its invoices and the ledger has no copy, so not even its day can be told."""
    subject = payment_subject(payment)
    return plan_hold(
        subject,
        "payment_invoice_unknown",
        f"the time zone and billing entity of payment {subject.number} stand on its invoice, which is not known",
        f"lago-ns sync payment {payment.lago_id} (without --from, so that Lago can be asked)",
    )


def parent_names(payment: Payment) -> list[ParentName]:
    """Name the invoices of a payment as its parents."""
    return [ParentName(Kind.INVOICE, one, _number(payment, one)) for one in named_invoices(payment)]


def _number(payment: Payment, invoice: LagoId) -> str:
    """What a person calls an invoice; its id where the payment does not tell its number."""
    numbers = dict(zip(payment.invoice_ids, payment.invoice_numbers, strict=False))
    return numbers.get(invoice, invoice)


def _payer(split: Allocation, known: Known) -> Payer | None:
    """Who pays, told by the invoices that get a share, or by all where none does."""
    billings = [known.billing(one) for one in split.shares or known.invoices]
    return payer_of([one for one in billings if one is not None])


def _obstacle(subject: Subject, split: Allocation, known: Known) -> Planned | None:
    """The first invoice that keeps the payment from being posted, if there is one."""
    for invoice in split.shares:
        parent = known.parents[key_of(Kind.INVOICE, invoice)]
        if parent.obstacle is None:
            continue
        entry = known.entries.get(parent.name.key)
        if entry is not None and entry.state is State.SKIPPED and entry.code in _WITHOUT_RECEIVABLE:
            reason = f"its {parent.name.text} is not posted: {entry.reason}"
            return Planned(subject=subject, action=Action.SKIP, code=entry.code, reason=reason)
        return stop_at(subject, parent, parent.obstacle)
    return None


def _target(invoice: LagoId, known: Known) -> Reference:
    parent = known.parents[key_of(Kind.INVOICE, invoice)]
    return Reference(parent.name.key, parent.id)
