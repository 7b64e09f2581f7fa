"""The account: records are made, loaded, changed and saved here, and read by tests and control."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from lago_ns_cli.simulator import world
from lago_ns_cli.simulator.netsuite.administrator import Administrator
from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.cabinet import FileCabinet
from lago_ns_cli.simulator.netsuite.custom_records import CustomRecordRules
from lago_ns_cli.simulator.netsuite.customers import CustomerRules
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, missing_values, record_missing
from lago_ns_cli.simulator.netsuite.fields import FieldCatalog, clean_values
from lago_ns_cli.simulator.netsuite.masters import Masters
from lago_ns_cli.simulator.netsuite.payments import PaymentRules
from lago_ns_cli.simulator.netsuite.periods import require_open_books
from lago_ns_cli.simulator.netsuite.permissions import ADMINISTRATOR, ROLES, require_permission
from lago_ns_cli.simulator.netsuite.record_rules import Change, RecordRules, Saving
from lago_ns_cli.simulator.netsuite.sales import SalesRules
from lago_ns_cli.simulator.netsuite.seed import deploy_objects, seed_masters
from lago_ns_cli.simulator.netsuite.setup_pages import SetupPages
from lago_ns_cli.simulator.netsuite.store import TRANSACTIONS, Store, StoredRecord
from lago_ns_cli.simulator.netsuite.submitting import submit_values
from lago_ns_cli.simulator.netsuite.switches import Switches
from lago_ns_cli.simulator.netsuite.transactions import CREDIT_MEMO, INVOICE
from lago_ns_cli.simulator.netsuite.values import Draft, FieldInfo, Role, Value, as_text

TaxRegime = Literal["suitetax", "legacy"]

FEATURES = MappingProxyType(
    {
        "SUBSIDIARIES": True,
        "MULTICURRENCY": True,
        "DEPARTMENTS": True,
        "CLASSES": True,
        "LOCATIONS": True,
        "ADVANCEDREVENUERECOGNITION": True,
    }
)


_LOOKS_LIKE_ID = re.compile(r"[0-9]{1,18}\Z")

_KEYS = 'SELECT id, externalid, foreigntotal FROM "transaction" WHERE recordtype = ? ORDER BY id'

_DESCRIBED_AS = {"item": "lines", "currency": "currencies", "submachine": "subsidiaries"}
"""Sublists whose own name says less, or is that of a body field."""


class Account:
    """A simulated NetSuite account.

    Args:
        tax_regime: Which of NetSuite's two tax systems the account uses.
        now: The time, aware and in UTC.
        state: The file that keeps the account across restarts; None keeps it in memory.
        switches: How it behaves where NetSuite's own behaviour is not verified.

    Attributes:
        connection: The tables under their SuiteQL names; see ``schema.py``.
        administrator: What a person does in the account.
        setup: What an administrator changes in its set-up.

    Raises:
        ValueError: The state file was made for the other tax regime.
    """

    def __init__(
        self,
        *,
        tax_regime: TaxRegime,
        now: Callable[[], datetime],
        state: Path | None = None,
        switches: Switches | None = None,
    ) -> None:
        self.account_id = world.ACCOUNT_ID
        self.tax_regime: TaxRegime = tax_regime
        self.roles: Mapping[str, Role] = ROLES
        self.features: Mapping[str, bool] = FEATURES | {"TAX_OVERHAULING": tax_regime == "suitetax"}
        self.store = Store(None, _seeded(tax_regime)) if state is None else _seed(Store(state), tax_regime)
        self.connection = self.store.connection
        masters = Masters(self.store)
        masters.reload()
        catalog = FieldCatalog.read(self.store, tax_regime)
        self.books = Books(self.store, masters, catalog, switches or Switches(), tax_regime, now)
        self.cabinet = FileCabinet(self.books)
        self._rules: dict[str, RecordRules] = {
            "customer": CustomerRules(self.books),
            "invoice": SalesRules(self.books, INVOICE),
            "creditmemo": SalesRules(self.books, CREDIT_MEMO),
            "customerpayment": PaymentRules(self.books),
        }
        self.administrator = Administrator(self)
        self.setup = SetupPages(self)
        self._seed_customer()

    def close(self) -> None:
        """Release the state file."""
        self.store.close()

    @property
    def switches(self) -> Switches:
        """How the account behaves where NetSuite's own behaviour is not verified; may be replaced."""
        return self.books.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        self.books.switches = switches

    def new(
        self,
        type: str,  # noqa: A002
        role: Role,
        *,
        dynamic: bool,
        defaults: Mapping[str, Value] | None = None,
    ) -> Draft:
        """A record that is not saved yet.

        Args:
            defaults: Body fields to begin with, such as ``{"entity": "98765"}``; each fills in what follows from it.

        Raises:
            NetSuiteError: INVALID_RCRD_TYPE, INSUFFICIENT_PERMISSION.
        """
        rules = self._rules_of(type)
        require_permission(role, type, "CREATE")
        draft = Draft(type, dynamic=dynamic)
        rules.start(draft)
        for name, value in (defaults or {}).items():
            draft.body[name] = value
            rules.field_changed(Change(draft, name))
        return draft

    def load(self, type: str, id: str, role: Role, *, dynamic: bool) -> Draft:  # noqa: A002
        """A saved record, with what other records changed since.

        Raises:
            NetSuiteError: RCRD_DSNT_EXIST, SSS_RECORD_TYPE_MISMATCH, INVALID_RCRD_TYPE, INSUFFICIENT_PERMISSION.
        """
        rules = self._rules_of(type)
        require_permission(role, type, "VIEW")
        stored = self._stored(rules, type, id)
        draft = Draft(type, str(stored.id), dynamic, stored.body, stored.sublists, stored.version)
        rules.refresh(draft)
        rules.list_open_invoices(draft)
        return draft

    def field_changed(
        self, draft: Draft, field_id: str, sublist: str | None = None, line: int | None = None
    ) -> None:
        """Fill in what follows from a field that a script just set, as a form does.

        Raises:
            NetSuiteError: The value cannot be worked with, or its place is not open yet (tax rows before a nexus).
        """
        # The role was asked for its permission when it made or loaded the draft.
        self._rules_of(draft.type).field_changed(Change(draft, field_id, sublist, line))

    def line_begun(self, draft: Draft, sublist: str) -> None:
        """Hear that a script fills in a line.

        Raises:
            NetSuiteError: The sublist is not open yet (tax rows before a nexus).
        """
        self._rules_of(draft.type).line_begun(draft, sublist)

    def line_sources(self, type: str, sublist: str) -> Container[str] | None:  # noqa: A002
        """The fields of a sublist's lines from which something follows; None where that is any of them."""
        return self._rules_of(type).line_sources.get(sublist)

    def save(self, draft: Draft, role: Role, *, ignore_mandatory: bool = False) -> str:
        """Validate, total and store a record, all of it or nothing.

        Returns:
            Its internal id.

        Raises:
            NetSuiteError: What NetSuite refuses; RCRD_HAS_BEEN_CHANGED where it was saved by others meanwhile.
        """
        rules = self._rules_of(draft.type)
        require_permission(role, draft.type, "CREATE" if draft.id is None else "EDIT")
        with self.store.transaction():
            stored = None if draft.id is None else self._unchanged(rules, draft)
            clean = self._cleaned(draft)
            if not ignore_mandatory and (labels := rules.missing(clean)):
                raise missing_values(labels)
            own_id = None if stored is None else stored.id
            self.books.require_unique_external_id(rules.pool, clean.text("externalid"), own_id)
            record_id = self.store.next_in(rules.pool) if own_id is None else own_id
            rules.save(Saving(clean, stored, role, record_id))
            self._keep(rules, clean, record_id, stored)
        return str(record_id)

    def submit_fields(self, type: str, id: str, values: Mapping[str, Value], role: Role) -> str:  # noqa: A002
        """Set single fields without sourcing or totals.

        Raises:
            NetSuiteError: INSUFFICIENT_FLD_PERMISSION for a field that cannot be edited inline.
        """
        rules = self._rules_of(type)
        require_permission(role, type, "EDIT")
        with self.store.transaction():
            stored = self._stored(rules, type, id)
            submit_values(self.books, rules.pool, stored, values, role)
        return str(stored.id)

    def delete(self, type: str, id: str, role: Role) -> None:  # noqa: A002
        """Delete a record; its internal id is never used again.

        Raises:
            NetSuiteError: TRANS_IN_USE and its like while others depend on it, TRAN_PERIOD_CLOSED.
        """
        rules = self._rules_of(type)
        require_permission(role, type, "FULL")
        with self.store.transaction():
            stored = self._stored(rules, type, id)
            self._require_open_books(rules, stored, role)
            rules.erase(stored.id)
            self.store.execute("DELETE FROM _record WHERE pool = ? AND id = ?", (rules.pool, stored.id))

    def void(self, type: str, id: str, role: Role) -> str:  # noqa: A002
        """Void a document where it stands: its amounts become zero.

        Raises:
            NetSuiteError: TRANS_IN_USE while it is applied, TRAN_PERIOD_CLOSED, INVALID_RCRD_TYPE for what is no document.
        """
        rules = self._rules_of(type)
        require_permission(role, type, "EDIT")
        with self.store.transaction():
            stored = self._stored(rules, type, id)
            self._require_open_books(rules, stored, role)
            draft = Draft(type, str(stored.id), False, stored.body, stored.sublists, stored.version)
            draft.body["lastmodifieddate"] = self.books.timestamp()
            rules.void(draft)
            self._keep(rules, draft, stored.id, stored)
        return str(stored.id)

    def fields(self, type: str, role: Role, sublist: str | None = None) -> Sequence[FieldInfo]:  # noqa: A002
        """The fields of a record's body or sublist as the role's form shows them.

        Raises:
            NetSuiteError: INVALID_RCRD_TYPE, INSUFFICIENT_PERMISSION.
        """
        self._rules_of(type)
        require_permission(role, type, "VIEW")
        return tuple(self.books.catalog.of(type, sublist).values())

    def sublists(self, type: str) -> Sequence[str]:  # noqa: A002
        """The ids of a record type's sublists."""
        return self.books.catalog.sublists(type)

    def save_file(self, name: str, folder: str, contents: str, role: Role) -> str:
        """Store a text in the File Cabinet; see :meth:`FileCabinet.save`."""
        return self.cabinet.save(name, folder, contents, role)

    def load_file(self, id_or_path: str, role: Role) -> str:
        """Read a text from the File Cabinet; see :meth:`FileCabinet.load`."""
        return self.cabinet.load(id_or_path, role)

    def records(self, type: str) -> list[dict[str, Any]]:  # noqa: A002
        """All records of a type as plain data, by ascending id, for tests and control.

        Returns:
            Every body field, ``id``, and the sublists; items stand under ``lines``, a customer's under
            ``currencies``, ``subsidiaries`` and ``addressbook``, and of ``apply`` only what is
            applied, as ``{"doc", "amount"}``. Amounts are exact decimal strings.
        """
        rules = self._rules_of(type)
        return [self._described(type, record_id) for record_id in self.store.ids_of(rules.pool, type)]

    def keys(self, type: str) -> list[tuple[int, str | None, str]]:  # noqa: A002
        """Internal id, external id and total of all documents of a type, without loading them."""
        return self.store.rows(_KEYS, (type,))

    def _described(self, type: str, record_id: int) -> dict[str, Any]:  # noqa: A002
        rules = self._rules_of(type)
        stored = self._stored(rules, type, str(record_id))
        draft = Draft(type, str(record_id), False, stored.body, stored.sublists, stored.version)
        rules.refresh(draft)
        described: dict[str, Any] = {"id": draft.id, "externalid": None} | draft.body
        if type == "customerpayment":
            described |= {"entity": draft.body["customer"], "amountremaining": draft.body["unapplied"]}
        for sublist, lines in draft.sublists.items():
            described[_DESCRIBED_AS.get(sublist, sublist)] = lines
        if type in ("creditmemo", "customerpayment"):
            described["apply"] = self._applications_of(record_id)
        return described

    def _applications_of(self, record_id: int) -> list[dict[str, str]]:
        rows = self.store.rows(
            "SELECT previousdoc, foreignamount FROM previoustransactionlinelink WHERE nextdoc = ? ORDER BY previousdoc",
            (record_id,),
        )
        return [{"doc": str(invoice), "amount": amount} for invoice, amount in rows]

    def _rules_of(self, record_type: str) -> RecordRules:
        rules = self._rules.get(record_type)
        if rules is None and self.books.catalog.has_type(record_type):
            rules = self._rules[record_type] = CustomRecordRules(self.books, record_type)
        if rules is None:
            raise NetSuiteError("INVALID_RCRD_TYPE", f"The record type is invalid: {record_type}.")
        return rules

    def _stored(self, rules: RecordRules, record_type: str, record_id: str) -> StoredRecord:
        stored = (
            self.store.read_record(rules.pool, int(record_id)) if _LOOKS_LIKE_ID.match(record_id) else None
        )
        if stored is None:
            raise record_missing()
        if stored.type != record_type:
            raise NetSuiteError(
                "SSS_RECORD_TYPE_MISMATCH",
                f"The record {record_id} is of type {stored.type}, not of type {record_type}.",
            )
        return stored

    def _require_open_books(self, rules: RecordRules, stored: StoredRecord, role: Role) -> None:
        if rules.pool == TRANSACTIONS:
            require_open_books(self.books, as_text(stored.body.get("postingperiod")), role)

    def _unchanged(self, rules: RecordRules, draft: Draft) -> StoredRecord:
        stored = self._stored(rules, draft.type, draft.id or "")
        if stored.version != draft.loaded_version:
            raise NetSuiteError("RCRD_HAS_BEEN_CHANGED", "Record has been changed")
        return stored

    def _cleaned(self, draft: Draft) -> Draft:
        catalog, masters = self.books.catalog, self.books.masters
        body = clean_values(catalog.of(draft.type), draft.body, masters)
        sublists = {
            name: [_clean_line(catalog.of(draft.type, name), line, masters) for line in lines]
            for name, lines in draft.sublists.items()
            if catalog.of(draft.type, name)
        }
        return replace(draft, body=body, sublists=sublists)

    def _keep(self, rules: RecordRules, draft: Draft, record_id: int, stored: StoredRecord | None) -> None:
        kept = {name: lines for name, lines in draft.sublists.items() if name != "apply"}
        version = 1 if stored is None else stored.version + 1
        self.store.write_record(rules.pool, StoredRecord(draft.type, record_id, version, draft.body, kept))

    def _seed_customer(self) -> None:
        rules = self._rules_of("customer")
        sample_id = int(world.SAMPLE_CUSTOMER_ID)
        if self.store.one("SELECT 1 FROM _setting WHERE name = 'sample_customer'") is not None:
            return
        with self.store.transaction():
            self.store.execute(
                "INSERT INTO _setting (name, value) VALUES ('sample_customer', ?)", (sample_id,)
            )
            draft = self.new("customer", ADMINISTRATOR, dynamic=False)
            draft.body |= {
                "companyname": "Hooli Inc.",
                "subsidiary": "2",
                "currency": "1",
                "email": "ap@hooli.example",
            }
            rules.save(Saving(draft, None, ADMINISTRATOR, sample_id))
            self._keep(rules, draft, sample_id, None)


@cache
def _seeded(tax_regime: TaxRegime) -> Store:
    """What every account in memory begins with: the rows depend on the tax regime alone, and take long to make."""
    return _seed(Store(None), tax_regime)


def _seed(store: Store, tax_regime: TaxRegime) -> Store:
    seed_masters(store, tax_regime)
    deploy_objects(store)
    return store


def _clean_line(fields: Mapping[str, FieldInfo], line: dict[str, Any], masters: Masters) -> dict[str, Any]:
    cleaned: dict[str, Any] = clean_values(fields, line, masters)
    for name in ("addressbookaddress", "internalid"):
        if name in line:
            cleaned[name] = line[name]
    return cleaned
