"""Do the mappings fit what both sides have? All findings at once."""

from collections.abc import Iterable, Iterator, Sequence

from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.mappable import ITEM_KINDS, currencies_in_use, objects_of
from lago_ns_cli.domain.mapping import Defaults, Mappings
from lago_ns_cli.domain.mapping_fields_check import field_findings
from lago_ns_cli.domain.mapping_findings import MappingFinding, error, warning
from lago_ns_cli.domain.mapping_mandatory import mandatory_findings
from lago_ns_cli.domain.mapping_recognition import recognition_findings


def check_mappings(mappings: Mappings, lago: Catalog, netsuite: Catalog) -> list[MappingFinding]:
    """List every unmapped Lago object and every row that points to nothing.

    Args:
        lago: Lago's catalog.
        netsuite: NetSuite's catalog; sections it does not offer are not checked.
    """
    suitetax = bool(netsuite.features.get("suitetax"))
    findings = [
        *_unmapped_items(mappings, lago),
        *_unmapped_taxes(mappings, lago, suitetax=suitetax),
        *_unmapped_tax_sets(mappings, lago, suitetax=suitetax),
        *_unmapped_entities(mappings, lago),
        *_unmapped_currencies(mappings, lago),
        *_dangling(mappings, netsuite),
        *_unknown_objects(mappings, lago),
        *_item_faults(mappings, netsuite),
        *recognition_findings(mappings, lago, netsuite),
        *field_findings(mappings, netsuite),
        *mandatory_findings(mappings, netsuite),
    ]
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda finding: (finding.severity, finding.row, finding.code))


def _codes(catalog: Catalog, section: str) -> list[str]:
    return [str(row["code"]) for row in catalog.rows(section)]


def _entities(lago: Catalog) -> list[str]:
    """The billing entities that rows may differ for; at least one, so that every look-up is made."""
    return _codes(lago, "billing_entities") or [""]


def _of(entities: Sequence[str], lago: Catalog) -> str:
    """Name the billing entities a finding is about, unless it is about all."""
    if list(entities) == _entities(lago):
        return ""
    return " for the billing entity " + ", ".join(entities)


def _unmapped_items(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    for kind in ITEM_KINDS:
        for name, _ in objects_of(kind, lago):
            hint = f"lago-ns map set item {name} --to <internal id>"
            found = {entity: mappings.item(name, kind.item_type, entity) for entity in _entities(lago)}
            missing = [entity for entity, one in found.items() if one.value is None]
            default = [entity for entity, one in found.items() if one.by_default]
            if missing:
                message = f"{name} has no NetSuite item, and there is no Default Item{_of(missing, lago)}"
                yield error("item_unmapped", name, message, hint)
            elif default:
                item = found[default[0]].value
                message = f"{name} would go to the Default Item {item}{_of(default, lago)}"
                yield warning("default_item", name, message, hint)


def _unmapped_taxes(mappings: Mappings, lago: Catalog, *, suitetax: bool) -> Iterator[MappingFinding]:
    for code in _codes(lago, "taxes"):
        yield from _tax_findings(mappings, lago, (code,), suitetax=suitetax)


def _tax_findings(
    mappings: Mappings, lago: Catalog, taxes: Sequence[str], *, suitetax: bool
) -> Iterator[MappingFinding]:
    name = "+".join(sorted(taxes))
    options = "--nexus <id> --tax-type <id> --tax-code <id>" if suitetax else "--tax-code <id>"
    hint = f"lago-ns map set tax {name} {options}"
    found = {entity: mappings.tax(taxes, entity) for entity in _entities(lago)}
    targets = [one.value for one in found.values() if one.value is not None]
    missing = [entity for entity, one in found.items() if one.value is None]
    if missing:
        message = f"the tax {name} has no NetSuite tax code{_of(missing, lago)}"
        yield error("tax_unmapped", f"tax:{name}", message, hint)
    elif suitetax and any(target.nexus is None or target.tax_type is None for target in targets):
        message = f"the tax {name} lacks a nexus or a tax type, which SuiteTax asks for"
        yield error("tax_incomplete", f"tax:{name}", message, hint)
    elif default := [entity for entity, one in found.items() if one.by_default]:
        message = f"the tax {name} would go to the default tax code {targets[0].tax_code}{_of(default, lago)}"
        yield warning("default_tax", f"tax:{name}", message, hint)


def _unmapped_tax_sets(mappings: Mappings, lago: Catalog, *, suitetax: bool) -> Iterator[MappingFinding]:
    """In the legacy regime a line has one code, so taxes that Lago applies together need a row of their own."""
    if suitetax:
        for row in mappings.taxes:
            if len(row.lago) > 1:
                name = "+".join(row.lago)
                message = f"taxes.{name} is a set; under SuiteTax each tax is looked up by itself"
                yield warning("unused_tax_set", f"taxes.{name}", message, f"lago-ns map unset tax {name}")
        return
    for taxes in sorted(set(_tax_sets(lago)), key=sorted):
        yield from _tax_findings(mappings, lago, sorted(taxes), suitetax=False)


def _tax_sets(lago: Catalog) -> Iterator[frozenset[str]]:
    for section in ("plans", "add_ons", "billing_entities"):
        for row in lago.rows(section):
            charges = [inner for name in ("charges", "fixed_charges") for inner in _rows_in(row, name)]
            for holder in (row, *charges):
                codes = frozenset(str(tax["code"]) for tax in _rows_in(holder, "taxes") if "code" in tax)
                if len(codes) > 1:
                    yield codes


def _rows_in(row: Row, name: str) -> list[Row]:
    inner = row.get(name)
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


def _unmapped_currencies(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    """Currencies that plans, add-ons and billing entities bill in."""
    for currency, those in currencies_in_use(lago).items():
        if mappings.currency(currency).value is not None:
            continue
        told = ", ".join(those[:3]) + (f" and {len(those) - 3} more" if len(those) > 3 else "")
        message = f"the currency {currency} of {told} has no NetSuite currency"
        hint = f"lago-ns map set currency {currency} --to <internal id>"
        yield error("currency_unmapped", f"currency:{currency}", message, hint)


def _unmapped_entities(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    for code in _codes(lago, "billing_entities"):
        if mappings.subsidiary(code).value is None:
            message = f"the billing entity {code} has no NetSuite subsidiary"
            hint = f"lago-ns map set subsidiary {code} --to <internal id>"
            yield error("subsidiary_unmapped", f"billing_entity:{code}", message, hint)


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
    for days, terms in mappings.terms.items():
        yield f"terms.{days}", "terms", terms
    for payment in mappings.payments:
        name = f"payments.{payment.provider or '*'}.{payment.currency or '*'}"
        if payment.account is not None:
            yield name, "accounts", payment.account
        if payment.method is not None:
            yield name, "payment_methods", payment.method
    yield from _default_targets("defaults", mappings.defaults)
    for entity, defaults in mappings.entity_defaults.items():
        yield from _default_targets(f"billing_entities.{entity}", defaults)
    for number, grouping in enumerate(mappings.grouping, start=1):
        yield f"grouping row {number}", "items", grouping.item


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
        if defaults.tax.tax_type is not None:
            yield f"{table}.tax", "tax_types", defaults.tax.tax_type
        if defaults.tax.nexus is not None:
            yield f"{table}.tax", "nexuses", defaults.tax.nexus


def _dangling(mappings: Mappings, netsuite: Catalog) -> Iterator[MappingFinding]:
    rows = {section: _by_id(found) for section, found in netsuite.sections.items() if found}
    for row, section, target in _targets(mappings):
        found = rows.get(section)
        if found is None:
            continue
        if target not in found:
            message = f"{row} points to {target}, which is not among NetSuite's {section.replace('_', ' ')}"
            yield error("dangling", row, message, "lago-ns fetch-catalog, then choose another id")
        elif found[target].get("inactive") is True:
            code = "inactive_item" if section == "items" else "inactive"
            message = f"{row} points to {target} ({found[target].get('name')}), which is inactive"
            yield error(code, row, message, _CHANGE_ITEM)


def _by_id(rows: Iterable[Row]) -> dict[str, Row]:
    return {str(row["id"]): row for row in rows if "id" in row}


_CHANGE_ITEM = "Choose another id, or change it in NetSuite, then lago-ns fetch-catalog."


def _unknown_objects(mappings: Mappings, lago: Catalog) -> Iterator[MappingFinding]:
    # A plan may get a minimum commitment later: its row is not for nothing.
    known = {f"{kind.name}:{code}" for kind in ITEM_KINDS for code in _codes(lago, kind.section)}
    kinds = {kind.name for kind in ITEM_KINDS if kind.section in lago.sections}
    for row in mappings.items:
        if row.lago.partition(":")[0] in kinds and row.lago not in known:
            hint = f"lago-ns map unset item {row.lago}"
            yield warning("unknown_object", f"items.{row.lago}", f"Lago has no {row.lago}", hint)


def _item_faults(mappings: Mappings, netsuite: Catalog) -> Iterator[MappingFinding]:
    items = _by_id(netsuite.rows("items"))
    for row, section, target in _targets(mappings):
        item = items.get(target) if section == "items" else None
        if item is not None and item.get("type") == "Discount":
            message = (
                f"{row} points to {target} ({item.get('name')}), a discount item, which refuses a quantity"
            )
            yield error("discount_item", row, message, _CHANGE_ITEM)
