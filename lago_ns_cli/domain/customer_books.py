"""In which currencies and subsidiaries NetSuite lets a customer have documents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lago_ns_cli.domain.exchange import FindStatus, Found
from lago_ns_cli.domain.identifiers import InternalId
from lago_ns_cli.domain.records import Line, Record, Reference

_SUBLISTS = {"currency": "currency", "subsidiary": "submachine"}
"""Where further ones are added. The name ``submachine`` stands in no document of Oracle's: UNVERIFIED."""

_CODES = {"currency": "customer_lacks_currency", "subsidiary": "customer_lacks_subsidiary"}


@dataclass(frozen=True, slots=True)
class Lack:
    """Something of a document that its customer does not have.

    Args:
        field: ``currency`` or ``subsidiary``.
        wanted: The document's internal id.
        present: The customer's.
    """

    field: str
    wanted: str
    present: tuple[str, ...]

    @property
    def code(self) -> str:
        """Why a document is held."""
        return _CODES[self.field]


@dataclass(frozen=True, slots=True)
class CustomerBooks:
    """What NetSuite tells of one customer; None where it does not tell.

    Args:
        is_there: False for a record that was deleted or merged into another.
    """

    is_there: bool
    currencies: frozenset[str] | None = None
    subsidiaries: frozenset[str] | None = None

    def lacks(self, record: Record) -> list[Lack]:
        """List what a document needs and the customer does not have."""
        known = {"currency": self.currencies, "subsidiary": self.subsidiaries}
        return [
            Lack(field, str(wanted), tuple(sorted(present)))
            for field, present in known.items()
            if present is not None
            and (wanted := record.columns.get(field)) is not None
            and wanted not in present
        ]

    def extended(self, lacks: Iterable[Lack]) -> "CustomerBooks":
        """Tell what the customer has once these were added."""
        added: dict[str, set[str]] = {"currency": set(), "subsidiary": set()}
        for lack in lacks:
            added[lack.field].add(lack.wanted)
        return CustomerBooks(
            self.is_there,
            None if self.currencies is None else self.currencies | added["currency"],
            None if self.subsidiaries is None else self.subsidiaries | added["subsidiary"],
        )


def read_books(found: Found) -> CustomerBooks:
    """Read a look-up of a customer by its internal id."""
    if found.status == FindStatus.DENIED:
        return CustomerBooks(is_there=True)
    if not found.records:
        return CustomerBooks(is_there=False)
    fields = found.records[0].fields
    return CustomerBooks(
        is_there=True, currencies=_ids(fields, "currencies"), subsidiaries=_ids(fields, "subsidiaries")
    )


def _ids(fields: Mapping[str, object], name: str) -> frozenset[str] | None:
    given = fields.get(name)
    return frozenset(map(str, given)) if isinstance(given, list | tuple) and given else None


def customer_of(record: Record) -> Reference | None:
    """Tell whose document a record is."""
    for field in ("entity", "customer"):
        value = record.columns.get(field)
        if isinstance(value, Reference):
            return value
    return None


def extension_lines(lacks: Iterable[Lack]) -> dict[str, tuple[Line, ...]]:
    """Write the lines that give a customer what it lacks, each once."""
    lines: dict[str, tuple[Line, ...]] = {}
    for field, wanted in dict.fromkeys((lack.field, lack.wanted) for lack in lacks):
        lines[_SUBLISTS[field]] = (*lines.get(_SUBLISTS[field], ()), {field: wanted})
    return lines


def find_by_id(customer: InternalId) -> dict[str, str]:
    """Ask for a customer by its internal id."""
    return {"type": "customer", "id": customer}
