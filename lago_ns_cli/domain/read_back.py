"""Does NetSuite hold what we meant? Compared on every write, before an entry is posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lago_ns_cli.domain.records import Application, Record, Reference


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
        Differences in total, tax, date, customer, currency, subsidiary and what was applied; amounts
        are compared as numbers, ids and dates as text. What others applied is theirs.
    """
    differences = []
    if record.expect is not None:
        differences += _amount("total", record.expect.total, found.get("total"))
        differences += _amount("tax", record.expect.tax, found.get("tax"))
        differences += _period(record.expect.periods, found.get("period"))
    if record.type != "customer" and "trandate" in record.columns:
        differences += _text("date", record.columns["trandate"], found.get("date"))
    for column, name in _SELECTS.items():
        differences += _text(name, record.columns.get(column), found.get(name))
    return differences + _applications(record.apply, found.get("apply"))


def _applications(meant: Sequence[Application], found: object) -> list[Difference]:
    rows = found if isinstance(found, list | tuple) else ()
    amounts = {str(row["id"]): row["amount"] for row in rows if isinstance(row, Mapping)}
    differences: list[Difference] = []
    for one in meant:
        target = one.target.internal_id
        if target is not None:
            differences += _amount(f"what is applied to {target}", one.amount, amounts.get(target))
        elif not any(_equal(one.amount, amount) for amount in amounts.values()):
            # A target that was made in the same call: its internal id was not known when this was meant.
            differences.append(Difference(f"what is applied to {one.target.key}", one.amount, ""))
    return differences


def _period(meant: Sequence[str], found: object) -> list[Difference]:
    """NetSuite may move a document out of a closed period without a word."""
    if not meant or found is None or str(found) in meant:
        return []
    return [Difference("posting period", meant[0], str(found))]


def _amount(name: str, meant: str, found: object) -> list[Difference]:
    if _equal(meant, found):
        return []
    return [Difference(name, meant, "" if found is None else str(found))]


def _equal(meant: str, found: object) -> bool:
    try:
        return Decimal(str(found)) == Decimal(meant)
    except InvalidOperation:
        return False


def _text(name: str, meant: object, found: object) -> list[Difference]:
    if isinstance(meant, Reference):
        meant = meant.internal_id
    if meant is None or str(meant) == str(found):
        return []
    return [Difference(name, str(meant), "" if found is None else str(found))]
