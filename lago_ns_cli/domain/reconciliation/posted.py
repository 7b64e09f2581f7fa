"""NetSuite's record form, read into posted rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lago_ns_cli.domain.identifiers import InternalId, Key, Kind, LagoId, key_of
from lago_ns_cli.domain.money import in_digits
from lago_ns_cli.domain.periods import Period
from lago_ns_cli.domain.reconciliation.rows import (
    CREDIT_NOTE,
    CUSTOMER,
    INVOICE,
    PAYMENT,
    PREPAID,
    RECORD_TYPES,
    VOID,
    ZERO,
    Applied,
    PostedRow,
)

_PREFIXES: Mapping[str, Mapping[str, str]] = {
    "customer": {"lago:cus:": CUSTOMER},
    "invoice": {"lago:inv:": INVOICE},
    "creditmemo": {"lago:cn:": CREDIT_NOTE, "lago:void:": VOID, "lago:prepaid:": PREPAID},
    "customerpayment": {"lago:pay:": PAYMENT},
}
_KINDS = {"customer": CUSTOMER, "invoice": INVOICE, "creditmemo": CREDIT_NOTE, "customerpayment": PAYMENT}
_BY_LAGO_ID = {
    "customer": Kind.CUSTOMER,
    "invoice": Kind.INVOICE,
    "creditmemo": Kind.CREDIT_NOTE,
    "customerpayment": Kind.PAYMENT,
}

Row = Mapping[str, object]


def posted_row(row: Row, periods: Mapping[str, Period], currencies: Mapping[str, str]) -> PostedRow:
    """Read a record in the form of the contract.

    Args:
        currencies: ISO codes by NetSuite's internal id.
        periods: The account's posting periods by internal id; empty where they are not known.
    """
    record_type = str(row["type"])
    identity, kind, keyed = _identity(record_type, row)
    day = date.fromisoformat(str(row["date"])) if row.get("date") else None
    period = _text(row.get("period"))
    money = _Money(currencies.get(str(row.get("currency")), ""))
    return PostedRow(
        id=InternalId(str(row["id"])),
        type=record_type,
        identity=identity,
        kind=kind,
        keyed=keyed,
        lago_id=_text(row.get("lago_id")),
        external_id=_text(row.get("key")),
        number=_text(row.get("number")) or "",
        customer=_text(row.get("entity")),
        currency=_text(row.get("currency")),
        subsidiary=_text(row.get("subsidiary")),
        day=day,
        month=_month(day, periods.get(period or "")),
        period=period,
        status=_text(row.get("status")) or "",
        total=money(row.get("total")),
        tax=money(row.get("tax")),
        taxes=_taxes(row.get("taxes"), money),
        open=money(row.get("unpaid")),
        fingerprint=_text(row.get("fingerprint")),
        last_modified=_text(row.get("last_modified")),
        inactive=row.get("inactive") is True,
        applied=_applied(row.get("apply"), money),
        applied_by=_applied(row.get("applied_by"), money),
    )


def lago_id_of(row: PostedRow) -> LagoId | None:
    """Tell the Lago id of the document that a record should be."""
    return None if row.identity is None else LagoId(row.identity.rpartition(":")[2])


def _identity(record_type: str, row: Row) -> tuple[Key | None, str, bool]:
    key = str(row.get("key") or "").lower()
    for prefix, kind in _PREFIXES[record_type].items():
        if key.startswith(prefix):
            return Key(key), kind, True
    lago_id = _text(row.get("lago_id"))
    if lago_id is None:
        return None, _KINDS[record_type], False
    return key_of(_BY_LAGO_ID[record_type], LagoId(lago_id)), _KINDS[record_type], False


def _month(day: date | None, period: Period | None) -> str:
    where = period.start if period is not None else day
    return "" if where is None else f"{where:%Y-%m}"


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


@dataclass(frozen=True, slots=True)
class _Money:
    """Reads amounts of one currency, with its digits."""

    currency: str

    def __call__(self, value: object) -> Decimal:
        return in_digits(ZERO if value is None else Decimal(str(value)), self.currency)


def _taxes(value: object, money: _Money) -> dict[str, Decimal] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    found: dict[str, Decimal] = {}
    for one in value:
        found[str(one["code"])] = found.get(str(one["code"]), ZERO) + money(one["amount"])
    return {code: amount for code, amount in found.items() if amount}


def _applied(value: object, money: _Money) -> tuple[Applied, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    return tuple(
        Applied(
            InternalId(str(one["id"])),
            money(one["amount"]),
            Key(str(one["key"]).lower()) if one.get("key") else None,
            _text(one.get("number")),
        )
        for one in value
    )


def record_type_of(kind: str) -> str:
    """Name the record type of a kind of document."""
    return RECORD_TYPES[kind]
