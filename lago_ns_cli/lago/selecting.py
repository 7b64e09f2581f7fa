"""Which documents a selection means, wherever they come from.

Lago ignores a filter it cannot read and then gives everything, so its lists are checked too.
"""

from datetime import date
from uuid import UUID

from lago_ns_cli.domain.documents import CreditNote, Customer, InvoiceSummary, Payment, Tree
from lago_ns_cli.domain.exchange import Selection


def selects_customer(selection: Selection, customer: Customer) -> bool:
    """Tell whether a customer is meant; dates do not restrict customers."""
    return (
        (not selection.ids or customer.external_id in selection.ids)
        and selection.customer in (None, customer.external_id)
        and selection.billing_entity in (None, customer.billing_entity_code)
    )


def selects_invoice(selection: Selection, invoice: InvoiceSummary, tree: Tree) -> bool:
    """Tell whether an invoice is meant; ``tree`` holds its customer."""
    customer = tree.get("customer")
    external_id = customer.get("external_id") if isinstance(customer, dict) else None
    return (
        _named(selection, invoice.lago_id, invoice.number)
        and _within(selection, invoice.issuing_date)
        and selection.customer in (None, external_id)
        and selection.billing_entity in (None, invoice.billing_entity_code)
        and (not selection.statuses or invoice.status in selection.statuses)
        and (not selection.payment_statuses or invoice.payment_status in selection.payment_statuses)
    )


def selects_credit_note(selection: Selection, note: CreditNote) -> bool:
    """Tell whether a credit note is meant."""
    return (
        _named(selection, note.lago_id, note.number)
        and _within(selection, note.issuing_date)
        and selection.customer in (None, note.customer.external_id)
        and selection.billing_entity in (None, note.billing_entity_code)
        and selection.credit_status in (None, note.credit_status)
    )


def selects_payment(selection: Selection, payment: Payment) -> bool:
    """Tell whether a payment is meant; payments name no billing entity."""
    return (
        _named(selection, payment.lago_id, None)
        and _within(selection, payment.created_at.date())
        and selection.customer in (None, payment.external_customer_id)
    )


def is_lago_id(text: str) -> bool:
    """Tell a Lago id from a document's number."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _named(selection: Selection, lago_id: str, number: str | None) -> bool:
    if not selection.ids:
        return True
    return lago_id.lower() in {given.lower() for given in selection.ids} or number in selection.ids


def _within(selection: Selection, day: date | None) -> bool:
    if selection.since is None and selection.until is None:
        return True
    return (
        day is not None
        and (selection.since is None or selection.since <= day)
        and (selection.until is None or day <= selection.until)
    )
