"""How far the mappings reach: each thing that can be mapped, where it goes, and by which row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from lago_ns_cli.domain.catalog import Catalog, row_name
from lago_ns_cli.domain.mappable import ITEM_KINDS, ItemKind, currencies_in_use, objects_of
from lago_ns_cli.domain.mapping import (
    ITEM_TYPES,
    CreditNotePolicy,
    Mappings,
    PaymentRow,
    Resolution,
    TaxTarget,
)


class Reach(Enum):
    """By what something is mapped."""

    OWN = "row"  # a row of its own
    SERVED = "type"  # a row of its type, or one for all billing entities
    DEFAULT = "default"  # the Default Item, the default tax, the default subsidiary
    MISSING = "missing"  # by nothing: documents with it are held
    UNUSED = "unused"  # nothing needs it

    @property
    def is_mapped(self) -> bool:
        """Whether documents with it go through."""
        return self is not Reach.MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Something that a row can be for.

    Args:
        table: ``items``, ``taxes``, ``subsidiaries``, ``currencies``, ``terms``, ``payments``, ``defaults``.
        key: What it is, as ``map set`` names it.
        title: Lago's own name of it.
        value: Where it goes; None for nowhere.
        target: NetSuite's name of that.
        won: The row that says so.
    """

    table: str
    key: str
    title: str
    value: str | None
    target: str
    won: str | None
    reach: Reach


@dataclass(frozen=True, slots=True)
class Section:
    """Slots of one subject."""

    name: str
    slots: tuple[Slot, ...]

    def count(self, reach: Reach) -> int:
        """How many are mapped so."""
        return sum(slot.reach is reach for slot in self.slots)

    @property
    def told(self) -> str:
        """Say how far the section reaches: ``5 of 6 mapped, 2 by type, 1 by default``."""
        needed = [slot for slot in self.slots if slot.reach is not Reach.UNUSED]
        if not needed:
            return "nothing needs it"
        mapped = sum(slot.reach.is_mapped for slot in needed)
        parts = [f"{mapped} of {len(needed)} mapped"]
        parts += [f"{count} by type" for count in (self.count(Reach.SERVED),) if count]
        parts += [f"{count} by default" for count in (self.count(Reach.DEFAULT),) if count]
        parts += [f"{count} missing" for count in (self.count(Reach.MISSING),) if count]
        return ", ".join(parts)


def coverage(
    mappings: Mappings, lago: Catalog, netsuite: Catalog, entity: str | None = None
) -> list[Section]:
    """Tell how far the mappings reach.

    Args:
        entity: For the documents of this billing entity; None for those of any.
    """
    names = _Names(netsuite)
    sections = [
        Section("Subsidiaries", tuple(_subsidiaries(mappings, lago, names))),
        Section("Currencies", tuple(_currencies(mappings, lago, names))),
        *(Section(kind.subject, tuple(_items(mappings, lago, names, entity, kind))) for kind in ITEM_KINDS),
        Section("Taxes", tuple(_taxes(mappings, lago, names, entity))),
        Section("Payments", tuple(_payments(mappings, names, entity))),
        Section("Payment terms", tuple(_terms(mappings, lago, names))),
        Section("Defaults and items by type", tuple(_defaults(mappings, netsuite, names, entity))),
    ]
    return [section for section in sections if section.slots]


class _Names:
    def __init__(self, netsuite: Catalog) -> None:
        self._names = {
            section: {str(row["id"]): row_name(row) for row in rows if "id" in row}
            for section, rows in netsuite.sections.items()
        }

    def of(self, section: str, target: str | None) -> str:
        return self._names.get(section, {}).get(target or "", "")


def _reach(found: Resolution[str], own: str) -> Reach:
    won = found.won
    if won is None:
        return Reach.MISSING
    if won.startswith(own):
        return Reach.OWN
    return Reach.DEFAULT if found.by_default else Reach.SERVED


def _subsidiaries(mappings: Mappings, lago: Catalog, names: _Names) -> Iterator[Slot]:
    for row in lago.rows("billing_entities"):
        code = str(row["code"])
        found = mappings.subsidiary(code)
        yield Slot(
            table="subsidiaries",
            key=code,
            title=row_name(row),
            value=found.value,
            target=names.of("subsidiaries", found.value),
            won=found.won,
            reach=_reach(found, f"subsidiaries.{code}"),
        )


def _currencies(mappings: Mappings, lago: Catalog, names: _Names) -> Iterator[Slot]:
    for code in sorted(currencies_in_use(lago).keys() | mappings.currencies.keys()):
        found = mappings.currency(code)
        yield Slot(
            table="currencies",
            key=code,
            title="",
            value=found.value,
            target=names.of("currencies", found.value),
            won=found.won,
            reach=_reach(found, "currencies."),
        )


def _items(
    mappings: Mappings, lago: Catalog, names: _Names, entity: str | None, kind: ItemKind
) -> Iterator[Slot]:
    objects = dict(objects_of(kind, lago))
    mapped = {row.lago for row in mappings.items}
    for row in lago.rows(kind.section):
        key = f"{kind.name}:{row['code']}"
        if key not in objects and key not in mapped:
            continue
        found = mappings.item(key, kind.item_type, entity or "")
        yield Slot(
            table="items",
            key=key,
            title=row_name(row),
            value=found.value,
            target=names.of("items", found.value),
            won=found.won,
            reach=_reach(found, f"items.{key}"),
        )


def _taxes(mappings: Mappings, lago: Catalog, names: _Names, entity: str | None) -> Iterator[Slot]:
    codes: dict[tuple[str, ...], str] = {(str(row["code"]),): row_name(row) for row in lago.rows("taxes")}
    codes |= {row.lago: "set of taxes" for row in mappings.taxes if len(row.lago) > 1}
    for taxes, title in codes.items():
        found = mappings.tax(taxes, entity or "")
        target = found.value
        reach = Reach.OWN if found.won is not None and not found.by_default else Reach.DEFAULT
        yield Slot(
            table="taxes",
            key="+".join(taxes),
            title=title,
            value=_told_tax(target),
            target=names.of("tax_codes", target.tax_code if target else None),
            won=found.won,
            reach=Reach.MISSING if target is None else reach,
        )


def _told_tax(target: TaxTarget | None) -> str | None:
    if target is None:
        return None
    return "/".join(part for part in (target.nexus, target.tax_type, target.tax_code) if part)


def _payments(mappings: Mappings, names: _Names, entity: str | None) -> Iterator[Slot]:
    rows = [row for row in mappings.payments if row.billing_entity in (None, entity)]
    if not any(row.provider is None and row.currency is None for row in rows):
        yield _payment_slot(PaymentRow(account=None), names, there=False, needed=not rows)
    for row in rows:
        yield _payment_slot(row, names, there=True, needed=True)


def _payment_slot(row: PaymentRow, names: _Names, *, there: bool, needed: bool) -> Slot:
    where = row.account or "undeposited funds"
    told = ", ".join(
        part for part in (names.of("accounts", row.account), names.of("payment_methods", row.method)) if part
    )
    missing = Reach.MISSING if needed else Reach.UNUSED
    return Slot(
        table="payments",
        key=f"{row.provider or '*'}.{row.currency or '*'}",
        title=f"{row.provider or 'any provider'}, {row.currency or 'any currency'}",
        value="/".join(part for part in (where, row.method) if part) if there else None,
        target=told,
        won=f"payments.{row.provider or '*'}.{row.currency or '*'}" if there else None,
        reach=Reach.OWN if there else missing,
    )


def _terms(mappings: Mappings, lago: Catalog, names: _Names) -> Iterator[Slot]:
    used = {
        int(str(row["net_payment_term"]))
        for row in lago.rows("billing_entities")
        if row.get("net_payment_term")
    }
    for days in sorted(used | mappings.terms.keys()):
        target = mappings.terms.get(days)
        yield Slot(
            table="terms",
            key=str(days),
            title=f"{days} days",
            value=target,
            target=names.of("terms", target),
            won=f"terms.{days}" if target else None,
            reach=Reach.OWN if target else Reach.UNUSED,
        )


_TOLD: Mapping[str, str] = {
    "item": "Default Item, for what has no other row",
    "item_by_type.subscription": "plans without a row",
    "item_by_type.commitment": "minimum commitments without a row",
    "item_by_type.charge": "usage without a row",
    "item_by_type.fixed_charge": "fixed charges without a row",
    "item_by_type.add_on": "add-ons without a row",
    "item_by_type.product": "products without a row",
    "item_by_type.coupon": "coupons without a row",
    "item_by_type.prepaid_credit": "prepaid credit used",
    "item_by_type.prepaid_granted": "prepaid credit used that was granted",
    "item_by_type.prepaid_purchased": "prepaid credit used that was bought",
    "item_by_type.prepaid_purchase": "prepaid credit bought",
    "item_by_type.progressive_billing": "progressive billing taken off",
    "item_by_type.credit_note": "credit notes used (negative_line)",
    "tax": "default tax; its use is a notice",
    "untaxed_code": "tax code of lines without tax",
    "subsidiary": "subsidiary of entities without a row",
    "credit_note_policy": "how invoices show credit notes they use",
}


def _defaults(mappings: Mappings, netsuite: Catalog, names: _Names, entity: str | None) -> Iterator[Slot]:
    own = mappings.defaults if entity is None else mappings.entity_defaults.get(entity)
    values: dict[str, tuple[str | None, str]] = {"item": (own.item if own else None, "items")}
    for item_type in ITEM_TYPES:
        values[f"item_by_type.{item_type}"] = (own.item_by_type.get(item_type) if own else None, "items")
    values["tax"] = (_told_tax(own.tax) if own else None, "tax_codes")
    if not netsuite.features.get("suitetax"):
        values["untaxed_code"] = (own.untaxed_code if own else None, "tax_codes")
    values["subsidiary"] = (own.subsidiary if own else None, "subsidiaries")
    values["credit_note_policy"] = (own.credit_note_policy if own else None, "")
    table = "defaults" if entity is None else f"billing_entities.{entity}"
    for name, (value, section) in values.items():
        target = names.of(section, value.rpartition("/")[2] if value else None)
        yield Slot(
            table="defaults",
            key=name,
            title=_TOLD[name],
            value=value,
            target=target,
            won=f"{table}.{name}" if value else None,
            reach=Reach.OWN if value else Reach.UNUSED,
        )


POLICIES: Mapping[str, str] = {
    CreditNotePolicy.APPLY_MEMO: "the open credit memo is applied: credit counts once",
    CreditNotePolicy.NEGATIVE_LINE: "a negative line, as Lago shows it: credit counts twice until the memo is closed",
}
"""The credit-note policies, each in a sentence."""
