"""The mappings as one flat table, for showing."""

from collections.abc import Iterator
from typing import NamedTuple

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import Defaults, FieldRow, IgnoreRow, Mappings, TaxTarget


class MappingRow(NamedTuple):
    """A row: which table, Lago's side, NetSuite's side, the name NetSuite gives it, a note."""

    table: str
    lago: str
    netsuite: str
    name: str
    note: str


class _Names:
    def __init__(self, netsuite: Catalog | None) -> None:
        sections = netsuite.sections if netsuite else {}
        self._names = {
            section: {str(row["id"]): str(row.get("name", "")) for row in rows if "id" in row}
            for section, rows in sections.items()
        }

    def of(self, section: str, target: str | None) -> str:
        return self._names.get(section, {}).get(target or "", "")


def mapping_rows(mappings: Mappings, netsuite: Catalog | None) -> list[MappingRow]:
    """List every row of the mappings, in the order of the file.

    Args:
        netsuite: The fetched catalog, for names; None leaves them empty.
    """
    return list(_rows(mappings, _Names(netsuite)))


def _rows(mappings: Mappings, names: _Names) -> Iterator[MappingRow]:
    yield from _defaults("defaults", mappings.defaults, names)
    for entity, own in mappings.entity_defaults.items():
        yield from _defaults(f"billing_entities.{entity}", own, names)
    for item in mappings.items:
        lago = _of_entity(item.lago, item.billing_entity)
        yield MappingRow("items", lago, item.item, names.of("items", item.item), item.note or "")
    for tax in mappings.taxes:
        lago = _of_entity("+".join(tax.lago), tax.billing_entity)
        name = names.of("tax_codes", tax.target.tax_code)
        yield MappingRow("taxes", lago, _target(tax.target), name, tax.note or "")
    for row in mappings.subsidiaries:
        name = names.of("subsidiaries", row.subsidiary)
        yield MappingRow("subsidiaries", row.billing_entity, row.subsidiary, name, row.note or "")
    for code, currency in mappings.currencies.items():
        yield MappingRow("currencies", code, currency, names.of("currencies", currency), "")
    for days, terms in mappings.terms.items():
        yield MappingRow("terms", f"{days} days", terms, names.of("terms", terms), "")
    for payment in mappings.payments:
        who = f"{payment.provider or 'any provider'}, {payment.currency or 'any currency'}"
        where = f"account {payment.account or '–'}, method {payment.method or '–'}"
        name = names.of("accounts", payment.account)
        yield MappingRow("payments", _of_entity(who, payment.billing_entity), where, name, payment.note or "")
    for kind, rows in mappings.fields.items():
        for place, of_place in (("header", rows.header), ("line", rows.line)):
            for field in of_place:
                yield MappingRow(
                    f"{kind}.{place}",
                    _of_entity(_source(field), field.billing_entity),
                    f"{field.to} ({field.type})",
                    "",
                    field.note or "",
                )
    for group in mappings.grouping:
        who = _of_entity(
            ", ".join((*group.customers, *group.invoice_types)) or "all usage", group.billing_entity
        )
        yield MappingRow("grouping", who, group.item, names.of("items", group.item), group.note or "")
    for rule in mappings.ignore:
        yield MappingRow("ignore", _ignored(rule), "", "", rule.note)


def _defaults(table: str, defaults: Defaults, names: _Names) -> Iterator[MappingRow]:
    if defaults.item is not None:
        yield MappingRow(table, "item", defaults.item, names.of("items", defaults.item), "")
    for name, item in defaults.item_by_type.items():
        yield MappingRow(table, f"item_by_type.{name}", item, names.of("items", item), "")
    if defaults.tax is not None:
        yield MappingRow(
            table, "tax", _target(defaults.tax), names.of("tax_codes", defaults.tax.tax_code), ""
        )
    if defaults.untaxed_code is not None:
        name = names.of("tax_codes", defaults.untaxed_code)
        yield MappingRow(table, "untaxed_code", defaults.untaxed_code, name, "")
    if defaults.subsidiary is not None:
        name = names.of("subsidiaries", defaults.subsidiary)
        yield MappingRow(table, "subsidiary", defaults.subsidiary, name, "")
    if defaults.credit_note_policy is not None:
        yield MappingRow(table, "credit_note_policy", defaults.credit_note_policy, "", "")


def _of_entity(name: str, entity: str | None) -> str:
    return name if entity is None else f"{name} ({entity})"


def _target(target: TaxTarget) -> str:
    return "/".join(part for part in (target.nexus, target.tax_type, target.tax_code) if part)


def _source(field: FieldRow) -> str:
    return field.source if field.source is not None else f"value {field.literal!r}"


def _ignored(rule: IgnoreRow) -> str:
    below = "" if rule.below is None else f"below {rule.below}"
    until = "" if rule.until is None else f"until {rule.until}"
    words = (rule.finding, rule.kind, rule.customer, below, rule.currency, until)
    return _of_entity(" ".join(word for word in words if word), rule.billing_entity)
