"""What of Lago's catalog needs rows: the kinds of objects that go to items, and the currencies in use."""

from collections.abc import Iterator
from dataclasses import dataclass

from lago_ns_cli.domain.catalog import Catalog, Row


@dataclass(frozen=True, slots=True)
class ItemKind:
    """A kind of Lago objects that go to items.

    Args:
        name: As rows name it: ``<name>:<code>``.
        section: Where Lago's catalog lists them.
        item_type: The type whose item serves those without a row.
        subject: What a person calls them.
        earned: How such revenue is mostly earned (``point_in_time`` or ``ratable``); None where that says nothing.
    """

    name: str
    section: str
    item_type: str
    subject: str
    earned: str | None


ITEM_KINDS = (
    ItemKind("billable_metric", "billable_metrics", "charge", "Billable metrics", "point_in_time"),
    ItemKind("add_on", "add_ons", "add_on", "Add-ons and fixed charges", "point_in_time"),
    ItemKind("plan", "plans", "subscription", "Plans", "ratable"),
    ItemKind("commitment", "plans", "commitment", "Minimum commitments", "ratable"),
    ItemKind("coupon", "coupons", "coupon", "Coupons", None),
)


def objects_of(kind: ItemKind, lago: Catalog) -> Iterator[tuple[str, Row]]:
    """List the objects of a kind as rows name them; of commitments, the plans that have one."""
    for row in lago.rows(kind.section):
        if kind.name != "commitment" or row.get("minimum_commitment"):
            yield f"{kind.name}:{row['code']}", row


_BILLED_IN = (
    ("plans", "plan", "amount_currency"),
    ("add_ons", "add-on", "amount_currency"),
    ("billing_entities", "billing entity", "default_currency"),
)


def currencies_in_use(lago: Catalog) -> dict[str, list[str]]:
    """List the currencies that plans, add-ons and billing entities bill in, each with what uses it."""
    users: dict[str, list[str]] = {}
    for section, what, field in _BILLED_IN:
        for row in lago.rows(section):
            currency = row.get(field)
            if isinstance(currency, str):
                users.setdefault(currency, []).append(f"{what} {row['code']}")
    return users
