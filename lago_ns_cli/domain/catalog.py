"""What can be mapped, as fetched from both sides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lago_ns_cli.domain.periods import Period, read_periods

Row = Mapping[str, object]

LAGO_SECTIONS = ("billing_entities", "plans", "billable_metrics", "add_ons", "coupons", "taxes")
"""Lago's kinds of mappable objects; each row has ``code`` and ``name`` at least."""

NETSUITE_SECTIONS = (
    "items",
    "tax_codes",
    "tax_types",
    "nexuses",
    "subsidiaries",
    "currencies",
    "accounts",
    "payment_methods",
    "terms",
    "departments",
    "classes",
    "locations",
    "custom_fields",
    "custom_segments",
    "custom_record_types",
    "saved_searches",
    "periods",
    "record_fields",
)
"""The sections of the RESTlet's ``describe``; each row has ``id`` at least."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """One side's mappable objects, by section.

    ``features`` are the account's, by the contract's names (``suitetax``, …); empty for Lago.
    ``unavailable`` names the sections that the account or the role does not offer, with why.
    """

    side: str
    fetched_at: datetime
    sections: Mapping[str, Sequence[Row]]
    features: Mapping[str, bool] = field(default_factory=dict)
    unavailable: Mapping[str, str] = field(default_factory=dict)

    def rows(self, section: str) -> Sequence[Row]:
        """List the rows of a section; empty where the section is absent."""
        return self.sections.get(section, ())


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """A row that is new, changed or gone since the last fetch."""

    side: str
    section: str
    change: str
    id: str
    name: str


def row_id(side: str, row: Row) -> str:
    """Name a row within its section: NetSuite's ``id``, Lago's ``code``."""
    return str(row["id"] if side == "netsuite" else row["code"])


def compare_catalogs(old: Catalog | None, new: Catalog) -> list[CatalogChange]:
    """List what is new, changed or gone, by section and id."""
    changes = []
    for section in new.sections.keys() | (old.sections.keys() if old else set()):
        before = {row_id(new.side, row): row for row in (old.rows(section) if old else ())}
        after = {row_id(new.side, row): row for row in new.rows(section)}
        for identity in before.keys() | after.keys():
            change = _change(before.get(identity), after.get(identity))
            if change is not None:
                row = after.get(identity) or before[identity]
                name = str(row.get("name") or row.get("label") or identity)
                changes.append(CatalogChange(new.side, section, change, identity, name))
    return sorted(changes, key=lambda change: (change.section, change.change, change.id))


def _change(before: Row | None, after: Row | None) -> str | None:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    return None if before == after else "changed"


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """The facts of a NetSuite account that translation depends on.

    Args:
        suitetax: SuiteTax, or the legacy regime.
        precisions: Decimals by currency internal id (0 or 2).
        names: By catalog section, internal id by name; for rows of type ``list``. A name that
            several rows share names none of them.
        discount_items: Internal ids of items of type Discount: they refuse a quantity.
        inactive_items: Internal ids of items that NetSuite no longer sells.
        periods: Posting periods in the order of time; empty where they are not known.
    """

    suitetax: bool
    precisions: Mapping[str, int]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    discount_items: frozenset[str] = frozenset()
    inactive_items: frozenset[str] = frozenset()
    periods: tuple[Period, ...] = ()


def account_profile(catalog: Catalog) -> AccountProfile:
    """Draw from the NetSuite catalog what translation needs."""
    items = catalog.rows("items")
    return AccountProfile(
        suitetax=bool(catalog.features.get("suitetax", False)),
        precisions={str(row["id"]): int(str(row["precision"])) for row in catalog.rows("currencies")},
        names={section: _ids_by_name(rows) for section, rows in catalog.sections.items()},
        discount_items=frozenset(str(row["id"]) for row in items if row.get("type") == "Discount"),
        inactive_items=frozenset(str(row["id"]) for row in items if row.get("inactive") is True),
        periods=read_periods(catalog.rows("periods")),
    )


def _ids_by_name(rows: Sequence[Row]) -> dict[str, str]:
    named = [(str(row["name"]), str(row["id"])) for row in rows if "name" in row and "id" in row]
    count = Counter(name for name, _ in named)
    return {name: identity for name, identity in named if count[name] == 1}
