"""Fields that NetSuite's forms require and that nothing fills."""

from collections.abc import Iterator, Mapping

from lago_ns_cli.domain.catalog import Catalog, Row
from lago_ns_cli.domain.mapping import FieldRows, Mappings
from lago_ns_cli.domain.mapping_findings import MappingFinding, error

_RECORDS = {
    "customer": "customer",
    "invoice": "invoice",
    "creditmemo": "credit_note",
    "customerpayment": "payment",
}
"""The kind of mapping rows by NetSuite's record."""

_FILLED: Mapping[tuple[str, str | None], frozenset[str]] = {
    ("customer", None): frozenset(
        {
            "isperson",
            "subsidiary",
            "currency",
            "companyname",
            "firstname",
            "lastname",
            "email",
            "phone",
            "entityid",
        }
        | {"terms", "entitystatus", "autoname"}
    ),
    ("invoice", None): frozenset(
        {
            "entity",
            "currency",
            "tranid",
            "trandate",
            "subsidiary",
            "duedate",
            "terms",
            "postingperiod",
            "nexus",
        }
        | {"account", "exchangerate", "approvalstatus", "taxregoverride", "taxdetailsoverride"}
    ),
    ("creditmemo", None): frozenset(
        {"entity", "currency", "tranid", "trandate", "subsidiary", "postingperiod", "nexus", "account"}
        | {"exchangerate", "taxregoverride", "taxdetailsoverride"}
    ),
    ("customerpayment", None): frozenset(
        {
            "customer",
            "currency",
            "trandate",
            "payment",
            "account",
            "undepfunds",
            "paymentmethod",
            "subsidiary",
        }
        | {"aracct", "exchangerate", "postingperiod", "tranid", "memo"}
    ),
    ("invoice", "item"): frozenset({"item", "quantity", "rate", "amount", "price", "description", "taxcode"}),
    ("creditmemo", "item"): frozenset(
        {"item", "quantity", "rate", "amount", "price", "description", "taxcode"}
    ),
}
"""What translation fills without a row, or NetSuite by itself. Sublists that are not named are wholly ours."""


def mandatory_findings(mappings: Mappings, netsuite: Catalog) -> Iterator[MappingFinding]:
    """List the fields that a form requires, that have no default there, and that no row fills."""
    for field in netsuite.rows("record_fields"):
        record, sublist = str(field.get("record")), field.get("sublist")
        place = None if sublist is None else str(sublist)
        kind, filled = _RECORDS.get(record), _FILLED.get((record, place))
        if (
            field.get("mandatory") is not True
            or field.get("defaulted") is True
            or kind is None
            or filled is None
        ):
            continue
        name = str(field["id"])
        rows = mappings.fields.get(kind, FieldRows())
        if name in filled or name in {row.to for row in (rows.line if place else rows.header)}:
            continue
        yield _unfilled(kind, place, name, field)


def _unfilled(kind: str, place: str | None, name: str, field: Row) -> MappingFinding:
    table = f"{kind}.{'line' if place else 'header'}"
    where = f"each line of {field['record']} records" if place else f"{field['record']} records"
    return error(
        "mandatory_unfilled",
        f"{table} → {name}",
        f"NetSuite requires {name} ({field.get('label')}) on {where}, and no row fills it",
        f'Add a row to mappings.toml, as [[{table}]] value = "…", to = "{name}"; or let the form no longer require it.',
    )
