"""Header and line rows: any path of the Lago document into any NetSuite field."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from lago_ns_cli.domain.catalog import AccountProfile
from lago_ns_cli.domain.mapping import FieldRow, FieldType
from lago_ns_cli.domain.translation.context import Findings
from lago_ns_cli.domain.translation.numbers import plain
from lago_ns_cli.domain.translation.periods import ServicePeriod, local_date

Scopes = Sequence[Mapping[str, object]]
"""Objects in which a path may start; the first that has its first step wins."""


def follow(scopes: Scopes, path: str) -> object:
    """Follow a dotted path into a document; None where it leads nowhere.

    An array of ``{"key", "value"}`` objects (Lago's metadata) is entered by key, any other
    array by position.
    """
    first, *steps = path.split(".")
    value: object = None
    for scope in scopes:
        if first in scope:
            value = scope[first]
            break
    for step in steps:
        if isinstance(value, dict | Mapping):  # a dict is nearly always right, and told at once
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = _enter(value, step)
        else:
            return None
    return value


def _enter(items: Sequence[object], step: str) -> object:
    for item in items:
        if isinstance(item, Mapping) and item.get("key") == step:
            return item.get("value")
    return items[int(step)] if step.isdecimal() and int(step) < len(items) else None


def period_scope(period: ServicePeriod | None) -> Mapping[str, object]:
    """Name the days of a service period for mapping rows."""
    if period is None:
        return {}
    return {"service_period": {"start": period.start.isoformat(), "end": period.end.isoformat()}}


def fill_fields(
    rows: Sequence[FieldRow],
    scopes: Scopes,
    zone: str,
    account: AccountProfile,
    findings: Findings,
) -> dict[str, str | bool]:
    """Read the rows' paths and write their values as NetSuite takes them.

    A path that leads to nothing sets nothing. A value that does not fit its row's type is a
    problem that names the row.
    """
    fields: dict[str, str | bool] = {}
    for row in rows:
        value = row.literal if row.source is None else follow(scopes, row.source)
        if value is None:
            continue
        written = _write(value, row, zone, account)
        if written is None:
            findings.problem(
                "field_value",
                f"{row.source or 'value'} → {row.to}",
                f"{row.source or row.literal!r} is {_short(value)}, which cannot be written as {row.type} to {row.to}",
                f"Correct the row for {row.to} in mappings.toml, or the value in Lago.",
            )
            continue
        fields[row.to] = written
    return fields


def date_fields(rows: Sequence[FieldRow]) -> tuple[str, ...]:
    """List the fields whose values are calendar dates."""
    return tuple(row.to for row in rows if row.type is FieldType.DATE)


def _write(value: object, row: FieldRow, zone: str, account: AccountProfile) -> str | bool | None:
    match row.type:
        case FieldType.TEXT:
            return _text(value)
        case FieldType.NUMBER:
            return _number(value)
        case FieldType.DATE:
            return _date(value, zone)
        case FieldType.BOOLEAN:
            return _boolean(value)
        case FieldType.LIST:
            return _list_id(value, row, account)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return _number(value)


def _number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return plain(number) if number.is_finite() else None


def _date(value: object, zone: str) -> str | None:
    """Take a plain date as it is, and a moment by its date in the customer's time zone."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-08-01"):
            return date.fromisoformat(value).isoformat()
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return local_date(moment, zone).isoformat() if moment.tzinfo else moment.date().isoformat()


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "t": True, "f": False}.get(str(value).lower())


def _list_id(value: object, row: FieldRow, account: AccountProfile) -> str | None:
    """Take an internal id as it is; a name by its id in the catalog, where just one row has it."""
    text = _text(value)
    if not text:
        return None
    known = account.names.get(row.list, {}) if row.list is not None else {}
    if text.isascii() and text.isdecimal() and (text not in known or text in known.values()):
        return text
    return known.get(text)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
