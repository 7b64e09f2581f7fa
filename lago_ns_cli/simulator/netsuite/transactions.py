"""What all documents share: their customer, date, period and number, and how they are written to the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.customers import CustomerRow, find_customer
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, invalid_reference, missing_values
from lago_ns_cli.simulator.netsuite.periods import (
    edit_disallowed,
    find_period,
    period_of,
    require_posting_period,
)
from lago_ns_cli.simulator.netsuite.permissions import NON_GL_CHANGES, has_permission
from lago_ns_cli.simulator.netsuite.record_rules import Saving
from lago_ns_cli.simulator.netsuite.store import StoredRecord
from lago_ns_cli.simulator.netsuite.values import Draft, Line, Value, as_date, as_text, show

_POSTED_FIELDS: Final = (
    "entity",
    "customer",
    "subsidiary",
    "currency",
    "trandate",
    "postingperiod",
    "account",
    "aracct",
    "total",
    "taxtotal",
    "department",
    "class",
    "location",
)
"""Body fields that reach the general ledger."""

_POSTED_COLUMNS: Final = ("item", "amount", "department", "class", "location", "taxcode", "tax1amt")

_APPLICATION_FIELDS: Final = frozenset(
    {
        "applied",
        "unapplied",
        "amountremaining",
        "amountpaid",
        "autoapply",
        "status",
        "statusref",
        "lastmodifieddate",
    }
)


@dataclass(frozen=True)
class TransactionType:
    """A document type: its code in SuiteQL, the field that names its customer, and its numbers' prefix."""

    record_type: str
    code: str
    label: str
    entity_field: str
    receivables_field: str
    prefix: str


INVOICE = TransactionType("invoice", "CustInvc", "Invoice", "entity", "account", "INV")
CREDIT_MEMO = TransactionType("creditmemo", "CustCred", "Credit Memo", "entity", "account", "CM")
PAYMENT = TransactionType("customerpayment", "CustPymt", "Payment", "customer", "aracct", "PYMT")

TRANSACTION_TYPES: Final = {kind.record_type: kind for kind in (INVOICE, CREDIT_MEMO, PAYMENT)}


@dataclass
class Posting:
    """What a checked document puts into the tables, beyond what its draft says.

    Attributes:
        sign: 1 where the receivables line adds to what the customer owes, −1 where it takes off.
        applied: Amounts by internal id of the invoice.
    """

    kind: TransactionType
    sign: int
    total: Decimal
    status: str
    paid: Decimal
    unpaid: Decimal
    unused: Decimal | None = None
    taxes: Sequence[tuple[str, str, Decimal]] = ()
    applied: dict[str, Decimal] = field(default_factory=dict)


def source_customer(books: Books, draft: Draft, kind: TransactionType) -> None:
    """What a form fills in once the customer is chosen."""
    customer = find_customer(books.store, draft.text(kind.entity_field) or "")
    if customer is None:
        return
    draft.body["subsidiary"] = customer.subsidiary
    draft.body["currency"] = customer.currency
    draft.body[kind.receivables_field] = books.masters.account_of_type("AcctRec")
    if kind is not PAYMENT:
        draft.body["terms"] = customer.terms
        source_nexus(books, draft)
        source_due_date(books, draft)


def source_nexus(books: Books, draft: Draft) -> None:
    """The subsidiary's own nexus, unless the draft overrides it."""
    row = books.masters.subsidiaries.get(draft.text("subsidiary") or "")
    if row is not None and row.nexuses and not draft.flag("taxregoverride"):
        draft.body["nexus"] = row.nexuses[0]


def source_due_date(books: Books, draft: Draft) -> None:
    """The document's date plus the days of its terms."""
    terms, day = draft.text("terms"), draft.text("trandate")
    if terms is not None and day is not None and terms in books.masters.term_days:
        due = date.fromisoformat(as_date(day, "trandate")) + timedelta(days=books.masters.term_days[terms])
        draft.body["duedate"] = due.isoformat()


def source_missing(books: Books, draft: Draft, kind: TransactionType) -> None:
    """Fill in what the draft leaves open and check its customer, subsidiary, currency and account.

    Raises:
        NetSuiteError: INVALID_KEY_OR_REF naming what does not fit what, or USER_ERROR for a missing customer.
    """
    customer = _require_customer(books, draft, kind)
    defaults: dict[str, str | None] = {
        "subsidiary": customer.subsidiary,
        "currency": customer.currency,
        "trandate": books.today(),
        kind.receivables_field: books.masters.account_of_type("AcctRec"),
    }
    for name, value in defaults.items():
        if draft.text(name) is None:
            draft.body[name] = value
    _require_books_of(customer, draft, kind)
    _require_receivables(books, draft, kind)
    if draft.text("exchangerate") is None:
        draft.body["exchangerate"] = _exchange_rate(books, draft)


def _require_customer(books: Books, draft: Draft, kind: TransactionType) -> CustomerRow:
    key = draft.text(kind.entity_field)
    if key is None:
        raise missing_values(["Customer"])
    customer = find_customer(books.store, key)
    if customer is None or customer.inactive:
        raise invalid_reference(kind.entity_field, key)
    return customer


def _require_books_of(customer: CustomerRow, draft: Draft, kind: TransactionType) -> None:
    allowed = {"subsidiary": customer.subsidiaries, "currency": customer.currencies}
    for name, keys in allowed.items():
        key = draft.text(name) or ""
        if key not in keys:
            raise invalid_reference(name, key, f"{kind.entity_field} {customer.id}")


def _require_receivables(books: Books, draft: Draft, kind: TransactionType) -> None:
    key = draft.text(kind.receivables_field) or ""
    account = books.masters.accounts.get(key)
    if account is None or account.type != "AcctRec":
        raise invalid_reference(kind.receivables_field, key)


def _exchange_rate(books: Books, draft: Draft) -> str:
    base = books.masters.subsidiaries[draft.text("subsidiary") or ""].currency
    own = draft.text("currency") or ""
    if own == base:
        return "1"
    rates = books.masters.currencies
    return show(Decimal(rates[own].rate) / Decimal(rates[base].rate), 8)


def assign_period(books: Books, saving: Saving) -> None:
    """Set the posting period of a new document, or of one whose date or period changes.

    Raises:
        NetSuiteError: As :func:`require_posting_period`.
    """
    draft, stored = saving.draft, saving.stored
    unchanged = stored is not None and all(
        draft.text(name) == as_text(stored.body.get(name)) for name in ("trandate", "postingperiod")
    )
    if not unchanged:
        draft.body["postingperiod"] = require_posting_period(
            books, draft.text("trandate") or "", draft.text("postingperiod"), saving.role
        )


def refuse_closed_edits(books: Books, saving: Saving) -> None:
    """Refuse edits of a document in a closed period; applying and unapplying changes no period's books.

    Raises:
        NetSuiteError: TRAN_PERIOD_CLOSED where the general ledger would change, TRANS_EDIT_DISALLWD otherwise for a
            role that may not make such edits.
    """
    draft, stored, role = saving.draft, saving.stored, saving.role
    if stored is None:
        return
    period = find_period(books.store, as_text(stored.body.get("postingperiod")) or "")
    if period is None or period.is_open_for(role):
        return
    if _posted_part(draft.body, draft.lines("item")) != _posted_part(
        stored.body, stored.sublists.get("item", [])
    ):
        raise NetSuiteError(
            "TRAN_PERIOD_CLOSED", f"The posting period {period.name} of this transaction is closed."
        )
    if _other_part(draft) != _other_part(stored) and not has_permission(role, NON_GL_CHANGES, "VIEW"):
        raise edit_disallowed(period)


def _posted_part(body: dict[str, Value], lines: list[Line]) -> object:
    return (
        [as_text(body.get(name)) for name in _POSTED_FIELDS],
        [[as_text(line.get(name)) for name in _POSTED_COLUMNS] for line in lines],
    )


def _other_part(record: Draft | StoredRecord) -> object:
    body = {
        name: as_text(value)
        for name, value in record.body.items()
        if name not in _APPLICATION_FIELDS and as_text(value) not in (None, "F")
    }
    return body, record.sublists.get("item", [])


def assign_number(books: Books, saving: Saving, kind: TransactionType) -> None:
    """Give the document its number: its own where that is allowed, else the next one."""
    draft, stored = saving.draft, saving.stored
    kept = as_text(stored.body.get("tranid")) if stored else None
    if draft.text("tranid") is None or not books.switches.tranid_override:
        sequence = f"{kind.prefix} number"
        draft.body["tranid"] = kept or f"{kind.prefix}{books.store.next_in(sequence, first=1001)}"


def stamp(books: Books, saving: Saving) -> None:
    """Set when the document was made and changed, and give new lines their keys."""
    draft, stored, now = saving.draft, saving.stored, books.timestamp()
    draft.body["createddate"] = stored.body["createddate"] if stored else now
    draft.body["lastmodifieddate"] = now
    new = [line for line in draft.lines("item") if as_text(line.get("lineuniquekey")) is None]
    if new:
        key = books.store.next_in("line", len(new), first=500_001)
        for offset, line in enumerate(new):
            line["lineuniquekey"] = str(key + offset)


def source_dates(books: Books, draft: Draft) -> None:
    """What a form fills in once the date is chosen: its period."""
    period = period_of(books.store, draft.text("trandate") or "")
    draft.body["postingperiod"] = None if period is None else period.id
