"""What NetSuite holds in the end, read from the simulator's own store, and what Lago says it should hold."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lago_ns_cli.simulator.app import Simulator
from lago_ns_cli.simulator.lago.organization import Organization

Books = Mapping[str, Mapping[str, Any]]
"""Every record of ours by its key, with what must be the same whatever happened on the way."""

TYPES = ("customer", "invoice", "creditmemo", "customerpayment")

_SAME = {
    "customer": ("custentity_lago_id", "companyname", "email", "subsidiary", "currency"),
    "invoice": ("custbody_lago_id", "tranid", "trandate", "total", "taxtotal", "currency", "amountremaining"),
    "creditmemo": ("custbody_lago_id", "tranid", "trandate", "total", "taxtotal", "currency", "unapplied"),
    "customerpayment": ("custbody_lago_id", "trandate", "total", "currency", "unapplied"),
}


@dataclass(frozen=True)
class Store:
    """The account's records.

    Attributes:
        books: As above.
        twice: Keys, and Lago ids of a type, that more than one record has.
    """

    books: Books
    twice: tuple[str, ...]


def read_store(simulator: Simulator) -> Store:
    """Read everything that carries a key or a Lago id of ours."""
    account = simulator.parts.account
    rows = [(kind, row) for kind in TYPES for row in account.records(kind) if _is_ours(row)]
    # Customers and transactions count their ids apart.
    keys = {(kind == "customer", row["id"]): row["externalid"] for kind, row in rows}
    seen = Counter(row["externalid"] for _, row in rows)
    seen.update(f"{kind} of {_lago_id(row)}" for kind, row in rows if not _is_prepaid(row))
    return Store(
        books={str(row["externalid"]): _told(kind, row, keys) for kind, row in rows},
        twice=tuple(sorted(str(name) for name, times in seen.items() if times > 1)),
    )


def _is_ours(row: Mapping[str, Any]) -> bool:
    return row["externalid"] is not None or _lago_id(row) is not None


def _is_prepaid(row: Mapping[str, Any]) -> bool:
    """Tell the memos that share an invoice's Lago id."""
    return str(row["externalid"]).startswith("lago:prepaid:")


def _lago_id(row: Mapping[str, Any]) -> str | None:
    return row.get("custbody_lago_id") or row.get("custentity_lago_id")


def _told(kind: str, row: Mapping[str, Any], keys: Mapping[tuple[bool, str], str]) -> dict[str, Any]:
    told = {name: row.get(name) for name in _SAME[kind]}
    if kind != "customer":
        told["entity"] = keys.get((True, row["entity"]))
    if "apply" in row:
        told["apply"] = sorted((str(keys.get((False, one["doc"]))), one["amount"]) for one in row["apply"])
    return {"type": kind, **told}


def eligible_keys(organization: Organization) -> set[str]:
    """Say which documents have to be in NetSuite, from Lago's own words alone."""
    keys = {f"lago:cus:{one['lago_id']}" for one in _all(organization.customers)}
    keys |= {
        f"lago:inv:{one['lago_id']}"
        for one in _all(organization.invoices)
        if one["status"] == "finalized" and (one["fees_amount_cents"] or one["total_amount_cents"])
    }
    keys |= {f"lago:cn:{one['lago_id']}" for one in _all(organization.credit_notes)}
    payments = [one for one in _all(organization.payments) if one["payment_status"] == "succeeded"]
    return keys | {f"lago:pay:{one['lago_id']}" for one in payments}


def count_documents(organization: Organization) -> int:
    """Count the documents of all kinds, whether they are to be posted or not."""
    kinds = (
        organization.customers,
        organization.invoices,
        organization.credit_notes,
        organization.payments,
    )
    return sum(len(_all(kind)) for kind in kinds)


def _all(collection: Any) -> list[dict[str, Any]]:
    return list(collection.page([], number=1, size=1000).documents)


def compare_books(wanted: Books, found: Books) -> list[str]:
    """List what is missing, what is too much and what says something else."""
    problems = [f"lost: {key}" for key in sorted(wanted.keys() - found.keys())]
    problems += [f"nobody asked for {key}" for key in sorted(found.keys() - wanted.keys())]
    for key in sorted(wanted.keys() & found.keys()):
        problems += [
            f"{key}: {name} is {found[key][name]}, not {value}"
            for name, value in wanted[key].items()
            if found[key][name] != value
        ]
    return problems
