"""Do the header and line rows point to fields and list values that NetSuite has?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lago_ns_cli.domain.catalog import Catalog
from lago_ns_cli.domain.mapping import FieldRow, FieldType, Mappings
from lago_ns_cli.domain.mapping_findings import MappingFinding, error, warning

RECORDS = {
    "customer": "customer",
    "invoice": "invoice",
    "credit_note": "creditmemo",
    "payment": "customerpayment",
}
"""NetSuite's record by the kind of document."""

_CUSTOM = ("custbody", "custcol", "custentity", "cseg")

_FITTING = {
    FieldType.DATE: {"date", "datetime", "datetimetz"},
    FieldType.BOOLEAN: {"checkbox"},
    FieldType.LIST: {"select", "multiselect"},
    FieldType.NUMBER: {"integer", "float", "currency", "currency2", "percent", "rate", "posinteger"},
}
"""NetSuite's types of fields that a type of row can be written to; text goes anywhere but there."""

_HINT = "lago-ns fetch-catalog, then correct the row in mappings.toml"


@dataclass(frozen=True)
class FieldCatalog:
    """The fields that the catalog tells of; sections that were not fetched tell nothing."""

    netsuite: Catalog

    @cached_property
    def _types(self) -> Mapping[tuple[str, bool, str], str]:
        """Type by (record, whether a line's, field id in lower case)."""
        return {
            (str(row["record"]), bool(row.get("sublist")), str(row["id"]).lower()): str(row.get("type") or "")
            for row in self.netsuite.rows("record_fields")
        }

    @cached_property
    def _custom(self) -> frozenset[str]:
        sections = ("custom_fields", "custom_segments")
        return frozenset(str(row["id"]).lower() for name in sections for row in self.netsuite.rows(name))

    def tells_of(self, record: str) -> bool:
        """Whether the fields of a record are known."""
        return any(known == record for known, _, _ in self._types)

    def type_of(self, record: str, *, line: bool, field: str) -> str | None:
        """Tell a field's type; None where the record has no such field."""
        return self._types.get((record, line, field.lower()))

    def is_custom(self, field: str) -> bool:
        """Whether the account has a custom field or segment of that id, on whatever record."""
        return field.lower() in self._custom


def field_findings(mappings: Mappings, netsuite: Catalog) -> Iterator[MappingFinding]:
    """List the header and line rows that lead nowhere."""
    fields = FieldCatalog(netsuite)
    for kind, rows in mappings.fields.items():
        for row in rows.header:
            yield from _field(f"{kind}.header → {row.to}", kind, row, fields, line=False)
        for row in rows.line:
            yield from _field(f"{kind}.line → {row.to}", kind, row, fields, line=True)


def _field(
    name: str, kind: str, row: FieldRow, fields: FieldCatalog, *, line: bool
) -> Iterator[MappingFinding]:
    record = RECORDS[kind]
    found = fields.type_of(record, line=line, field=row.to)
    if found is None and fields.tells_of(record):
        yield _unknown_field(name, record, row.to, fields, line=line)
    elif found is not None and not fits(row.type, found):
        message = f"{name} is written as {row.type}, but NetSuite's field is of the type {found}"
        yield warning("field_type", name, message, "Correct the row's type in mappings.toml.")
    yield from _list_value(name, row, fields.netsuite)


def _unknown_field(name: str, record: str, to: str, fields: FieldCatalog, *, line: bool) -> MappingFinding:
    place = f"lines of {record} records" if line else f"{record} records"
    if not to.lower().startswith(_CUSTOM):
        # Forms may hide a standard field that scripts can set all the same.
        return warning("unknown_field", name, f"NetSuite shows no field {to} on {place}", _HINT)
    if fields.is_custom(to):
        message = f"{to} is not applied to {place}"
        return error("field_not_applied", name, message, f"Apply {to} to {place} in NetSuite, then {_HINT}")
    return error("unknown_field", name, f"NetSuite has no custom field {to} on {place}", _HINT)


def fits(written: FieldType, found: str) -> bool:
    """Tell whether a value that is written so goes into a field of NetSuite's type."""
    if not found:
        return True
    fitting = _FITTING.get(written)
    if fitting is not None:
        return found in fitting
    return not any(found in others for kind, others in _FITTING.items() if kind is not FieldType.NUMBER)


def _list_value(name: str, row: FieldRow, netsuite: Catalog) -> Iterator[MappingFinding]:
    if row.list is None:
        return
    if row.list not in netsuite.sections:
        known = ", ".join(sorted(netsuite.sections))
        yield error(
            "unknown_list",
            name,
            f"{name} looks names up in {row.list}, which was not fetched",
            f"One of: {known}",
        )
        return
    if row.literal is None:
        return
    value, rows = str(row.literal), netsuite.rows(row.list)
    if value in {str(one.get("id")) for one in rows}:
        return
    named = sum(str(one.get("name")) == value for one in rows)
    if named != 1:
        section = row.list.replace("_", " ")
        message = f"{name} is {value!r}, and {named} of NetSuite's {section} are called so"
        yield error("unknown_list_value", name, message, "Write the internal id instead.")
