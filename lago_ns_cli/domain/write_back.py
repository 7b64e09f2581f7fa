"""What Lago is told of NetSuite, and the payments that reached NetSuite first.

Lago keeps no idempotency key. So a payment that is written back carries its NetSuite id as its
reference, ``netsuite:<internal id>``, and what Lago holds under that reference on the invoice is
counted before anything is recorded: only what is missing is added.

Each write is an entry of the ledger, under a key of its own, in the kinds below; it names no
NetSuite record, and nothing of it is ever pushed.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from lago_ns_cli.domain.attempts import Entry, State, Subject
from lago_ns_cli.domain.documents import Invoice, Payment
from lago_ns_cli.domain.exchange import RecordState
from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.money import subunits, to_major_units

PAYMENT_BACK = "payment_back"
CUSTOMER_BACK = "customer_back"
INVOICE_BACK = "invoice_back"
CREDIT_NOTE_BACK = "credit_note_back"

WRITE_BACK_KINDS = frozenset({PAYMENT_BACK, CUSTOMER_BACK, INVOICE_BACK, CREDIT_NOTE_BACK})
"""Kinds of entries whose effect is in Lago."""

WRITE_BACK_COMMAND = "lago-ns reconcile --write-back"
"""What carries on with entries of these kinds."""

WRITTEN_BACK = "from_netsuite"
"""Why a payment of Lago is not pushed: it was in NetSuite before."""

_REFERENCE = re.compile(r"netsuite:(\d{1,30})", re.ASCII)
_PAYABLE = frozenset({"finalized", "open"})
"""Statuses of an invoice that takes payments. Source: Lago's ``Payments::ManualCreateService``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LagoRequest:
    """A change that Lago is asked for.

    Args:
        path: Follows ``/api/v1``, percent-encoded.
        what: What it is about, as it stands in a sentence.
    """

    method: str
    path: str
    body: Mapping[str, object]
    what: str

    def as_mapping(self) -> dict[str, object]:
        """Give the request as the ledger keeps it."""
        return {"type": "lago", "method": self.method, "path": self.path, "body": self.body}


@dataclass(frozen=True, slots=True, kw_only=True)
class BackDecision:
    """What is to become of one write to Lago.

    Args:
        state: Where the entry goes if nothing is sent: posted (Lago has it), held, or skipped.
        netsuite_id: The record that the entry speaks of.
        request: What is to be sent; then ``state`` does not count.
    """

    subject: Subject
    state: State = State.POSTED
    netsuite_id: InternalId
    code: str | None = None
    reason: str | None = None
    hint: str | None = None
    request: LagoRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a payment in NetSuite, not one of ours, puts on an invoice of ours.

    Args:
        amount: Major units; zero where it was taken off the invoice again.
        currency: NetSuite's id of the payment's currency.
    """

    payment: InternalId
    invoice: LagoId
    amount: Decimal
    currency: str | None
    day: date


def request_mark(request: LagoRequest) -> str:
    """Name what is asked for: the same request, the same 64 hexadecimal digits."""
    return sha256(json.dumps(request.as_mapping(), sort_keys=True).encode()).hexdigest()


def reference_of(payment: InternalId) -> str:
    """Write the reference of a payment that comes from NetSuite."""
    return f"netsuite:{payment}"


def netsuite_payment_of(payment: Payment) -> InternalId | None:
    """Read which NetSuite payment a payment of Lago repeats; None where it stands for itself."""
    match = _REFERENCE.fullmatch(payment.reference or "")
    return InternalId(match.group(1)) if match and payment.type == "manual" else None


def applied_by(record: RecordState) -> list[tuple[InternalId, Decimal]]:
    """Read what a payment is put on, with absolute amounts in major units."""
    rows = record.fields.get("apply")
    rows = rows if isinstance(rows, Sequence) else ()
    return [(InternalId(str(row["id"])), abs(Decimal(str(row["amount"])))) for row in rows]


def receipt_key(payment: InternalId, invoice: LagoId) -> Key:
    """Name what one NetSuite payment puts on one invoice."""
    return Key(f"netsuite:pay:{payment}:{invoice.lower()}")


def back_prefix(kind: str) -> str:
    """Begin the keys of what Lago is told about its own documents of a kind."""
    return f"netsuite:{kind.removesuffix('_back')}:"


def back_key(kind: str, lago_id: LagoId) -> Key:
    """Name what Lago is told about one of its own documents."""
    return Key(back_prefix(kind) + lago_id.lower())


def receipt_subject(receipt: Receipt, invoice: Invoice) -> Subject:
    """Name a receipt for the ledger."""
    return Subject(
        key=receipt_key(receipt.payment, receipt.invoice),
        kind=PAYMENT_BACK,
        lago_id=receipt.invoice,
        number=f"{reference_of(receipt.payment)} on {invoice.number}",
        customer_id=invoice.customer.lago_id,
        amount=format(receipt.amount, "f"),
        currency=invoice.currency,
        document_date=receipt.day,
    )


def recorded_under(receipt: Receipt, known: Iterable[Payment]) -> int:
    """Count what Lago holds of a receipt, in minor units."""
    return sum(
        one.amount_cents
        for one in known
        if netsuite_payment_of(one) == receipt.payment and one.payment_status == "succeeded"
    )


def decide_receipt(
    receipt: Receipt,
    invoice: Invoice,
    known: Iterable[Payment],
    *,
    currency: str | None,
    unlinked: Iterable[Payment],
) -> BackDecision:
    """Decide what Lago is told of a payment that it does not know.

    Args:
        invoice: As Lago has it now.
        known: Lago's payments of the invoice.
        currency: NetSuite's id of the invoice's currency, as mapped.
        unlinked: Those of them that succeeded and are not known to be in NetSuite: any of them
            may be this very money, entered on both sides, and only a person can tell.
    """
    decision = BackDecision(subject=receipt_subject(receipt, invoice), netsuite_id=receipt.payment)
    there = recorded_under(receipt, known)
    wanted = _minor_units(receipt.amount, invoice.currency)
    if currency is None or receipt.currency not in (None, currency):
        return _held(
            decision,
            "receipt_currency",
            f"NetSuite's payment {receipt.payment} is in currency {receipt.currency}, "
            f"and {invoice.number} is in {invoice.currency}, which is {currency or 'not mapped'}",
        )
    if wanted is None:
        return _held(
            decision,
            "receipt_precision",
            f"{receipt.amount} {invoice.currency} is no whole number of Lago's units",
        )
    if there == wanted:
        return decision
    if there > wanted:
        return _held(
            decision,
            "receipt_shrank",
            f"Lago holds {to_major_units(there, invoice.currency)} {invoice.currency} under "
            f"{reference_of(receipt.payment)}, and NetSuite now puts {receipt.amount} on {invoice.number}; "
            "Lago cannot take a payment back",
        )
    return _to_be_recorded(decision, receipt, invoice, wanted - there, list(unlinked))


def _to_be_recorded(
    decision: BackDecision, receipt: Receipt, invoice: Invoice, missing: int, unlinked: list[Payment]
) -> BackDecision:
    if unlinked:
        named = ", ".join(sorted(str(one.reference or one.lago_id) for one in unlinked))
        return _held(
            decision,
            "receipt_ambiguous",
            f"Lago holds payments of {invoice.number} that are not in NetSuite ({named}); "
            f"payment {receipt.payment} there may be one of them",
        )
    if invoice.status not in _PAYABLE:
        return _held(
            decision,
            "receipt_not_payable",
            f"{invoice.number} is {invoice.status} in Lago, and takes no payment",
        )
    if missing > invoice.total_due_amount_cents:
        return _held(
            decision,
            "receipt_over_due",
            f"{to_major_units(missing, invoice.currency)} {invoice.currency} of NetSuite's payment "
            f"{receipt.payment} are not in Lago, where {invoice.number} has only "
            f"{to_major_units(invoice.total_due_amount_cents, invoice.currency)} due",
        )
    body = {
        "payment": {
            "invoice_id": receipt.invoice,
            "amount_cents": missing,
            "reference": reference_of(receipt.payment),
            "paid_at": receipt.day.isoformat(),
        }
    }
    request = LagoRequest(
        method="POST", path="/payments", body=body, what=f"a payment of invoice {invoice.number}"
    )
    return replace(decision, request=request)


def _held(decision: BackDecision, code: str, reason: str) -> BackDecision:
    return replace(decision, state=State.HELD, code=code, reason=reason)


def _minor_units(amount: Decimal, currency: str) -> int | None:
    exact = amount * subunits(currency)
    return int(exact) if exact == exact.to_integral_value() else None


def is_settled(decision: BackDecision, entry: Entry | None) -> bool:
    """Whether a decision that sends nothing also changes nothing in the ledger."""
    return (
        decision.request is None
        and entry is not None
        and (entry.state, entry.code, entry.reason) == (decision.state, decision.code, decision.reason)
    )
