"""The filters of Lago's lists, with their traps.

A condition judges a whole document; where it can, it also judges a row of the index, which is cheaper.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lago_ns_cli.simulator.lago.errors import LagoError, invalid, not_found
from lago_ns_cli.simulator.lago.index import Attributes

Document = dict[str, Any]
Parameters = Mapping[str, Sequence[str]]
"""Query parameters as they were sent, ``status[]`` with its brackets."""


@dataclass(frozen=True)
class Condition:
    """A filter; ``of_row`` answers the same from the index, where the index knows."""

    of_document: Callable[[Document], bool]
    of_row: Callable[[Attributes], bool] | None = None


@dataclass(frozen=True)
class Query:
    """What a list is asked for: conditions, and the one customer it is about, if there is one."""

    conditions: tuple[Condition, ...] = ()
    external_customer_id: str | None = None
    invoice_id: str | None = None


INVOICE_STATUSES = (
    "draft", "finalized", "voided", "failed", "pending", "generating", "open", "closed", "deleted",
)  # fmt: skip
PAYMENT_STATUSES = ("pending", "succeeded", "failed")


def invoice_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /invoices``.

    Raises:
        LagoError: 422 on an unknown status, 500 on billing entity codes that are not sent as an array.
    """
    conditions = [
        *_one_of_status(parameters, ("status", "statuses"), "status", INVOICE_STATUSES),
        *_one_of_status(
            parameters, ("payment_status", "payment_statuses"), "payment_status", PAYMENT_STATUSES
        ),
        *_shared(parameters),
        *_issuing_dates(parameters, lambda row: row.issuing_date),
        *_equal(parameters, "invoice_type", lambda row: row.invoice_type),
        *_flag(parameters, "payment_overdue", lambda row: row.overdue),
        *_amounts(parameters),
        *_settlements(parameters),
        *_metadata(parameters),
        *_search(parameters, ("number", "lago_id"), ("name", "external_id", "email")),
    ]
    if "payment_dispute_lost" in parameters:
        # Any text is true to Lago here, "false" included.
        conditions.append(Condition(lambda invoice: invoice["payment_dispute_lost_at"] is not None))
    if partially_paid := _last(parameters, "partially_paid"):
        wanted = _truth(partially_paid)
        conditions.append(Condition(lambda invoice: _is_partially_paid(invoice) == wanted))
    customer = _last(parameters, "external_customer_id") or _last(parameters, "customer_external_id")
    return Query(tuple(conditions), customer)


def credit_note_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /credit_notes``; unknown values of its enumerations are ignored."""
    conditions = [
        *_shared(parameters),
        *_issuing_dates(parameters),
        *_amounts(parameters),
        *_equal(parameters, "invoice_number"),
        *_search(parameters, ("number", "lago_id"), ("name", "external_id", "email")),
    ]
    for field, known in _NOTE_ENUMS.items():
        wanted = [value for value in _all(parameters, field) if value in known]
        if wanted:
            conditions.append(_member(field, wanted))
    parts = [part for part in _all(parameters, "types") if part in ("credit", "refund", "offset")]
    if parts:
        conditions.append(Condition(lambda note: any(note[f"{part}_amount_cents"] > 0 for part in parts)))
    return Query(tuple(conditions), _last(parameters, "external_customer_id"))


_NOTE_ENUMS = {
    "reason": (
        "duplicated_charge", "product_unsatisfactory", "order_change", "order_cancellation", "fraudulent_charge", "other",
    ),
    "credit_status": ("available", "consumed", "voided"),
    "refund_status": ("pending", "succeeded", "failed"),
}  # fmt: skip


def fee_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /fees``; there is none by invoice."""
    conditions = [
        *_equal(parameters, "payment_status", lambda row: row.payment_status),
        *_equal(parameters, "external_subscription_id"),
        *_equal(parameters, "external_customer_id"),
        *_equal(parameters, "event_transaction_id"),
        *_currency(parameters, "amount_currency"),
        *_moments(parameters),
    ]
    if fee_type := _last(parameters, "fee_type"):
        conditions.append(Condition(lambda fee: fee["item"]["type"] == fee_type))
    if code := _last(parameters, "billable_metric_code"):
        conditions.append(
            Condition(lambda fee: fee["item"]["type"] == "charge" and fee["item"]["code"] == code)
        )
    return Query(tuple(conditions), _last(parameters, "external_customer_id"))


def payment_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /payments``: one invoice, one customer, nothing else."""
    invoice_id = _last(parameters, "invoice_id")
    conditions = []
    if invoice_id:
        conditions.append(Condition(lambda payment: invoice_id in payment["invoice_ids"]))
    return Query(tuple(conditions), _last(parameters, "external_customer_id"), invoice_id)


def payment_request_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /payment_requests``."""
    return Query(tuple(_equal(parameters, "payment_status")), _last(parameters, "external_customer_id"))


def wallet_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /wallets``."""
    conditions = (*_currency(parameters, "currency"), *_billing_entities(parameters))
    return Query(conditions, _last(parameters, "external_customer_id"))


def customer_query(parameters: Parameters) -> Query:
    """Read the filters of ``GET /customers``."""
    conditions = [
        *_billing_entities(parameters),
        *_any_of(parameters, "account_type", "account_type"),
        *_any_of(parameters, "currencies", "currency"),
        *_any_of(parameters, "countries", "country"),
        *_any_of(parameters, "states", "state"),
        *_any_of(parameters, "zipcodes", "zipcode"),
        *_equal(parameters, "customer_type"),
        *_metadata(parameters),
        *_search(parameters, ("name", "firstname", "lastname", "legal_name", "external_id", "email"), ()),
    ]
    presence = {
        "has_tax_identification_number": "tax_identification_number",
        "has_customer_type": "customer_type",
    }
    for parameter, field in presence.items():
        if text := _last(parameters, parameter):
            conditions.append(_present(field, _truth(text)))
    return Query(tuple(conditions), _last(parameters, "external_id"))


def wallet_transaction_conditions(parameters: Parameters) -> Sequence[Condition]:
    """Read the filters of ``GET /wallets/{id}/wallet_transactions``."""
    fields = ("status", "transaction_type", "transaction_status")
    return [condition for field in fields for condition in _equal(parameters, field)]


def _member(field: str, wanted: Sequence[str]) -> Condition:
    return Condition(lambda document: document.get(field) in wanted)


def _present(field: str, wanted: bool) -> Condition:
    return Condition(lambda document: bool(document.get(field)) == wanted)


def _at_least(field: str, least: str) -> Condition:
    return Condition(lambda document: (document.get(field) or "") >= least)


def _at_most(field: str, most: str) -> Condition:
    return Condition(lambda document: "" < (document.get(field) or "") <= most)


def _last(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name, ())
    return values[-1] if values and values[-1] else None


def _all(parameters: Parameters, name: str) -> list[str]:
    return [*parameters.get(f"{name}[]", ()), *parameters.get(name, ())]


def _truth(text: str) -> bool:
    return text.lower() not in ("false", "f", "0", "off", "")


def _equal(
    parameters: Parameters, field: str, of_row: Callable[[Attributes], Any] | None = None
) -> Sequence[Condition]:
    wanted = _last(parameters, field)
    if wanted is None:
        return ()
    by_row = (lambda row: of_row(row) == wanted) if of_row else None
    return (Condition(lambda document: document.get(field) == wanted, by_row),)


def _any_of(parameters: Parameters, parameter: str, field: str) -> Sequence[Condition]:
    wanted = _all(parameters, parameter)
    return (_member(field, wanted),) if wanted else ()


def _flag(parameters: Parameters, field: str, of_row: Callable[[Attributes], bool]) -> Sequence[Condition]:
    text = _last(parameters, field)
    if text is None:
        return ()
    wanted = _truth(text)
    return (Condition(lambda document: document[field] == wanted, lambda row: of_row(row) == wanted),)


def _one_of_status(
    parameters: Parameters, names: Sequence[str], field: str, known: Sequence[str]
) -> Sequence[Condition]:
    wanted = [value for name in names for value in _all(parameters, name) if value]
    if any(value not in known for value in wanted):
        raise invalid({field: ["value_is_invalid"]})
    if not wanted:
        return ()
    return (Condition(lambda document: document[field] in wanted, lambda row: getattr(row, field) in wanted),)


def _currency(parameters: Parameters, field: str) -> Sequence[Condition]:
    wanted = _last(parameters, "currency")
    if wanted is None:
        return ()
    return (Condition(lambda document: document[field] == wanted, lambda row: row.currency == wanted),)


def _billing_entities(parameters: Parameters) -> Sequence[Condition]:
    if "billing_entity_codes" in parameters:
        # The server asks the text for its elements and falls over.
        raise LagoError(500)
    wanted = parameters.get("billing_entity_codes[]", ())
    if not wanted:
        return ()
    if any(code not in ("acme-us", "acme-eu") for code in wanted):
        raise not_found("billing_entity")
    return (
        Condition(
            lambda document: document["billing_entity_code"] in wanted,
            lambda row: row.billing_entity in wanted,
        ),
    )


def _shared(parameters: Parameters) -> Sequence[Condition]:
    """Read the filters that invoices and credit notes have in common."""
    return (
        *_currency(parameters, "currency"),
        *_billing_entities(parameters),
        *_flag(parameters, "self_billed", lambda row: row.self_billed),
        *_equal(parameters, "purchase_order_number"),
    )


def _issuing_dates(
    parameters: Parameters, of_row: Callable[[Attributes], date] | None = None
) -> Sequence[Condition]:
    conditions: list[Condition] = []
    if first := _date(_last(parameters, "issuing_date_from")):
        by_row = (lambda row: of_row(row) >= first) if of_row else None
        conditions.append(Condition(_at_least("issuing_date", first.isoformat()).of_document, by_row))
    if last := _date(_last(parameters, "issuing_date_to")):
        by_row = (lambda row: of_row(row) <= last) if of_row else None
        conditions.append(Condition(_at_most("issuing_date", last.isoformat()).of_document, by_row))
    return conditions


def _date(text: str | None) -> date | None:
    """Read a date; Lago silently ignores one that it cannot read."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _moments(parameters: Parameters) -> Sequence[Condition]:
    conditions = []
    for field in ("created_at", "succeeded_at", "failed_at", "refunded_at"):
        if first := _last(parameters, f"{field}_from"):
            conditions.append(_at_least(field, first))
        if last := _last(parameters, f"{field}_to"):
            conditions.append(_at_most(field, last))
    return conditions


def _amounts(parameters: Parameters) -> Sequence[Condition]:
    conditions = []
    if (least := _last(parameters, "amount_from")) and least.isdigit():
        conditions.append(Condition(lambda document: document["total_amount_cents"] >= int(least)))
    if (most := _last(parameters, "amount_to")) and most.isdigit():
        conditions.append(Condition(lambda document: document["total_amount_cents"] <= int(most)))
    return conditions


def _settlements(parameters: Parameters) -> Sequence[Condition]:
    wanted = _all(parameters, "settlements")
    if not wanted:
        return ()
    amounts = {
        "payment": "total_paid_amount_cents",
        "credit_note": "total_offsetted_credit_note_amount_cents",
    }
    fields = [amounts[one] for one in wanted if one in amounts]
    return (Condition(lambda invoice: any(invoice[field] > 0 for field in fields)),)


def _is_partially_paid(invoice: Document) -> bool:
    return bool(invoice["total_paid_amount_cents"] > 0 and invoice["total_due_amount_cents"] > 0)


def _metadata(parameters: Parameters) -> Sequence[Condition]:
    return [
        _metadata_entry(name[len("metadata[") : -1], values[-1])
        for name, values in parameters.items()
        if name.startswith("metadata[") and name.endswith("]")
    ]


def _metadata_entry(key: str, wanted: str) -> Condition:
    return Condition(lambda document: _has(document, key, wanted))


def _has(document: Document, key: str, wanted: str) -> bool:
    values = [entry["value"] for entry in document["metadata"] if entry["key"] == key]
    return wanted in values if wanted else not values


def _search(parameters: Parameters, own: Sequence[str], of_customer: Sequence[str]) -> Sequence[Condition]:
    term = (_last(parameters, "search_term") or "").lower()
    if not term:
        return ()

    def matches(document: Document) -> bool:
        texts = [document.get(field) for field in own]
        texts += [document["customer"].get(field) for field in of_customer]
        return any(term in text.lower() for text in texts if text)

    return (Condition(matches),)
