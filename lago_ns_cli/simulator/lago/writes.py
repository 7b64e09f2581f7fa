"""What callers may write, with Lago's validations: payments, metadata, payment status, voids, customers."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from lago_ns_cli.simulator.lago.errors import LagoError, invalid, not_allowed, not_found
from lago_ns_cli.simulator.lago.organization import Organization
from lago_ns_cli.simulator.lago.queries import PAYMENT_STATUSES

Document = dict[str, Any]


def root(body: Any, name: str) -> Document:
    """Return what stands under the root key of a request.

    Raises:
        LagoError: 400 when it is missing.
    """
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, dict) or not value:
        raise LagoError(400, f"BadRequest: param is missing or the value is empty or invalid: {name}")
    return value


def create_payment(organization: Organization, given: Document) -> Document:
    """Record a manual payment and return it.

    Raises:
        LagoError: 404 unknown invoice, 403 where the invoice cannot be paid, 422 refused values.
    """
    invoice = organization.editable_invoice(str(given.get("invoice_id")))
    if invoice is None:
        raise not_found("invoice")
    paid_at = _check_payment(organization, given, invoice)
    amount = given["amount_cents"]
    payment = _manual_payment(organization, given, invoice, paid_at)
    invoice["total_paid_amount_cents"] += amount
    invoice["total_due_amount_cents"] -= amount
    if invoice["total_due_amount_cents"] == 0:
        _set_payment_status(organization, invoice, "succeeded")
    invoice["updated_at"] = organization.timestamp()
    organization.store_invoice(invoice)
    organization.payments.store(payment)
    return payment


def _check_payment(organization: Organization, given: Document, invoice: Document) -> str:
    errors: dict[str, list[str]] = {}
    amount = given.get("amount_cents")
    if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
        errors["amount_cents"] = ["invalid_value"]
    reference = given.get("reference")
    if not isinstance(reference, str) or not reference:
        errors["reference"] = ["value_is_mandatory"]
    elif len(reference) > 40:
        errors["reference"] = ["value_is_too_long"]
    paid_at = _moment(given["paid_at"]) if given.get("paid_at") is not None else organization.timestamp()
    if paid_at is None:
        errors["paid_at"] = ["invalid_date"]
    if errors or paid_at is None:
        raise invalid(errors)
    if invoice["status"] not in ("finalized", "open"):
        raise LagoError(403, code="feature_unavailable")
    if invoice["invoice_type"] == "credit" and amount != invoice["total_amount_cents"]:
        raise invalid({"amount_cents": ["invalid_amount"]})
    if given["amount_cents"] > invoice["total_due_amount_cents"]:
        raise invalid({"amount_cents": ["value_is_out_of_range"]})
    return paid_at


def _manual_payment(organization: Organization, given: Document, invoice: Document, paid_at: str) -> Document:
    customer = invoice["customer"]
    return {
        "lago_id": organization.new_id(), "lago_customer_id": customer["lago_id"],
        "external_customer_id": customer["external_id"], "invoice_ids": [invoice["lago_id"]],
        "invoice_numbers": [invoice["number"]], "lago_payable_id": invoice["lago_id"], "payable_type": "Invoice",
        "amount_cents": given["amount_cents"], "amount_currency": invoice["currency"], "status": "succeeded",
        "payment_status": "succeeded", "type": "manual", "reference": given["reference"],
        "payment_provider_code": None, "payment_provider_type": None, "external_payment_id": None,
        "provider_payment_id": None, "provider_customer_id": None, "next_action": None, "created_at": paid_at,
    }  # fmt: skip


def _moment(text: Any) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _set_payment_status(organization: Organization, invoice: Document, status: str) -> None:
    """Change the status of an invoice and of its fees; no amount is touched."""
    invoice["payment_status"] = status
    invoice["payment_overdue"] = invoice["payment_overdue"] and status != "succeeded"
    for fee in invoice["fees"]:
        fee["payment_status"] = status
        fee["succeeded_at"] = organization.timestamp() if status == "succeeded" else None
        fee["failed_at"] = organization.timestamp() if status == "failed" else None


def update_invoice(organization: Organization, lago_id: str, given: Document) -> Document:
    """Change an invoice's metadata, which replaces the set, or its payment status; return the invoice.

    Raises:
        LagoError: 404, 405 on drafts and voided invoices, 422 refused values.
    """
    invoice = organization.editable_invoice(lago_id)
    if invoice is None:
        raise not_found("invoice")
    if invoice["status"] == "voided":
        raise not_allowed("update_on_voided_invoice")
    if "payment_status" in given and given["payment_status"] not in PAYMENT_STATUSES:
        raise invalid({"payment_status": ["value_is_invalid"]})
    if given.get("metadata") is not None:
        if invoice["status"] == "draft":
            raise not_allowed("metadata_on_draft_invoice")
        invoice["metadata"] = _replaced_metadata(
            organization, invoice["metadata"], given["metadata"], longest_value=140
        )
    if "payment_status" in given:
        _set_payment_status(organization, invoice, given["payment_status"])
    invoice["updated_at"] = organization.timestamp()
    organization.store_invoice(invoice)
    return invoice


def _replaced_metadata(
    organization: Organization, before: Sequence[Document], given: Any, *, longest_value: int
) -> list[Document]:
    """Return the new set: entries whose id is repeated are kept or changed, all others are gone."""
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        raise invalid({"metadata": ["invalid_key_value_pair"]})
    if len(given) > 5:
        raise invalid({"metadata": ["invalid_count"]})
    known = {entry["lago_id"]: entry for entry in before}
    entries: list[Document] = []
    for entry in given:
        old = known.get(entry.get("id", ""), {})
        key, value = entry.get("key", old.get("key")), entry.get("value", old.get("value"))
        if not isinstance(key, str) or not isinstance(value, str) or not key:
            raise invalid({"metadata": ["invalid_key_value_pair"]})
        if len(key) > 20 or len(value) > longest_value:
            raise invalid({"metadata": ["value_is_too_long"]})
        base = old or {"lago_id": organization.new_id(), "created_at": organization.timestamp()}
        entries.append({**base, "key": key, "value": value})
    if len({entry["key"] for entry in entries}) < len(entries):
        raise invalid({"metadata": ["value_already_exist"]})
    return entries


def void_invoice(organization: Organization, lago_id: str) -> Document:
    """Void an invoice and return it.

    Raises:
        LagoError: 404, or 405 where it is not finalized, paid or disputed.
    """
    invoice = organization.editable_invoice(lago_id)
    if invoice is None:
        raise not_found("invoice")
    unpaid = invoice["payment_status"] != "succeeded" and not invoice["total_paid_amount_cents"]
    if invoice["status"] != "finalized" or not unpaid or invoice["payment_dispute_lost_at"]:
        raise not_allowed("not_voidable")
    now = organization.timestamp()
    invoice.update(
        status="voided", voided_at=now, updated_at=now, total_due_amount_cents=0, payment_overdue=False
    )
    organization.store_invoice(invoice)
    return invoice


def update_credit_note(organization: Organization, lago_id: str, given: Document) -> Document:
    """Change a credit note's refund status or merge its metadata; return the note.

    Raises:
        LagoError: 404, or 422 refused values.
    """
    note = deepcopy(organization.credit_notes.get(lago_id))
    if note is None:
        raise not_found("credit_note")
    if "refund_status" in given:
        if given["refund_status"] not in PAYMENT_STATUSES:
            raise invalid({"refund_status": ["value_is_invalid"]})
        note["refund_status"] = given["refund_status"]
    if given.get("metadata") is not None:
        note["metadata"] = _merged_metadata(note.get("metadata") or {}, given["metadata"])
    note["updated_at"] = organization.timestamp()
    organization.credit_notes.store(note)
    return note


def _merged_metadata(before: Mapping[str, str | None], given: Any) -> dict[str, str | None]:
    if not isinstance(given, dict):
        raise invalid({"metadata": ["invalid_type"]})
    merged: dict[str, str | None] = {**before, **given}
    values_fit = all(
        value is None or (isinstance(value, str) and len(value) <= 255) for value in merged.values()
    )
    if len(merged) > 50 or any(len(key) > 100 for key in merged) or not values_fit:
        raise invalid({"metadata": ["invalid_value"]})
    return merged


_CUSTOMER_FIELDS = (
    "name", "firstname", "lastname", "legal_name", "legal_number", "tax_identification_number", "email", "phone", "url",
    "logo_url", "address_line1", "address_line2", "city", "state", "zipcode", "country", "shipping_address",
    "account_type", "customer_type", "currency", "timezone", "net_payment_term", "external_salesforce_id",
    "finalize_zero_amount_invoice", "skip_invoice_custom_sections", "billing_entity_code",
)  # fmt: skip


def upsert_customer(organization: Organization, given: Document) -> Document:
    """Create or update a customer by its external id, and return it.

    Links in ``integration_customers`` whose ``id`` is not repeated are destroyed, as Lago does.

    Raises:
        LagoError: 404 unknown billing entity, 422 refused values.
    """
    external_id = given.get("external_id")
    if not isinstance(external_id, str) or not external_id:
        raise invalid({"external_id": ["value_is_mandatory"]})
    entities = {entity["code"]: entity for entity in organization.catalog.billing_entities}
    entity_code = given.get("billing_entity_code") or "acme-us"
    if entity_code not in entities:
        raise not_found("billing_entity")
    customer = deepcopy(organization.customer(external_id)) or _new_customer(
        organization, external_id, entity_code
    )
    customer.update({field: given[field] for field in _CUSTOMER_FIELDS if field in given})
    customer["applicable_timezone"] = (
        customer.get("timezone") or entities[customer["billing_entity_code"]]["timezone"]
    )
    if "metadata" in given:
        customer["metadata"] = _customer_metadata(organization, customer["metadata"], given["metadata"])
    if "integration_customers" in given and customer["account_type"] != "partner":
        before = customer["integration_customers"]
        customer["integration_customers"] = _links(organization, before, given["integration_customers"])
    customer["updated_at"] = organization.timestamp()
    organization.add_documents({"customers": [customer]})
    return customer


def _new_customer(organization: Organization, external_id: str, entity_code: str) -> Document:
    # Numbers of generated customers stay below this; a written one needs another.
    number = 900_000 + len(organization.customers.stored)
    prefix = next(
        entity["document_number_prefix"]
        for entity in organization.catalog.billing_entities
        if entity["code"] == entity_code
    )
    nothing: Document = dict.fromkeys(_CUSTOMER_FIELDS)
    return {
        **nothing, "lago_id": organization.new_id(), "external_id": external_id, "billing_entity_code": entity_code,
        "account_type": "customer", "sequential_id": number, "slug": f"{prefix}-{number}",
        "finalize_zero_amount_invoice": "inherit", "skip_invoice_custom_sections": False, "metadata": [],
        "billing_configuration": {
            "invoice_grace_period": None, "payment_provider": None, "payment_provider_code": None,
            "document_locale": None, "subscription_invoice_issuing_date_anchor": None,
            "subscription_invoice_issuing_date_adjustment": None,
        },
        "shipping_address": dict.fromkeys(("address_line1", "address_line2", "city", "zipcode", "state", "country")),
        "integration_customers": [], "taxes": [], "applicable_invoice_custom_sections": [], "error_details": [],
        "created_at": organization.timestamp(), "updated_at": organization.timestamp(),
    }  # fmt: skip


def _customer_metadata(organization: Organization, before: Sequence[Document], given: Any) -> list[Document]:
    entries = _replaced_metadata(organization, before, given, longest_value=100)
    for entry, sent in zip(entries, given, strict=True):
        entry["display_in_invoice"] = bool(
            sent.get("display_in_invoice", entry.get("display_in_invoice", False))
        )
    return entries


def _links(organization: Organization, before: Sequence[Document], given: Any) -> list[Document]:
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise invalid({"integration_customers": ["invalid_format"]})
    types = [item.get("integration_type") for item in given]
    if len(set(types)) < len(types):
        raise invalid({"integration_customers": ["invalid_count_per_integration_type"]})
    kept = {link["lago_id"]: link for link in before}
    links = (_link(organization, kept.get(item.get("id", "")), item) for item in given)
    return [link for link in links if link]


def _link(organization: Organization, old: Document | None, item: Document) -> Document | None:
    external_id = item.get("external_customer_id")
    if old:
        return {**old, "external_customer_id": external_id or old["external_customer_id"]}
    if not external_id and not item.get("sync_with_provider"):
        return None
    category = {"netsuite": "accounting", "xero": "accounting", "anrok": "tax", "avalara": "tax"}
    kind = item.get("integration_type")
    return {
        "lago_id": organization.new_id(), "external_customer_id": external_id, "type": kind,
        "integration_code": item.get("integration_code"), "code": item.get("code") or item.get("integration_code"),
        "is_default": True, "category": category.get(str(kind), "crm"), "subsidiary_id": item.get("subsidiary_id"),
        "sync_with_provider": bool(item.get("sync_with_provider")),
    }  # fmt: skip
