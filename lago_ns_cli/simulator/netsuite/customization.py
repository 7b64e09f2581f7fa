"""Custom fields, record types and segments, and how they are installed in the account."""

from collections.abc import Sequence
from dataclasses import dataclass

from lago_ns_cli.simulator.netsuite.store import Store

Use = tuple[str, str]
"""Record type and sublist (empty for the body) that a field is applied to."""

SALES_BODY: tuple[Use, ...] = (("invoice", ""), ("creditmemo", ""))
PAYMENT_BODY: tuple[Use, ...] = (("customerpayment", ""),)
SALES_LINES: tuple[Use, ...] = (("invoice", "item"), ("creditmemo", "item"))
CUSTOMER_BODY: tuple[Use, ...] = (("customer", ""),)


@dataclass(frozen=True)
class CustomField:
    """A custom field.

    Attributes:
        value_type: SDF's field type: TEXT, TEXTAREA, CLOBTEXT, SELECT, DATE, CHECKBOX, …
        family: BODY, COLUMN, ENTITY or RECORD.
        uses: What it is applied to.
        source: The table that a SELECT's ids come from.
    """

    script_id: str
    label: str
    value_type: str
    family: str
    uses: tuple[Use, ...]
    source: str | None = None
    mandatory: bool = False
    max_length: int | None = None


@dataclass(frozen=True)
class CustomRecordType:
    """A custom record type, without its fields."""

    script_id: str
    label: str


@dataclass(frozen=True)
class CustomSegment:
    """A custom segment: a field on documents whose values are records of its own table."""

    script_id: str
    label: str
    values: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table of its values."""
        return f"customrecord_{self.script_id}"


def install_record_types(store: Store, types: Sequence[CustomRecordType], changed: str) -> None:
    """Add record types that the account does not have yet, each with its table."""
    for record_type in types:
        store.make_custom_record_table(record_type.script_id)
        if store.one("SELECT 1 FROM customrecordtype WHERE scriptid = ?", (record_type.script_id,)) is None:
            store.put(
                "customrecordtype",
                {
                    "internalid": store.next_in("customrecordtype", first=101),
                    "scriptid": record_type.script_id,
                    "name": record_type.label,
                    "isinactive": "F",
                    "lastmodifieddate": changed,
                },
            )


def install_segments(store: Store, segments: Sequence[CustomSegment]) -> None:
    """Add segments with their values (ids 1, 2, …)."""
    for number, segment in enumerate(segments, start=1):
        store.make_custom_record_table(segment.table)
        store.put(
            "customsegment",
            {
                "internalid": number,
                "scriptid": segment.script_id,
                "name": segment.label,
                "recordtype": segment.table,
                "isinactive": "F",
            },
        )
        for key, name in enumerate(segment.values, start=1):
            store.put(segment.table, {"id": key, "name": name, "isinactive": "F"})


def install_fields(store: Store, fields: Sequence[CustomField], changed: str) -> None:
    """Add fields that the account does not have yet, with the columns that show their values."""
    for field in fields:
        if store.one("SELECT 1 FROM customfield WHERE scriptid = ?", (field.script_id,)) is not None:
            continue
        store.put("customfield", _field_row(store, field, changed))
        for record_type, sublist in field.uses:
            store.put(
                "_custom_field_use", {"scriptid": field.script_id, "type": record_type, "sublist": sublist}
            )
            store.add_columns(_table_of(record_type, sublist), [field.script_id])
            if not sublist and field.value_type == "TEXT" and field.script_id.endswith("_id"):
                # Another system's id: what scripts find records by.
                store.add_index(_table_of(record_type, sublist), field.script_id)


def _field_row(store: Store, field: CustomField, changed: str) -> dict[str, object]:
    return {
        "internalid": store.next_in("customfield", first=1001),
        "scriptid": field.script_id,
        "name": field.label,
        "fieldtype": field.family,
        "fieldvaluetype": field.value_type,
        "fieldvaluetyperecord": field.source,
        "recordtype": field.uses[0][0] if field.family == "RECORD" else None,
        "maxlength": field.max_length,
        "ismandatory": "T" if field.mandatory else "F",
        "isinactive": "F",
        "lastmodifieddate": changed,
    }


def _table_of(record_type: str, sublist: str) -> str:
    if record_type in ("invoice", "creditmemo", "customerpayment"):
        return "transactionline" if sublist else "transaction"
    return record_type
