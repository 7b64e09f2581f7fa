"""Does NetSuite hold what we meant? Compared on every write, before an entry is posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lago_ns_cli.domain.records import Record, Reference


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which NetSuite's record is not what was meant."""

    field: str
    meant: str
    found: str

    def __str__(self) -> str:
        return f"{self.field} is {self.found or 'empty'} in NetSuite, {self.meant} was meant"


_SELECTS = {"entity": "entity", "customer": "entity", "currency": "currency", "subsidiary": "subsidiary"}


def compare_read_back(record: Record, found: Mapping[str, object]) -> list[Difference]:
    """Compare what was read back with what was meant.

    Args:
        found: The record form of the contract.

    Returns:
        Differences in total, tax, date, customer, currency and subsidiary; amounts are compared
        as numbers, ids and dates as text.
    """
    differences = []
    if record.expect is not None:
        differences += _amount("total", record.expect.total, found.get("total"))
        differences += _amount("tax", record.expect.tax, found.get("tax"))
    if record.type != "customer" and "trandate" in record.columns:
        differences += _text("date", record.columns["trandate"], found.get("date"))
    for column, name in _SELECTS.items():
        differences += _text(name, record.columns.get(column), found.get(name))
    return differences


def _amount(name: str, meant: str, found: object) -> list[Difference]:
    try:
        equal = Decimal(str(found)) == Decimal(meant)
    except InvalidOperation:
        equal = False
    return [] if equal else [Difference(name, meant, "" if found is None else str(found))]


def _text(name: str, meant: object, found: object) -> list[Difference]:
    if isinstance(meant, Reference):
        meant = meant.internal_id
    if meant is None or str(meant) == str(found):
        return []
    return [Difference(name, str(meant), "" if found is None else str(found))]
