"""The vendor's own client reads the simulated Lago organization.

Stands alone: it imports ``lago_python_client`` only and runs in an environment of its own::

    python lago_python_client_check.py --url http://127.0.0.1:8321 --api-key KEY

Prints one line a resource and exits with 1 when a count or a type is not as expected.
"""

import argparse
import sys
from typing import Any

from lago_python_client.client import Client  # type: ignore[import-not-found,unused-ignore]
from lago_python_client.exceptions import LagoApiError  # type: ignore[import-not-found,unused-ignore]
from lago_python_client.models.payment import Payment  # type: ignore[import-not-found,unused-ignore]

_PER_PAGE = 25
_LISTED = {
    "customers": "external_id",
    "invoices": "number",
    "credit_notes": "number",
    "plans": "code",
    "coupons": "code",
    "taxes": "code",
    "add_ons": "code",
    "billable_metrics": "code",
    "fees": "amount_cents",
    "wallets": "balance_cents",
}
_AMOUNTS = (
    "fees_amount_cents",
    "taxes_amount_cents",
    "total_amount_cents",
    "total_due_amount_cents",
    "coupons_amount_cents",
)


class MismatchError(Exception):
    """What was read is not what a Lago organization answers."""


def say(text: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(f"{text}\n")


def expect(condition: object, text: str) -> None:
    """Stop unless a condition holds."""
    if not condition:
        raise MismatchError(text)


def read_all(client: Any, resource: str) -> list[Any]:
    """Return every object of a resource, page after page, checked against the list's own counts."""
    found: list[Any] = []
    page, total = 1, None
    while page is not None:
        answer = getattr(client, resource)().find_all({"page": page, "per_page": _PER_PAGE})
        meta = answer["meta"]
        total = meta["total_count"] if total is None else total
        expect(meta["total_count"] == total, f"{resource}: total_count changed on page {page}")
        found += answer[resource]
        page = meta["next_page"]
    expect(len(found) == total, f"{resource}: {len(found)} objects on the pages, total_count {total}")
    return found


def check_lists(client: Any) -> dict[str, list[Any]]:
    """Read every list; returns the objects by resource."""
    found: dict[str, list[Any]] = {}
    for resource, field in _LISTED.items():
        found[resource] = read_all(client, resource)
        kind = int if field.endswith("_cents") else str
        for one in found[resource]:
            expect(
                isinstance(getattr(one, field), kind),
                f"{resource}: {field} of {one.lago_id} is no {kind.__name__}",
            )
        ids = {one.lago_id for one in found[resource]}
        expect(len(ids) == len(found[resource]), f"{resource}: an object is listed twice")
        say(f"{resource}: {len(ids)}")
    for resource in ("customers", "invoices", "plans"):
        expect(found[resource], f"{resource}: none")
    return found


def check_singles(client: Any, found: dict[str, list[Any]]) -> None:
    """Read one object of each resource by its id or code."""
    for resource in ("plans", "coupons", "taxes", "add_ons", "billable_metrics"):
        first = found[resource][0]
        expect(
            getattr(client, resource)().find(first.code).lago_id == first.lago_id, f"{resource}: find differs"
        )
    for resource in ("fees", "credit_notes", "wallets"):
        for first in found[resource][:1]:
            expect(
                getattr(client, resource)().find(first.lago_id).lago_id == first.lago_id,
                f"{resource}: find differs",
            )
    customer = next(one for one in found["customers"] if "." not in one.external_id)
    expect(
        client.customers().find(customer.external_id).lago_id == customer.lago_id, "customers: find differs"
    )
    entities = client.billing_entities().find_all()["billing_entities"]
    expect(len(entities) == 2, f"billing_entities: {len(entities)}, expected 2")
    expect(
        client.billing_entities().find(entities[0].code).code == entities[0].code,
        "billing_entities: find differs",
    )


def check_invoices(client: Any, invoices: list[Any]) -> None:
    """Read each invoice whole: its fees sum up and its amounts are whole cents."""
    for listed in invoices:
        expect(listed.fees is None, f"invoice {listed.number}: the list shows fees")
        invoice = client.invoices().find(listed.lago_id)
        for field in _AMOUNTS:
            amount = getattr(invoice, field)
            expect(isinstance(amount, int), f"invoice {invoice.number}: {field} is {amount!r}")
        fees = sum(fee.amount_cents for fee in invoice.fees.__root__)
        expect(fees == invoice.fees_amount_cents, f"invoice {invoice.number}: fees sum up to {fees}")
    finalized = client.invoices().find_all({"status[]": ["finalized"], "per_page": 1})["meta"]["total_count"]
    expect(
        finalized == sum(one.status == "finalized" for one in invoices),
        f"status[]=finalized finds {finalized}",
    )


def check_payment(client: Any, invoices: list[Any]) -> None:
    """Pay an open invoice by hand, and find the payment by its invoice."""
    open_ones = (one for one in invoices if one.status == "finalized" and one.invoice_type == "subscription")
    for invoice in (one for one in open_ones if one.total_due_amount_cents > 1):
        rows = manual_payments(client, invoice.lago_id)
        if rows is None:
            continue
        given = Payment(
            invoice_id=invoice.lago_id, amount_cents=1, reference="PEER-CHECK", paid_at="2026-11-05"
        )
        made = client.payments().create(given)
        expect(
            made.type == "manual" and made.amount_cents == 1, f"payment {made.lago_id} is not as asked for"
        )
        after = manual_payments(client, invoice.lago_id)
        expect(
            {*rows, made.lago_id} == set(after or ()),
            f"payments of {invoice.number}: {after} after {len(rows)}",
        )
        say(f"payments of {invoice.number}: {len(after or ())}")
        return
    raise MismatchError("no open invoice to pay")


def manual_payments(client: Any, invoice_id: str) -> list[str] | None:
    """Return the ids of an invoice's payments, or None where the client cannot read them.

    It cannot where one came through a provider: their reference is null, which its model does not allow.
    """
    try:
        return [row.lago_id for row in client.payments().find_all({"invoice_id": invoice_id})["payments"]]
    except ValueError:
        return None


def check_refusals(client: Any, url: str) -> None:
    """A wrong key and an unknown id are refused as Lago refuses them."""
    stranger: Any = Client(api_key="wrong", api_url=url)
    expect(refusal(stranger.plans, "pro_monthly") == 401, "a wrong key is let in")
    expect(refusal(client.invoices, "00000000-0000-4000-8000-000000000000") == 404, "an unknown id is found")


def refusal(resource: Any, identifier: str) -> int | None:
    """Return the status with which reading an object is refused, or None where it is not."""
    try:
        resource().find(identifier)
    except LagoApiError as error:
        return int(error.status_code)
    return None


def main() -> int:
    """Run all checks; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--api-key", required=True)
    arguments = parser.parse_args()
    url = arguments.url.rstrip("/") + "/"
    client = Client(api_key=arguments.api_key, api_url=url)
    try:
        found = check_lists(client)
        check_singles(client, found)
        check_invoices(client, found["invoices"])
        check_payment(client, found["invoices"])
        check_refusals(client, url)
    except (
        MismatchError,
        LagoApiError,
        ValueError,
    ) as mismatch:  # the client's models raise ValueError on a wrong type
        sys.stderr.write(f"mismatch: {mismatch}\n")
        return 1
    say("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
