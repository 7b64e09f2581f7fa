"""What can be mapped, as fetched from both sides."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

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


@dataclass(frozen=True)
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

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over everything that stays the same while nobody changes anything."""
        told = {
            "features": dict(self.features),
            "sections": {
                name: {row_id(self.side, row): stable_row(row) for row in rows}
                for name, rows in self.sections.items()
            },
        }
        return fingerprint_of(told)


def fingerprint_of(value: object) -> str:
    """SHA-256 over a JSON value, whatever the order of its keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


_VOLATILE = ("created_at", "updated_at", "logo_url")


def stable_row(row: Row) -> dict[str, object]:
    """Leave out what changes by itself: Lago counts users of an object, and dates and signs some parts."""
    return {
        str(name): _stable(value)
        for name, value in row.items()
        if name not in _VOLATILE and not str(name).endswith("_count")
    }


def _stable(value: object) -> object:
    if isinstance(value, Mapping):
        return stable_row(value)
    if isinstance(value, list | tuple):
        return [_stable(one) for one in value]
    return value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A part of a row that is not what it was."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """A row that is new, changed or gone.

    Args:
        fields: What changed; empty where the whole row is new or gone.
    """

    side: str
    section: str
    change: str
    id: str
    name: str
    fields: tuple[FieldChange, ...] = ()

    @property
    def how(self) -> str:
        """Say what changed, as a person would: ``renamed from VAT 19 to VAT 21; inactive now``."""
        return "; ".join(_told(change) for change in self.fields)


def _told(change: FieldChange) -> str:
    name, before, after = change.field, change.before, change.after
    if name == "inactive":
        return "inactive now" if after else "active again"
    if name == "mandatory":
        return "mandatory now" if after else "no longer mandatory"
    if name in ("name", "label", "title"):
        return f"renamed from {before} to {after}"
    if isinstance(before, list | dict) or isinstance(after, list | dict):
        return f"{name.replace('_', ' ')} changed"
    return f"{name.replace('_', ' ')} changed from {_word(before)} to {_word(after)}"


def _word(value: object) -> str:
    if value is None:
        return "none"
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def row_id(side: str, row: Row) -> str:
    """Name a row within its section: Lago's ``code``, NetSuite's ``id``; a record's field by its record too."""
    if side == "lago":
        return str(row["code"])
    parts = (row.get("record"), row.get("sublist"), row["id"])
    return ".".join(str(part) for part in parts if part)


def row_name(row: Row) -> str:
    """Name a row for a person; empty where it has no name."""
    return next((str(row[name]) for name in ("name", "label", "title", "description") if row.get(name)), "")


def compare_catalogs(old: Catalog | None, new: Catalog) -> list[CatalogChange]:
    """List what is new, changed or gone, by section and id.

    A section that only one of the two offers is one change: its rows are not gone, they are not seen.
    """
    changes = list(_feature_changes(old, new))
    for section in new.sections.keys() | (old.sections.keys() if old else set()):
        if old is not None and section not in old.sections and section in old.unavailable:
            changes.append(CatalogChange(new.side, section, "new", "", "the section is offered now"))
            continue
        if section not in new.sections:
            why = new.unavailable.get(section, "no longer offered")
            changes.append(CatalogChange(new.side, section, "gone", "", f"the whole section: {why}"))
            continue
        changes += _row_changes(section, old, new)
    return sorted(changes, key=lambda change: (change.section, change.change, change.id))


def _feature_changes(old: Catalog | None, new: Catalog) -> list[CatalogChange]:
    before = old.features if old else {}
    return [
        CatalogChange(new.side, "features", "changed", name, name, (FieldChange(name, before[name], on),))
        for name, on in new.features.items()
        if name in before and before[name] != on
    ]


def _row_changes(section: str, old: Catalog | None, new: Catalog) -> list[CatalogChange]:
    before = {row_id(new.side, row): row for row in (old.rows(section) if old else ())}
    after = {row_id(new.side, row): row for row in new.rows(section)}
    changes = []
    for identity in before.keys() | after.keys():
        change = _change(before.get(identity), after.get(identity))
        if change is not None:
            word, fields = change
            name = row_name(after.get(identity) or before[identity]) or identity
            changes.append(CatalogChange(new.side, section, word, identity, name, fields))
    return changes


def _change(before: Row | None, after: Row | None) -> tuple[str, tuple[FieldChange, ...]] | None:
    if before is None:
        return "new", ()
    if after is None:
        return "gone", ()
    old, new = stable_row(before), stable_row(after)
    if old == new:
        return None
    names = [*new, *(name for name in old if name not in new)]
    differing = [name for name in names if old.get(name) != new.get(name)]
    return "changed", tuple(FieldChange(name, old.get(name), new.get(name)) for name in differing)


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
