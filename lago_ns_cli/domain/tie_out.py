"""Billed in Lago = posted in NetSuite: by month, kind and currency, from documents and ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lago_ns_cli.domain.attempts import Entry, State
from lago_ns_cli.domain.identifiers import Key

_MOST_NAMED = 20
"""Differences of a month that are named one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Billed:
    """A document as Lago bills it: one that is to be posted.

    Args:
        amount: In major units.
    """

    key: Key
    kind: str
    number: str
    day: date
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, order=True)
class TieOutRow:
    """What a row of the tie-out is about; ``month`` as ``2026-10``."""

    month: str
    kind: str
    currency: str


@dataclass(slots=True)
class Sums:
    """Both sides of a row."""

    billed_documents: int = 0
    billed: Decimal = Decimal(0)
    posted_documents: int = 0
    posted: Decimal = Decimal(0)

    @property
    def agree(self) -> bool:
        """Whether both sides are the same."""
        return (self.billed_documents, self.billed) == (self.posted_documents, self.posted)


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is billed and not posted, or posted with another amount."""

    row: TieOutRow
    key: Key
    number: str
    amount: Decimal
    why: str


@dataclass(slots=True)
class TieOut:
    """The tie-out so far.

    Attributes:
        rows: Both sides by month, kind and currency.
        differences: Those that are named.
        unnamed: How many more there are.
    """

    rows: dict[TieOutRow, Sums] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unnamed: int = 0

    def add(self, billed: Iterable[Billed], entries: Mapping[Key, Entry]) -> None:
        """Take documents in, with their entries as they stand."""
        for one in billed:
            row = TieOutRow(f"{one.day:%Y-%m}", one.kind, one.currency)
            sums = self.rows.setdefault(row, Sums())
            sums.billed_documents += 1
            sums.billed += one.amount
            entry = entries.get(one.key)
            if entry is not None and entry.state is State.POSTED:
                sums.posted_documents += 1
                sums.posted += Decimal(entry.amount or 0)
            why = _difference(one, entry)
            if why is not None:
                self._name(Difference(row, one.key, one.number, one.amount, why))

    def merge(self, other: "TieOut") -> None:
        """Take another one in."""
        for row, sums in other.rows.items():
            mine = self.rows.setdefault(row, Sums())
            mine.billed_documents += sums.billed_documents
            mine.billed += sums.billed
            mine.posted_documents += sums.posted_documents
            mine.posted += sums.posted
        for difference in other.differences:
            self._name(difference)
        self.unnamed += other.unnamed

    def _name(self, difference: Difference) -> None:
        if sum(one.row.month == difference.row.month for one in self.differences) < _MOST_NAMED:
            self.differences.append(difference)
        else:
            self.unnamed += 1

    @property
    def agrees(self) -> bool:
        """Whether every row agrees, document by document."""
        return not self.differences and all(sums.agree for sums in self.rows.values())


def _difference(billed: Billed, entry: Entry | None) -> str | None:
    if entry is None:
        return "not carried out yet"
    if entry.state is State.POSTED:
        posted = Decimal(entry.amount or 0)
        return None if posted == billed.amount else f"posted with {posted}"
    reason = f" ({entry.code})" if entry.code else ""
    return f"{entry.state.value.replace('_', ' ')}{reason}"


def is_posted(one: Billed, entries: Mapping[Key, Entry]) -> bool:
    """Tell whether a document needs no second look at its entry."""
    return _difference(one, entries.get(one.key)) is None
