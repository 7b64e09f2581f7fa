"""Documents that were written by hand: what they leave out is filled in, and their fees are taken apart."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from decimal import Decimal
from itertools import combinations
from typing import Any

from lago_ns_cli.simulator.lago.money import rounded

Document = dict[str, Any]

_BEGINNING = "2026-01-01T00:00:00Z"
_CUSTOMER: Document = {
    "billing_entity_code": "acme-us", "account_type": "customer", "name": None, "firstname": None, "lastname": None,
    "customer_type": None, "currency": None, "timezone": None, "applicable_timezone": "UTC", "email": None,
    "country": None, "state": None, "zipcode": None, "city": None, "address_line1": None, "address_line2": None,
    "tax_identification_number": None, "legal_name": None, "created_at": _BEGINNING, "updated_at": _BEGINNING,
    "metadata": [], "integration_customers": [], "taxes": [], "applicable_invoice_custom_sections": [],
    "error_details": [],
}  # fmt: skip
_INVOICE: Document = {
    "status": "finalized", "payment_status": "pending", "invoice_type": "subscription", "issuing_date": None,
    "payment_due_date": None, "payment_overdue": False, "payment_dispute_lost_at": None, "self_billed": False,
    "billing_entity_code": "acme-us", "voided_at": None, "purchase_order_number": None, "total_paid_amount_cents": 0,
    "total_offsetted_credit_note_amount_cents": 0, "created_at": _BEGINNING, "updated_at": _BEGINNING, "metadata": [],
    "applied_taxes": [], "fees": [], "credits": [], "subscriptions": [], "billing_periods": [], "error_details": [],
    "applied_invoice_custom_sections": [], "customer": None,
}  # fmt: skip
_CREDIT_NOTE: Document = {
    "billing_entity_code": "acme-us", "credit_status": "available", "refund_status": None, "reason": "other",
    "self_billed": False, "purchase_order_number": None, "created_at": _BEGINNING, "updated_at": _BEGINNING,
    "items": [], "applied_taxes": [], "error_details": [], "customer": None,
}  # fmt: skip
_PAYMENT: Document = {
    "invoice_ids": [], "invoice_numbers": [], "external_customer_id": None, "payment_status": None,
    "type": "manual", "reference": None, "created_at": _BEGINNING,
}  # fmt: skip
_DEFAULTS = {"customer": _CUSTOMER, "invoice": _INVOICE, "credit_note": _CREDIT_NOTE, "payment": _PAYMENT}


def with_defaults(name: str, document: Document) -> Document:
    """Return a copy of a document with the keys that lists are ordered and filtered by."""
    complete = {**deepcopy(_DEFAULTS[name]), **deepcopy(document)}
    if name == "customer":
        complete.setdefault("external_id", complete["lago_id"])
    return complete


def as_fee_documents(
    invoice: Document, known: Callable[[str], Document | None], new_id: Callable[[], str]
) -> Iterator[Document]:
    """Yield an invoice's fees as ``/fees`` shows them, with the taxes of each.

    The taxes are those that the fee names, those it had before, or the smallest set of the invoice's taxes
    whose rates sum up to the fee's.
    """
    for fee in invoice["fees"]:
        taxes = fee.get("applied_taxes")
        if taxes is None:
            before = known(fee["lago_id"])
            same = before is not None and before.get("taxes_rate") == fee.get("taxes_rate")
            taxes = before["applied_taxes"] if before and same else _inferred_taxes(invoice, fee, new_id)
        defaults = {
            "created_at": invoice["created_at"],
            "external_customer_id": None,
            "payment_status": "pending",
        }
        yield {
            **defaults,
            **deepcopy(fee),
            "lago_invoice_id": invoice["lago_id"],
            "applied_taxes": deepcopy(taxes),
        }


def _inferred_taxes(invoice: Document, fee: Document, new_id: Callable[[], str]) -> Sequence[Document]:
    rate = Decimal(str(fee.get("taxes_rate") or 0))
    taxes = invoice["applied_taxes"]
    for size in range(min(len(taxes), 4) + 1):
        for chosen in combinations(taxes, size):
            fits = sum((Decimal(str(tax["tax_rate"])) for tax in chosen), Decimal(0)) == rate
            # A fee of a zero-rated invoice still names the tax that says so.
            if fits and (chosen or not taxes or all(tax["tax_rate"] for tax in taxes)):
                return [_fee_tax(invoice, fee, tax, new_id) for tax in chosen]
    return []


def _fee_tax(invoice: Document, fee: Document, tax: Document, new_id: Callable[[], str]) -> Document:
    coupons = Decimal(fee.get("precise_coupons_amount_cents") or "0")
    amount = rounded((fee["amount_cents"] - coupons) * Decimal(str(tax["tax_rate"])) / 100)
    copied = ("lago_tax_id", "tax_name", "tax_code", "tax_rate", "tax_description", "amount_currency")
    return {
        "lago_id": new_id(), "lago_fee_id": fee["lago_id"], **{key: tax.get(key) for key in copied},
        "amount_cents": amount, "created_at": invoice["created_at"],
    }  # fmt: skip
