"""What people do in NetSuite while our runs go on, and what has to be true of it afterwards.

A record that a person deletes and that the ledger knows is never made anew. What a person writes on a record stays.
The documents of a customer that a person merges into another record wait until somebody says which record that is.
Nothing else changes: what a person did not touch ends as if nobody had touched anything.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from lago_ns_cli.domain.applications import APPLICATION
from lago_ns_cli.domain.attempts import SETTLED, Entry, State
from lago_ns_cli.domain.identifiers import Key
from lago_ns_cli.simulator.app import Simulator
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError
from lago_ns_cli.simulator.netsuite.people import ActionError
from tests.campaigns.books import TYPES, Books

NOTE = "checked by the auditors"
PHONE = "+1 555 0100"
EMAIL = "books@example.com"


class DeedKind(StrEnum):
    """What a person may do."""

    NOTE = "writes a note on a document"
    DATE = "changes the date of a document"
    CONTACT = "changes how a customer is reached"
    DELETE = "deletes a record"
    MERGE = "merges a customer into another record"


@dataclass(frozen=True)
class PlannedDeed:
    """A deed that a schedule has drawn.

    Attributes:
        at: The boundary of the process at which it is done, as the number of those it passes.
        pick: Chooses one of the records that are there then, from 0 to 1.
    """

    at: int
    kind: DeedKind
    pick: float


@dataclass(frozen=True)
class Deed:
    """What a person did.

    Attributes:
        record_id: Of the record it was done to.
        known: Whether the ledger had its link by then.
        field: What was written, and what was there before; empty where nothing was.
        into: The record that a customer was merged into.
    """

    kind: DeedKind
    key: Key
    record_type: str
    record_id: str
    known: bool
    field: str = ""
    value: str = ""
    before: str = ""
    into: str = ""


class Person:
    """Somebody with every permission, and a memory."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.deeds: list[Deed] = []

    def act(self, planned: PlannedDeed, link_of: Callable[[Key], str | None]) -> Deed | None:
        """Do something to one of the records that are there; None where there is none, or NetSuite refuses it.

        Args:
            link_of: Tells the internal id that the ledger has for a key.
        """
        found = self._candidates(planned.kind)
        if not found:
            return None
        record_type, row = found[int(planned.pick * len(found))]
        key = Key(row["externalid"])
        known = link_of(key) is not None
        try:
            deed = self._do(planned.kind, key, record_type, row, known=known)
        except (ActionError, NetSuiteError):
            return None
        self.deeds.append(deed)
        return deed

    def take_back(self, deed: Deed) -> None:
        """Write again what was there before, as if nothing had been."""
        self._edit(deed.record_type, deed.record_id, deed.field, deed.before)
        self.deeds.remove(deed)

    def value_of(self, deed: Deed) -> str | None:
        """Read what is written now where a person wrote; None where the record is gone."""
        rows = self._simulator.parts.account.records(deed.record_type)
        return next((str(row[deed.field]) for row in rows if row["id"] == deed.record_id), None)

    def _candidates(self, kind: DeedKind) -> list[tuple[str, dict[str, Any]]]:
        types = {
            DeedKind.CONTACT: ("customer",),
            DeedKind.MERGE: ("customer",),
            DeedKind.DELETE: TYPES,
        }.get(kind, TYPES[1:])
        records = self._simulator.parts.account.records
        return [(name, row) for name in types for row in records(name) if row["externalid"] is not None]

    def _do(self, kind: DeedKind, key: Key, record_type: str, row: Mapping[str, Any], *, known: bool) -> Deed:
        record_id = str(row["id"])
        if kind is DeedKind.DELETE:
            self._perform("delete_record", type=record_type, id=record_id)
            return Deed(kind, key, record_type, record_id, known)
        if kind is DeedKind.MERGE:
            into = self._merge(record_id, row)
            return Deed(kind, key, record_type, record_id, known, into=into)
        field, value = self._writes(kind, key, row)
        self._edit(record_type, record_id, field, value)
        return Deed(kind, key, record_type, record_id, known, field, value, str(row.get(field) or ""))

    def _writes(self, kind: DeedKind, key: Key, row: Mapping[str, Any]) -> tuple[str, str]:
        if kind is DeedKind.NOTE:
            return "memo", NOTE
        if kind is DeedKind.DATE:
            return "trandate", _another_day(row["trandate"])
        # What changes in Lago is carried over, whatever a person wrote there.
        return ("phone", PHONE) if key == changing_customer(self._simulator) else ("email", EMAIL)

    def _merge(self, record_id: str, row: Mapping[str, Any]) -> str:
        """Merge into a record that was there before us, as when two systems had the same customer."""
        values = {
            "companyname": f"{row['altname']} (old)",
            "subsidiary": row["subsidiary"],
            "currency": row["currency"],
        }
        into = self._perform("create_record", type="customer", values=values)
        self._perform("merge_customers", id=record_id, into=into)
        return str(into)

    def _edit(self, record_type: str, record_id: str, field: str, value: str) -> None:
        self._perform("edit_record", type=record_type, id=record_id, values={field: value})

    def _perform(self, action: str, **arguments: Any) -> str | None:
        return self._simulator.parts.people.perform(action, arguments)


def _another_day(day: str) -> str:
    """Choose a day of the same month."""
    told = date.fromisoformat(day)
    return (told + timedelta(days=1 if told.day < 28 else -1)).isoformat()


def changing_customer(simulator: Simulator) -> Key:
    """Name the customer that changes in Lago."""
    (customer,) = simulator.parts.organization.customers.page([], number=1, size=1).documents
    return Key(f"lago:cus:{customer['lago_id']}")


HARMLESS = frozenset({DeedKind.NOTE, DeedKind.CONTACT})
"""What nobody compares: our side goes on as if it had not happened."""


def is_explained(entry: Entry, touched: Collection[str], wanted: Books) -> bool:
    """Tell whether an entry may rest unsettled: its own record, or one that it needs, is among those touched.

    Args:
        wanted: Where an undisturbed world ends, which tells what needs what.
    """
    if entry.state not in (State.HELD, State.WAITING):
        return False
    return not needs(entry, wanted).isdisjoint(touched)


def needs(entry: Entry, wanted: Books) -> set[str]:
    """List the keys of the records that an entry needs, its own among them."""
    found: set[str] = set()
    left = [f"lago:cn:{entry.lago_id}" if entry.kind == APPLICATION else str(entry.key)]
    while left:
        one = left.pop()
        if one in found:
            continue
        found.add(one)
        record = wanted.get(one, {})
        left += [str(target) for target, _ in record.get("apply", ())]
        left += [str(record["entity"])] if record.get("entity") else []
    return found


@dataclass(frozen=True)
class Aftermath:
    """The end of a schedule in which people were at work, when what can be mended is mended.

    Attributes:
        wanted: Where an undisturbed world ends.
        found: What NetSuite holds.
        entries: What the ledger says, by key.
        deeds: What people did and nobody took back.
    """

    wanted: Books
    found: Books
    entries: Mapping[str, Entry]
    deeds: Sequence[Deed]

    def problems(self) -> list[str]:
        """List what must not be."""
        gone = self.wanted.keys() - self.found.keys()
        both = sorted(self.wanted.keys() & self.found.keys())
        return [
            *(f"nobody asked for {key}" for key in sorted(self.found.keys() - self.wanted.keys())),
            *(f"made anew: {key}, which a person deleted" for key in both if self._deleted.get(key)),
            *(f"lost: {key}" for key in sorted(gone) if not self._may_be_gone(key, gone)),
            *(
                f"not settled: {key} is {entry.state} ({entry.code}: {entry.reason})"
                for key, entry in self.entries.items()
                if entry.state not in SETTLED and not is_explained(entry, gone, self.wanted)
            ),
            *(problem for key in both for problem in self._differences(key)),
        ]

    @cached_property
    def _deleted(self) -> dict[str, bool]:
        """Keys of deleted records, and whether the ledger knew one of them."""
        keys: dict[str, bool] = {}
        for deed in self.deeds:
            if deed.kind is DeedKind.DELETE:
                keys[str(deed.key)] = keys.get(str(deed.key), False) or deed.known
        return keys

    def _may_be_gone(self, key: str, gone: Collection[str]) -> bool:
        """A deleted record may be gone if the ledger had it, and one that needs it if the ledger says so."""
        entry = self.entries.get(key)
        if entry is None:
            return False
        if key in self._deleted:
            return entry.state in (State.POSTED, State.HELD)
        return is_explained(entry, set(gone) - {key}, self.wanted)

    def _differences(self, key: str) -> list[str]:
        record = self.found[key]
        meant = {**self.wanted[key], **_by_arithmetic(key, record, self.found)}
        deleted = {deed.record_id for deed in self.deeds if deed.kind is DeedKind.DELETE and deed.key == key}
        for deed in self.deeds:
            if deed.key != key or deed.record_id in deleted:
                continue
            if deed.kind is DeedKind.MERGE:
                meant |= {name: record[name] for name in ("companyname", "email")}
            elif deed.field in meant:
                meant[deed.field] = deed.value
        if "apply" in meant:
            meant["apply"] = self._applied(key)
        return [
            f"{key}: {name} is {record[name]}, not {value}"
            for name, value in meant.items()
            if record[name] != value
        ]

    def _applied(self, key: str) -> list[Any]:
        """Say what has to be applied: all that is there to apply it to, unless that is an entry which rests."""
        application = self.entries.get(key.replace("lago:cn:", "lago:app:"))
        rests = application is not None and application.state is not State.POSTED
        return [
            row
            for row in self.wanted[key]["apply"]
            if row[0] in self.found and (not rests or row in self.found[key]["apply"])
        ]


def _by_arithmetic(key: str, record: Mapping[str, Any], found: Books) -> dict[str, str]:
    """Say what has to be open, by what is applied now."""
    if record["type"] == "customer":
        return {}
    total = Decimal(record["total"])
    if "apply" in record:
        return {"unapplied": str(total - sum(Decimal(amount) for _, amount in record["apply"]))}
    on_it = (amount for one in found.values() for target, amount in one.get("apply", ()) if target == key)
    return {"amountremaining": str(total - sum(Decimal(amount) for amount in on_it))}
