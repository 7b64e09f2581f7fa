"""What NetSuite should hold: exact, comparable, and in NetSuite's own words."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lago_ns_cli.domain.identifiers import InternalId, Key, LagoId
from lago_ns_cli.domain.json_bytes import json_bytes


@dataclass(frozen=True, slots=True)
class Reference:
    """Another record of ours: by its key, and by its internal id once that is known."""

    key: Key
    internal_id: InternalId | None = None


Subrecord = Mapping[str, "str | bool | None"]
Value = str | bool | None | Reference | Subrecord
"""A field's value. Amounts are decimal strings, dates ``YYYY-MM-DD``, ids strings."""

Line = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Application:
    """An amount of a memo or payment that is put on an invoice, in major units."""

    target: Reference
    amount: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """The total and the tax that lines and tax rows must make, in major units.

    ``periods`` are the posting periods it may be found in afterwards; empty where any is right.
    """

    total: str
    tax: str
    periods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One NetSuite record as we mean it to be.

    Args:
        columns: Body fields, in the order in which they are to be set.
        lines: Lines by sublist (``item``, ``addressbook``, ``currency``).
        taxdetails: SuiteTax rows; empty in the legacy regime.
        dates: The fields, body or line, whose strings are calendar dates.
        apply: The whole desired state of applications.
        volatile: Body fields that may change without a change of meaning.
    """

    key: Key
    lago_id: LagoId
    type: str
    columns: Mapping[str, Value]
    lines: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    taxdetails: tuple[Line, ...] = ()
    dates: tuple[str, ...] = ()
    apply: tuple[Application, ...] = ()
    expect: Expectation | None = None
    volatile: frozenset[str] = frozenset()


_CUSTOMER_FIELDS = ("entity", "customer")


def under_customer(record: Record, customer: InternalId) -> Record:
    """Put a document under another record of its customer, as NetSuite does when it merges two."""
    moved = {name: customer for name in _CUSTOMER_FIELDS if record.columns.get(name) is not None}
    return replace(record, columns={**record.columns, **moved})


JsonValue = str | bool | None | dict[str, "str | bool | None"]


def record_as_json(record: Record) -> dict[str, object]:
    """Give a record the form of the contract: what is pushed and what a dry run prints.

    A reference without an internal id stands as ``{"key": "lago:cus:…"}``.
    """
    shape: dict[str, object] = {
        "key": record.key,
        "lago_id": record.lago_id,
        "type": record.type,
        "columns": _fields(record.columns),
        "lines": [
            {"sublistId": sublist, "lineItems": [_fields(line) for line in lines]}
            for sublist, lines in record.lines.items()
        ],
        "taxdetails": (
            [{"sublistId": "taxdetails", "lineItems": [_fields(row) for row in record.taxdetails]}]
            if record.taxdetails
            else []
        ),
        "dates": list(record.dates),
        "apply": [_application(application) for application in record.apply],
    }
    if record.expect is not None:
        shape["expect"] = {"total": record.expect.total, "tax": record.expect.tax}
    return shape


def fingerprint(record: Record) -> str:
    """Hash what we mean to send, without volatile fields.

    References count by their key, so that the fingerprint does not depend on when an internal
    id became known. Applications are entries of their own and do not count.

    Returns:
        64 hexadecimal digits (SHA-256).
    """
    columns = {name: value for name, value in record.columns.items() if name not in record.volatile}
    content = [
        record.key,
        record.type,
        _fields(columns, by_key=True),
        {sublist: [_fields(line, by_key=True) for line in lines] for sublist, lines in record.lines.items()},
        [_fields(row, by_key=True) for row in record.taxdetails],
    ]
    return hashlib.sha256(json_bytes(content, in_order=True)).hexdigest()


def _fields(line: Line, *, by_key: bool = False) -> dict[str, JsonValue]:
    # Nearly every value is a text, and that is what it stays.
    return {name: value if type(value) is str else _plain(value, by_key) for name, value in line.items()}


def _plain(value: Value, by_key: bool) -> JsonValue:
    if isinstance(value, Reference):
        if value.internal_id is None or by_key:
            return {"key": value.key}
        return value.internal_id
    return dict(value) if isinstance(value, Mapping) else value


def _application(application: Application) -> dict[str, str]:
    target = application.target
    where = {"key": str(target.key)} if target.internal_id is None else {"id": str(target.internal_id)}
    return {**where, "amount": application.amount}


def record_from_json(shape: Mapping[str, object]) -> Record:
    """Read a record back from the form of the contract, as the ledger keeps it.

    References by internal id lose their key; everything that is compared on a read-back is there.
    """
    expect = _mapping(shape.get("expect"))
    taxdetails = [
        line for block in _objects(shape.get("taxdetails")) for line in _objects(block["lineItems"])
    ]
    return Record(
        key=Key(str(shape["key"])),
        lago_id=LagoId(str(shape["lago_id"])),
        type=str(shape["type"]),
        columns=_values(_mapping(shape.get("columns"))),
        lines={
            str(block["sublistId"]): tuple(_values(line) for line in _objects(block["lineItems"]))
            for block in _objects(shape.get("lines"))
        },
        taxdetails=tuple(_values(row) for row in taxdetails),
        dates=tuple(str(name) for name in _items(shape.get("dates"))),
        apply=tuple(
            Application(_reference(one, "id"), str(one["amount"])) for one in _objects(shape.get("apply"))
        ),
        expect=Expectation(str(expect["total"]), str(expect["tax"])) if expect else None,
    )


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _objects(value: object) -> list[Mapping[str, object]]:
    return [item for item in _items(value) if isinstance(item, Mapping)]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _values(fields: Mapping[str, object]) -> dict[str, Value]:
    return {name: _value(value) for name, value in fields.items()}


def _value(value: object) -> Value:
    if isinstance(value, Mapping):
        if set(value) == {"key"}:
            return _reference(value, "id")
        return {str(name): _leaf(leaf) for name, leaf in value.items()}
    return _leaf(value)


def _leaf(value: object) -> str | bool | None:
    return value if value is None or isinstance(value, bool) else str(value)


def _reference(value: Mapping[str, object], id_name: str) -> Reference:
    internal_id = value.get(id_name)
    key = Key(str(value.get("key") or ""))
    return Reference(key, None if internal_id is None else InternalId(str(internal_id)))
