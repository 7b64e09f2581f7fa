"""Customers: names and numbers, currencies, subsidiaries and addresses."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lago_ns_cli.simulator.netsuite.errors import (
    NetSuiteError,
    field_violation,
    invalid_reference,
    missing_values,
)
from lago_ns_cli.simulator.netsuite.fields import ADDRESS_FIELDS, clean_values
from lago_ns_cli.simulator.netsuite.record_rules import Change, RecordRules, Saving
from lago_ns_cli.simulator.netsuite.store import ENTITIES, Store, StoredRecord
from lago_ns_cli.simulator.netsuite.values import Draft, Line, as_flag, as_letter, as_text

_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_CLOSED_WON = "13"
_FIRST_NUMBER = 10_001


@dataclass(frozen=True)
class CustomerRow:
    """What documents need to know of a customer."""

    id: str
    inactive: bool
    subsidiary: str
    currency: str
    terms: str | None
    currencies: frozenset[str]
    subsidiaries: frozenset[str]


def find_customer(store: Store, customer_id: str) -> CustomerRow | None:
    """The customer with that id, or None."""
    row = store.one(
        "SELECT isinactive, subsidiary, currency, terms FROM customer WHERE id = ?", (customer_id,)
    )
    if row is None:
        return None
    inactive, subsidiary, currency, terms = row
    return CustomerRow(
        customer_id,
        inactive == "T",
        str(subsidiary),
        str(currency),
        as_text(terms),
        _set(store.rows("SELECT currency FROM customercurrencybalance WHERE customer = ?", (customer_id,))),
        _set(
            store.rows(
                "SELECT subsidiary FROM customersubsidiaryrelationship WHERE entity = ?", (customer_id,)
            )
        ),
    )


def _set(rows: Iterable[tuple[object, ...]]) -> frozenset[str]:
    return frozenset(str(row[0]) for row in rows)


class CustomerRules(RecordRules):
    """How customers are made and changed."""

    pool = ENTITIES

    def start(self, draft: Draft) -> None:
        """Fill in what a new customer begins with."""
        draft.body |= {"autoname": True, "isperson": False, "isinactive": False, "entitystatus": _CLOSED_WON}

    def field_changed(self, change: Change) -> None:
        """Fill in what follows from a changed field: a subsidiary brings its currency."""
        if change.sublist is None and change.field == "subsidiary":
            self._source_currency(change.draft)

    def missing(self, draft: Draft) -> list[str]:
        """Labels of mandatory fields that are empty: the names, by the kind of customer, and custom fields."""
        needed = (
            (("firstname", "First Name"), ("lastname", "Last Name"))
            if draft.flag("isperson")
            else (("companyname", "Company Name"),)
        )
        return [label for name, label in needed if draft.text(name) is None] + super().missing(draft)

    def save(self, saving: Saving) -> None:
        """Complete and validate the draft, then write its rows.

        Raises:
            NetSuiteError: What NetSuite refuses.
        """
        draft, stored = saving.draft, saving.stored
        if draft.text("subsidiary") is None:
            raise missing_values(["Primary Subsidiary"])
        self._source_currency(draft)
        self._check_parent(draft)
        if stored is not None:
            self._refuse_moving_books(draft, stored)
        draft.body["altname"] = _full_name(draft)
        self._assign_entity_id(draft, stored)
        draft.sublists["currency"] = self._listed(draft, "currency", "currency")
        draft.sublists["submachine"] = self._listed(draft, "submachine", "subsidiary")
        draft.sublists["addressbook"] = self._addresses(draft.lines("addressbook"))
        now = self._books.timestamp()
        draft.body["datecreated"] = stored.body["datecreated"] if stored else now
        draft.body["lastmodifieddate"] = now
        self._write(draft, saving.record_id)

    def _write(self, draft: Draft, record_id: int) -> None:
        store, body = self._books.store, draft.body
        row: dict[str, object] = {name: draft.text(name) for name in _TEXT_COLUMNS}
        row |= {name: as_letter(draft.flag(name)) for name in ("isperson", "isinactive")}
        row |= {name: as_text(body.get(name)) for name in self._books.catalog.custom("customer")}
        store.put("customer", row | {"id": record_id})
        store.execute("DELETE FROM customercurrencybalance WHERE customer = ?", (record_id,))
        store.execute_many(
            "INSERT INTO customercurrencybalance (customer, currency) VALUES (?, ?)",
            [(record_id, line["currency"]) for line in draft.lines("currency")],
        )
        store.execute("DELETE FROM customersubsidiaryrelationship WHERE entity = ?", (record_id,))
        store.execute_many(
            "INSERT INTO customersubsidiaryrelationship (entity, subsidiary, isprimarysub) VALUES (?, ?, ?)",
            [
                (record_id, line["subsidiary"], as_letter(line["subsidiary"] == body["subsidiary"]))
                for line in draft.lines("submachine")
            ],
        )
        self._write_addresses(draft.lines("addressbook"), record_id)

    def _write_addresses(self, lines: list[Line], record_id: int) -> None:
        store = self._books.store
        self._erase_addresses(record_id)
        for line in lines:
            key, address = line["internalid"], line["addressbookaddress"]
            marks = {
                name: as_letter(as_flag(line.get(name), name))
                for name in ("defaultbilling", "defaultshipping")
            }
            book = {
                "internalid": key,
                "entity": record_id,
                "addressbookaddress": key,
                "label": line.get("label"),
            }
            store.put("customeraddressbook", book | marks)
            parts = {name: as_text(address.get(name)) for name in _ADDRESS_COLUMNS}
            store.put("customeraddressbookentityaddress", {"nkey": key, **parts})

    def _erase_addresses(self, record_id: int) -> None:
        store = self._books.store
        mine = "SELECT addressbookaddress FROM customeraddressbook WHERE entity = ?"
        store.execute(f"DELETE FROM customeraddressbookentityaddress WHERE nkey IN ({mine})", (record_id,))  # noqa: S608
        store.execute("DELETE FROM customeraddressbook WHERE entity = ?", (record_id,))

    def erase(self, record_id: int) -> None:
        """Delete the customer's rows.

        Raises:
            NetSuiteError: Documents or other customers depend on it.
        """
        store = self._books.store
        used = store.one('SELECT 1 FROM "transaction" WHERE entity = ?', (record_id,))
        if used or store.one("SELECT 1 FROM customer WHERE parent = ?", (record_id,)):
            raise NetSuiteError(
                "THIS_RECORD_CANNOT_BE_DELETED_BECAUSE_IT_HAS_DEPENDENT_RECORDS",
                "This record cannot be deleted because it has dependent records",
            )
        store.execute("DELETE FROM customer WHERE id = ?", (record_id,))
        store.execute("DELETE FROM customercurrencybalance WHERE customer = ?", (record_id,))
        store.execute("DELETE FROM customersubsidiaryrelationship WHERE entity = ?", (record_id,))
        self._erase_addresses(record_id)

    def _source_currency(self, draft: Draft) -> None:
        subsidiary = self._books.masters.subsidiaries.get(draft.text("subsidiary") or "")
        if subsidiary is not None and draft.text("currency") is None:
            draft.body["currency"] = subsidiary.currency

    def _check_parent(self, draft: Draft) -> None:
        parent = draft.text("parent")
        if parent is None:
            return
        found = find_customer(self._books.store, parent)
        if found is None or found.inactive or parent == draft.id:
            raise invalid_reference("parent", parent)

    def _refuse_moving_books(self, draft: Draft, stored: StoredRecord) -> None:
        for name in ("subsidiary", "currency"):
            if draft.text(name) != as_text(stored.body.get(name)) and self._books.store.one(
                'SELECT 1 FROM "transaction" WHERE entity = ?', (stored.id,)
            ):
                raise field_violation(name)

    def _assign_entity_id(self, draft: Draft, stored: StoredRecord | None) -> None:
        switches, wanted = self._books.switches, draft.text("entityid")
        kept = as_text(stored.body.get("entityid")) if stored else None
        automatic = as_flag(draft.body.get("autoname"), "autoname")
        if automatic or wanted is None:
            draft.body["entityid"] = (
                kept if switches.customer_numbering and kept else self._next_entity_id(draft)
            )
        elif switches.customer_numbering and not switches.customer_number_override and wanted != kept:
            raise field_violation("entityid")
        self._require_unique_entity_id(draft, stored)

    def _next_entity_id(self, draft: Draft) -> str | None:
        if not self._books.switches.customer_numbering:
            return draft.text("altname")
        return f"CUST{self._books.store.next_in('customer number', first=_FIRST_NUMBER)}"

    def _require_unique_entity_id(self, draft: Draft, stored: StoredRecord | None) -> None:
        taken = self._books.store.one(
            "SELECT 1 FROM customer WHERE entityid = ? AND id <> ?",
            (draft.text("entityid"), stored.id if stored else -1),
        )
        if taken:
            raise NetSuiteError(
                "UNIQUE_CUST_ID_REQD",
                "A customer record with this ID already exists. "
                "You must enter a unique customer ID for each record you create or update.",
            )

    def _listed(self, draft: Draft, sublist: str, field: str) -> list[Line]:
        """The lines of a list of ids, the primary one first and each once."""
        listed = [draft.text(field), *(as_text(line.get(field)) for line in draft.lines(sublist))]
        return [{field: key} for key in dict.fromkeys(listed) if key is not None]

    def _addresses(self, lines: list[Line]) -> list[Line]:
        checked: list[Line] = []
        for line in lines:
            address = clean_values(ADDRESS_FIELDS, line.get("addressbookaddress") or {}, self._books.masters)
            country = address.get("country")
            if isinstance(country, str) and not _COUNTRY.match(country):
                raise invalid_reference("country", country)
            for default in ("defaultbilling", "defaultshipping"):
                if as_flag(line.get(default), default):
                    for earlier in checked:
                        earlier[default] = False
            key = line.get("internalid") or str(self._books.store.next_in("address", first=1))
            checked.append({**line, "internalid": key, "addressbookaddress": address})
        return checked


_ADDRESS_COLUMNS = tuple(name for name in ADDRESS_FIELDS if name != "override")

_TEXT_COLUMNS = (
    "externalid",
    "entityid",
    "companyname",
    "firstname",
    "lastname",
    "altname",
    "email",
    "phone",
    "subsidiary",
    "currency",
    "parent",
    "terms",
    "entitystatus",
    "datecreated",
    "lastmodifieddate",
)


def _full_name(draft: Draft) -> str:
    if draft.flag("isperson"):
        return " ".join(part for part in (draft.text("firstname"), draft.text("lastname")) if part)
    return draft.text("companyname") or ""
