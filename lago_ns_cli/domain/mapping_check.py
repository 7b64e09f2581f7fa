"""Do the mappings fit what both sides have? All findings at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import Defaults, Mappings


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # documents will be held, or money would go to the wrong place
    WARNING = "warning"  # documents go through, by a default or with a row that does nothing


@dataclass(frozen=True, slots=True)
class MappingFinding:
    """Something in the mappings that does not fit; ``row`` as a person would name it."""

    severity: Severity
    code: str
    row: str
    message: str
    hint: str


_OBJECTS = (
    ("billable_metrics", "billable_metric", "charge"),
    ("add_ons", "add_on", "add_on"),
    ("plans", "plan", "subscription"),
    ("coupons", "coupon", "coupon"),
)


def check_mappings(mappings: Mappings, lago: Catalog, netsuite: Catalog) -> list[MappingFinding]:
    """List every unmapped Lago object and every row that points to nothing.

    Args:
        lago: Lago's catalog.
        netsuite: NetSuite's catalog; sections it does not offer are not checked.
    """
    findings = [
        *_unmapped_items(mappings, lago),
        *_unmapped_taxes(mappings, lago, suitetax=bool(netsuite.features.get("suitetax"))),
        *_unmapped_entities(mappings, lago),
        *_dangling(mappings, netsuite),
        *_unknown_objects(mappings, lago),
        *_item_faults(mappings, netsuite),
    ]
    return sorted(findings, key=lambda finding: (finding.severity, finding.row, finding.code))


def _codes(catalog: Catalog, section: str) -> list[str]:
    return [str(row["code"]) for row in catalog.rows(section)]


def _unmapped_items(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    for section, kind, item_type in _OBJECTS:
        for code in _codes(lago, section):
            name = f"{kind}:{code}"
            found = mappings.item(name, item_type, "")
            if found.value is None:
                yield MappingFinding(
                    Severity.ERROR,
                    "item_unmapped",
                    name,
                    f"{name} has no NetSuite item, and there is no Default Item",
                    f"lago-ns map set item {name} --to <internal id>",
                )
            elif found.by_default:
                yield MappingFinding(
                    Severity.WARNING,
                    "default_item",
                    name,
                    f"{name} would go to the Default Item {found.value}",
                    f"lago-ns map set item {name} --to <internal id>",
                )


def _unmapped_taxes(mappings: Mappings, lago: Catalog, *, suitetax: bool) -> Iterator[MappingFinding]:
    for code in _codes(lago, "taxes"):
        found = mappings.tax((code,), "")
        hint = f"lago-ns map set tax {code} --nexus <id> --tax-type <id> --tax-code <id>"
        if found.value is None:
            yield MappingFinding(
                Severity.ERROR,
                "tax_unmapped",
                f"tax:{code}",
                f"the tax {code} has no NetSuite tax code",
                hint,
            )
        elif suitetax and (found.value.nexus is None or found.value.tax_type is None):
            yield MappingFinding(
                Severity.ERROR,
                "tax_incomplete",
                f"tax:{code}",
                f"the tax {code} lacks a nexus or a tax type, which SuiteTax asks for",
                hint,
            )
        elif found.by_default:
            yield MappingFinding(
                Severity.WARNING,
                "default_tax",
                f"tax:{code}",
                f"the tax {code} would go to the default tax code {found.value.tax_code}",
                hint,
            )


def _unmapped_entities(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    for row in lago.rows("billing_entities"):
        code = str(row["code"])
        if mappings.subsidiary(code).value is None:
            yield MappingFinding(
                Severity.ERROR,
                "subsidiary_unmapped",
                f"billing_entity:{code}",
                f"the billing entity {code} has no NetSuite subsidiary",
                f"lago-ns map set subsidiary {code} --to <internal id>",
            )
        currency = row.get("default_currency")
        if isinstance(currency, str) and mappings.currency(currency).value is None:
            yield MappingFinding(
                Severity.ERROR,
                "currency_unmapped",
                f"currency:{currency}",
                f"the currency {currency} of {code} has no NetSuite currency",
                f"lago-ns map set currency {currency} --to <internal id>",
            )


def _targets(mappings: Mappings) -> Iterator[tuple[str, str, str]]:
    """Every id that a row points to: (row, section, id)."""
    for item in mappings.items:
        yield f"items.{item.lago}", "items", item.item
    for tax in mappings.taxes:
        name = "taxes." + "+".join(tax.lago)
        yield name, "tax_codes", tax.target.tax_code
        if tax.target.tax_type is not None:
            yield name, "tax_types", tax.target.tax_type
        if tax.target.nexus is not None:
            yield name, "nexuses", tax.target.nexus
    for subsidiary in mappings.subsidiaries:
        yield f"subsidiaries.{subsidiary.billing_entity}", "subsidiaries", subsidiary.subsidiary
    for code, currency in mappings.currencies.items():
        yield f"currencies.{code}", "currencies", currency
    for payment in mappings.payments:
        name = f"payments.{payment.provider or '*'}.{payment.currency or '*'}"
        if payment.account is not None:
            yield name, "accounts", payment.account
        if payment.method is not None:
            yield name, "payment_methods", payment.method
    yield from _default_targets("defaults", mappings.defaults)
    for entity, defaults in mappings.entity_defaults.items():
        yield from _default_targets(f"billing_entities.{entity}", defaults)
    for grouping in mappings.grouping:
        yield "grouping", "items", grouping.item


def _default_targets(table: str, defaults: Defaults) -> Iterator[tuple[str, str, str]]:
    if defaults.item is not None:
        yield f"{table}.item", "items", defaults.item
    for name, item in defaults.item_by_type.items():
        yield f"{table}.item_by_type.{name}", "items", item
    if defaults.subsidiary is not None:
        yield f"{table}.subsidiary", "subsidiaries", defaults.subsidiary
    if defaults.untaxed_code is not None:
        yield f"{table}.untaxed_code", "tax_codes", defaults.untaxed_code
    if defaults.tax is not None:
        yield f"{table}.tax", "tax_codes", defaults.tax.tax_code


def _dangling(mappings: Mappings, netsuite: Catalog) -> Iterator[MappingFinding]:
    ids = {section: _ids(rows) for section, rows in netsuite.sections.items() if rows}
    for row, section, target in _targets(mappings):
        if section in ids and target not in ids[section]:
            yield MappingFinding(
                Severity.ERROR,
                "dangling",
                row,
                f"{row} points to {target}, which is not among NetSuite's {section.replace('_', ' ')}",
                "lago-ns fetch-catalog, then choose another id",
            )


def _ids(rows: Iterable[object]) -> set[str]:
    return {str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row}


def _unknown_objects(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    known = {f"{kind}:{code}" for section, kind, _ in _OBJECTS for code in _codes(lago, section)}
    kinds = {kind for section, kind, _ in _OBJECTS if section in lago.sections}
    for row in mappings.items:
        if row.lago.partition(":")[0] in kinds and row.lago not in known:
            yield MappingFinding(
                Severity.WARNING,
                "unknown_object",
                f"items.{row.lago}",
                f"Lago has no {row.lago}",
                f"lago-ns map unset item {row.lago}",
            )


def _item_faults(mappings: Mappings, netsuite: Catalog) -> Iterator[MappingFinding]:
    items = {str(row["id"]): row for row in netsuite.rows("items")}
    for row, section, target in _targets(mappings):
        item = items.get(target) if section == "items" else None
        if item is None:
            continue
        hint = "Choose another item, or change it in NetSuite, then lago-ns fetch-catalog."
        if item.get("type") == "Discount":
            message = (
                f"{row} points to {target} ({item.get('name')}), a discount item, which refuses a quantity"
            )
            yield MappingFinding(Severity.ERROR, "discount_item", row, message, hint)
        if item.get("inactive") is True:
            message = f"{row} points to {target} ({item.get('name')}), which is inactive"
            yield MappingFinding(Severity.ERROR, "inactive_item", row, message, hint)
