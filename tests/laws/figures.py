"""Lago's figures and a record's figures, each read without the translation's own arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lago_ns_cli.domain.records import Line, Record
from lago_ns_cli.simulator.lago.money import subunits


def major(cents: int, currency: str) -> Decimal:
    """Say an amount of Lago's in whole units, by the divisor that Lago's own generator uses."""
    return Decimal(cents) / subunits(currency)


def number(value: object) -> Decimal:
    """Read an amount of a record; nothing counts as zero."""
    return Decimal(str(value or 0))


@dataclass(frozen=True)
class Posted:
    """What a record's lines and tax rows make, added up from the fields that NetSuite gets."""

    record: Record

    @property
    def lines(self) -> tuple[Line, ...]:
        """The item lines."""
        return self.record.lines["item"]

    @property
    def amounts(self) -> list[Decimal]:
        """The amount of each line."""
        return [number(line["amount"]) for line in self.lines]

    @property
    def charged(self) -> Decimal:
        """The lines above zero."""
        return sum((amount for amount in self.amounts if amount > 0), Decimal(0))

    @property
    def credited(self) -> Decimal:
        """The lines below zero, without their sign."""
        return -sum((amount for amount in self.amounts if amount < 0), Decimal(0))

    @property
    def tax(self) -> Decimal:
        """The tax: rows of the tax details, or the tax on each line."""
        rows = sum((number(row["taxamount"]) for row in self.record.taxdetails), Decimal(0))
        return rows + sum((number(line.get("tax1amt")) for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        """Lines and tax."""
        return self.charged - self.credited + self.tax

    @property
    def applied(self) -> Decimal:
        """What is put on other records."""
        return sum((number(one.amount) for one in self.record.apply), Decimal(0))

    def by_tax_code(self, column: str) -> dict[str, Decimal]:
        """Add up a column of the tax details."""
        return added((str(row["taxcode"]), number(row[column])) for row in self.record.taxdetails)

    def by_line_id(self) -> dict[str, Decimal]:
        """The amounts of the lines that carry the id of a fee."""
        return added(
            (str(line["custcol_lago_line_id"]), number(line["amount"]))
            for line in self.lines
            if line.get("custcol_lago_line_id")
        )


def added(rows: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Add up amounts by name."""
    sums: dict[str, Decimal] = {}
    for name, amount in rows:
        sums[name] = sums.get(name, Decimal(0)) + amount
    return sums


def without_zeros(sums: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Leave out what comes to nothing."""
    return {name: amount for name, amount in sums.items() if amount}
