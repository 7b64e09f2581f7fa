"""Checks of what has to fit together: mappings with both sides, items with subsidiaries, customers with both."""

from collections.abc import Iterator, Sequence

from lago_ns_cli.domain.catalog import Catalog, row_id
from lago_ns_cli.domain.diagnosis.checks import Check
from lago_ns_cli.domain.diagnosis.facts import CustomerFit, Facts
from lago_ns_cli.domain.diagnosis.findings import Verdict, fail, fine, listed, skip, warn
from lago_ns_cli.domain.diagnosis.local import mappings_of, setup_of
from lago_ns_cli.domain.diagnosis.netsuite_access import netsuite_of, ping_of
from lago_ns_cli.domain.diagnosis.netsuite_setup import catalog_of, unseen
from lago_ns_cli.domain.mapping import Mappings
from lago_ns_cli.domain.mapping_check import check_mappings
from lago_ns_cli.domain.mapping_findings import MappingFinding, Severity

_TARGETS = frozenset({"dangling", "inactive", "inactive_item", "discount_item"})
_FIELDS = frozenset({"field_not_applied", "unknown_field", "unknown_list_value", "mandatory_unfilled"})
_MOST = 3


def _findings(facts: Facts) -> list[MappingFinding]:
    lago = None if facts.lago is None else facts.lago.catalog
    netsuite = catalog_of(facts)
    known = Catalog("netsuite", netsuite.fetched_at, netsuite.sections, ping_of(facts).features)
    found = check_mappings(mappings_of(facts), lago or Catalog("lago", facts.now, {}), known)
    return [one for one in found if one.severity is Severity.ERROR]


def _told(findings: Sequence[MappingFinding]) -> str:
    more = f"; and {len(findings) - _MOST} more" if len(findings) > _MOST else ""
    return "; ".join(one.message for one in findings[:_MOST]) + more


def _targets(facts: Facts) -> Verdict:
    found = [one for one in _findings(facts) if one.code in _TARGETS]
    if not found:
        return fine("every id that the mappings name is there and active")
    return fail(f"Rows of the mappings point to what cannot be used: {_told(found)}.", found[0].hint)


def _fields(facts: Facts) -> Verdict:
    blind = unseen(facts, "record_fields")
    if blind is not None:
        return blind
    found = [one for one in _findings(facts) if one.code in _FIELDS]
    if not found:
        return fine("every field that a form requires is filled, every field that a row fills is there")
    return fail(f"Fields do not fit NetSuite's forms: {_told(found)}.", found[0].hint)


def _coverage(facts: Facts) -> Verdict:
    if facts.lago is None or facts.lago.catalog is None:
        return skip("Lago's plans, metrics and taxes could not be read")
    found = [one for one in _findings(facts) if one.code not in _TARGETS | _FIELDS]
    if not found:
        return fine("everything that Lago can bill has a row")
    return warn(
        f"Documents that use these will be held: {_told(found)}.",
        f"{found[0].hint}; all of them: lago-ns map check",
    )


def _item_places(facts: Facts) -> Verdict:
    blind = unseen(facts, "items")
    if blind is not None:
        return blind
    items = {row_id("netsuite", row): row for row in catalog_of(facts).rows("items")}
    misfits = [
        f"{name} points to {item} ({items[item].get('name')}), which subsidiary {subsidiary} may not use"
        for name, item, subsidiary in dict.fromkeys(_used(mappings_of(facts)))
        if item in items and _closed_to(items[item].get("subsidiaries"), subsidiary)
    ]
    if not misfits:
        return fine("every mapped item is open to the subsidiaries that bill it")
    more = f"; and {len(misfits) - _MOST} more" if len(misfits) > _MOST else ""
    return warn(
        f"{'; '.join(misfits[:_MOST])}{more}: such documents are refused.",
        "NetSuite: Lists > Accounting > Items > the item > Subsidiary: add it (or tick Include Children); or map another "
        "item for that billing entity: lago-ns map set item <object> --to <id> --billing-entity <code>",
    )


def _closed_to(subsidiaries: object, subsidiary: str) -> bool:
    """Tell whether an item is not open to a subsidiary; an empty list is open to all."""
    return (
        isinstance(subsidiaries, list | tuple)
        and bool(subsidiaries)
        and subsidiary not in map(str, subsidiaries)
    )


def _used(mappings: Mappings) -> Iterator[tuple[str, str, str]]:
    """Every item that a row names, with each subsidiary that may bill it: (row, item, subsidiary)."""
    of_entity = {row.billing_entity: row.subsidiary for row in mappings.subsidiaries}
    own_rows = {(row.lago, row.billing_entity) for row in mappings.items}
    for row in mappings.items:
        if row.billing_entity is not None:
            subsidiaries = [of_entity.get(row.billing_entity) or mappings.defaults.subsidiary]
        else:
            others = [one for entity, one in of_entity.items() if (row.lago, entity) not in own_rows]
            subsidiaries = [*others, *([] if of_entity else [mappings.defaults.subsidiary])]
        for subsidiary in filter(None, subsidiaries):
            yield f"items.{row.lago}", row.item, subsidiary


def _customers(facts: Facts) -> Verdict:
    customers = netsuite_of(facts).customers
    if customers is None:
        return skip("no customers could be compared")
    if not customers:
        return fine("none is on both sides yet")
    extend = setup_of(facts).extend_customers
    misfits = [text for one in customers for text in _misfits(one, extend=extend)]
    if not misfits:
        return fine(f"currency and subsidiary fit, of the {len(customers)} that were looked at")
    more = f"; and {len(misfits) - _MOST} more" if len(misfits) > _MOST else ""
    return warn(
        f"Of {len(customers)} customers, some do not fit their documents: {'; '.join(misfits[:_MOST])}{more}: those are held.",
        "NetSuite: open the customer, make it active, add the currency or subsidiary; or let lago-ns add these: [sync] "
        "extend_customers = true",
    )


def _misfits(one: CustomerFit, *, extend: bool) -> Iterator[str]:
    name = f"{one.external_id} (id {one.netsuite_id})"
    if one.inactive:
        yield f"{name} is inactive"
    if extend:
        return
    if one.wanted_currency and one.currencies is not None and one.wanted_currency not in one.currencies:
        yield f"{name} is billed in {one.currency}, which it lacks in NetSuite"
    if one.wanted_subsidiary and one.subsidiaries and one.wanted_subsidiary not in one.subsidiaries:
        have = listed(sorted(one.subsidiaries))
        yield f"{name} is billed by subsidiary {one.wanted_subsidiary}, and belongs to {have}"


def _trial_records(facts: Facts) -> Verdict:
    left = netsuite_of(facts).trial_records
    if left is None:
        return skip("records could not be looked up")
    if not left:
        return fine("none left by a probe")
    return warn(
        f"A probe was cut short and left {listed(left)}.",
        "lago-ns doctor --probe takes them away, and probes again",
    )


FIT_CHECKS = (
    Check("netsuite.mapped_ids", "mapped ids", _targets, ("netsuite.account", "mappings.file")),
    Check("netsuite.form_fields", "fields of the forms", _fields, ("netsuite.fields", "mappings.file")),
    Check("netsuite.items", "items' subsidiaries", _item_places, ("netsuite.account", "mappings.file")),
    Check("netsuite.coverage", "Lago's objects", _coverage, ("netsuite.taxes", "lago.key")),
    Check("netsuite.customers", "customers", _customers, ("netsuite.account", "mappings.file", "lago.key")),
    Check("netsuite.trial_records", "trial records", _trial_records, ("netsuite.account",)),
)
