"""Documents of all four kinds, as many as there are kills: new ones for each process that is going to die."""

import json
from typing import Any

from tests.integration.notes import NUMBER, consumer, invoice, note
from tests.integration.world import alone, sample

Documents = dict[str, list[dict[str, Any]]]


def documents_of(number: int) -> Documents:
    """Make a customer, an invoice, a note partly taken off it, a payment of the rest, and an invoice that consumes
    the note's credit; the same for the same number, and nothing in common with another's."""
    customer = alone(sample())["customer"]
    some = {
        "customers": [customer],
        "invoices": [
            {**invoice(total_paid_amount_cents=9700, total_due_amount_cents=0), "customer": customer},
            {**consumer(500), "customer": customer},
        ],
        "credit_notes": [note(credit=680)],
        "payments": [{**sample("hooli_payment_manual")["payment"], "amount_cents": 9700}],
    }
    text = json.dumps(some)
    for old, new in (
        ("-0000-4000-8000-", f"-{number:04x}-4000-8000-"),
        (NUMBER.removesuffix("-008"), f"ACM-{number:04d}"),
        ("cust_0042", f"cust_{number:04d}"),
        ("Hooli", f"Hooli {number}"),
    ):
        text = text.replace(old, new)
    made: Documents = json.loads(text)
    return made


def unpaid_of(number: int) -> Documents:
    """Make a customer and an invoice that nobody has paid yet."""
    some = documents_of(number)
    first = some["invoices"][0] | {
        "total_paid_amount_cents": 0,
        "total_due_amount_cents": 10000,
        "metadata": [],
    }
    first |= {"total_offsetted_credit_note_amount_cents": 0, "payment_status": "pending"}
    customer = some["customers"][0] | {"integration_customers": []}
    return {"customers": [customer], "invoices": [{**first, "customer": customer}]}


def keys_of(documents: Documents) -> set[str]:
    """Name the records that the documents have to become."""
    prefixes = {"customers": "cus", "invoices": "inv", "credit_notes": "cn", "payments": "pay"}
    return {
        f"lago:{prefix}:{document['lago_id']}"
        for kind, prefix in prefixes.items()
        for document in documents.get(kind, ())
    }
