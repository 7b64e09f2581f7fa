"""Invoices and credit memos."""

from decimal import Decimal
from types import MappingProxyType

from lago_ns_cli.simulator.netsuite.applying import (
    apply_lines,
    check_applications,
    post_applications,
    tick_changed_line,
)
from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, field_violation, user_error
from lago_ns_cli.simulator.netsuite.lines import price_changed_line, price_lines
from lago_ns_cli.simulator.netsuite.posting import STATUS_TEXTS, erase_rows, open_status, post_rows
from lago_ns_cli.simulator.netsuite.record_rules import Change, RecordRules, Saving
from lago_ns_cli.simulator.netsuite.store import TRANSACTIONS, StoredRecord
from lago_ns_cli.simulator.netsuite.taxes import (
    compute_taxes,
    merged_by_code,
    require_nexus_for_details,
    require_tax_permission,
)
from lago_ns_cli.simulator.netsuite.transactions import (
    CREDIT_MEMO,
    INVOICE,
    Posting,
    TransactionType,
    assign_number,
    assign_period,
    refuse_closed_edits,
    source_customer,
    source_dates,
    source_due_date,
    source_missing,
    source_nexus,
    stamp,
)
from lago_ns_cli.simulator.netsuite.values import ZERO, Draft, Line, as_number, as_text, show, total_of

_PRICING = frozenset({"quantity", "rate", "amount", "taxcode"})
"""Fields of an item line from which its others follow."""

_PENDING_APPROVAL, _APPROVED, _REJECTED = "1", "2", "3"


class SalesRules(RecordRules):
    """How invoices and credit memos are made, changed and voided."""

    pool = TRANSACTIONS
    line_sources = MappingProxyType({"item": _PRICING, "taxdetails": frozenset()})

    def __init__(self, books: Books, kind: TransactionType) -> None:
        super().__init__(books)
        self._kind = kind

    def start(self, draft: Draft) -> None:
        """Fill in what a new document begins with."""
        draft.body["trandate"] = self._books.today()
        source_dates(self._books, draft)
        if self._kind is CREDIT_MEMO:
            draft.body["autoapply"] = self._books.switches.autoapply
        else:
            draft.body["approvalstatus"] = (
                _PENDING_APPROVAL if self._books.switches.invoice_approval else _APPROVED
            )

    def refresh(self, draft: Draft) -> None:
        """Bring what other documents change up to date: open amounts and status."""
        row = self._books.store.one(
            'SELECT status, foreigntotal, foreignamountpaid, foreignamountunpaid FROM "transaction" WHERE id = ?',
            (draft.id,),
        )
        if row is None:  # pragma: no cover - a stored document always has its row
            raise AssertionError(draft.id)
        status = str(row[0])
        draft.body["status"], draft.body["statusref"] = STATUS_TEXTS[(self._kind.code, status)]
        draft.body["voided"] = status == "V"
        precision = self._books.precision(draft.text("currency") or "")
        paid, unpaid = (show(abs(Decimal(amount)), precision) for amount in row[2:])
        draft.body["amountremaining"] = unpaid
        if self._kind is CREDIT_MEMO:
            draft.body |= {"applied": paid, "unapplied": unpaid}
        else:
            draft.body["amountpaid"] = paid

    def list_open_invoices(self, draft: Draft) -> None:
        """Fill the memo's list of open invoices."""
        if self._kind is CREDIT_MEMO:
            draft.sublists["apply"] = apply_lines(self._books, draft, self._kind)

    def line_begun(self, draft: Draft, sublist: str) -> None:
        """Refuse a tax row before the nexus is overridden.

        Raises:
            NetSuiteError: NEXUS_REQD.
        """
        if sublist == "taxdetails":
            require_nexus_for_details(draft)

    def field_changed(self, change: Change) -> None:
        """Fill in what follows from a changed field, as a form does."""
        draft = change.draft
        if change.sublist is None:
            self._body_changed(draft, change.field)
        elif change.sublist == "item":
            if change.field in _PRICING and (item_line := change.changed_line("item")) is not None:
                self._item_changed(draft, item_line, change.field)
        elif (apply_line := change.changed_line("apply")) is not None:
            tick_changed_line(self._books, draft, apply_line, change.field, self._provisional_total(draft))

    def save(self, saving: Saving) -> None:
        """Complete, validate and total the draft, then write its rows and those of what it is applied to.

        Raises:
            NetSuiteError: What NetSuite refuses.
        """
        books, draft, stored = self._books, saving.draft, saving.stored
        source_missing(books, draft, self._kind)
        source_nexus(books, draft)
        if draft.text("duedate") is None and self._kind is INVOICE:
            source_due_date(books, draft)
        overridden = stored is not None and bool(stored.body.get("taxdetailsoverride"))
        require_tax_permission(draft, saving.role, overridden_before=overridden)
        posting = self._total(draft)
        if stored is not None:
            self._settle_changed(draft, stored, posting)
        assign_period(books, saving)
        refuse_closed_edits(books, saving)
        assign_number(books, saving, self._kind)
        stamp(books, saving)
        if self._kind is CREDIT_MEMO:
            self._apply(draft, saving.record_id, posting)
        elif stored is None:
            posting.status = self._first_status(draft, posting)
        post_rows(books, draft, saving.record_id, posting)

    def void(self, draft: Draft) -> None:
        """Bring all amounts to zero.

        Raises:
            NetSuiteError: TRANS_IN_USE while it is applied.
        """
        record_id = int(draft.id or 0)
        self._refuse_while_applied(record_id)
        zero = show(ZERO, self._books.precision(draft.text("currency") or ""))
        for line in draft.lines("item"):
            line |= {"amount": zero, "rate": "0"}
        draft.sublists["taxdetails"] = []
        self._show_totals(draft, ZERO, ZERO)
        post_rows(self._books, draft, record_id, Posting(self._kind, self._sign, ZERO, "V", ZERO, ZERO))

    def erase(self, record_id: int) -> None:
        """Delete the document's rows.

        Raises:
            NetSuiteError: TRANS_IN_USE while it is applied.
        """
        self._refuse_while_applied(record_id)
        erase_rows(self._books, record_id)

    @property
    def _sign(self) -> int:
        return -1 if self._kind is CREDIT_MEMO else 1

    def _body_changed(self, draft: Draft, field: str) -> None:
        books = self._books
        if field == "entity":
            source_customer(books, draft, self._kind)
        elif field in ("subsidiary", "taxregoverride"):
            source_nexus(books, draft)
        elif field == "trandate":
            source_dates(books, draft)
            source_due_date(books, draft)
        elif field == "terms":
            source_due_date(books, draft)
        elif field == "taxdetailsoverride" and not draft.flag(field):
            draft.sublists["taxdetails"] = []
        if field in ("entity", "subsidiary", "currency", "account"):
            self.list_open_invoices(draft)

    def _item_changed(self, draft: Draft, line: Line, field: str) -> None:
        if field in ("quantity", "rate"):
            currency = self._books.masters.currencies.get(draft.text("currency") or "")
            price_changed_line(self._books, line, currency.precision if currency else 2)
        line.pop("tax1amt", None)

    def _provisional_total(self, draft: Draft) -> Decimal:
        """What the document comes to as far as it is entered."""
        columns = (("item", "amount"), ("item", "tax1amt"), ("taxdetails", "taxamount"))
        texts = [as_text(row.get(field)) for sublist, field in columns for row in draft.lines(sublist)]
        return total_of([as_number(text, "amount") for text in texts if text is not None])

    def _total(self, draft: Draft) -> Posting:
        books, currency = self._books, draft.text("currency") or ""
        amounts = price_lines(books, draft.lines("item"), draft.text("subsidiary") or "", currency)
        taxes = compute_taxes(books, draft, amounts)
        subtotal, tax_total = total_of(amounts), total_of([tax.amount for tax in taxes])
        total = total_of([subtotal, tax_total])
        if total < ZERO or (subtotal < ZERO and not books.switches.negative_subtotal):
            raise user_error("The total cannot be negative")
        self._show_totals(draft, subtotal, tax_total)
        posting = Posting(self._kind, self._sign, total, open_status(total), ZERO, total)
        posting.taxes = [(tax.code, tax.rate, tax.amount) for tax in merged_by_code(taxes)]
        return posting

    def _show_totals(self, draft: Draft, subtotal: Decimal, tax_total: Decimal) -> None:
        precision = self._books.precision(draft.text("currency") or "")
        draft.body |= {
            "subtotal": show(subtotal, precision),
            "taxtotal": show(tax_total, precision),
            "total": show(total_of([subtotal, tax_total]), precision),
        }

    def _first_status(self, draft: Draft, posting: Posting) -> str:
        letters = {_PENDING_APPROVAL: "D", _REJECTED: "E"}
        return letters.get(draft.text("approvalstatus") or _APPROVED, posting.status)

    def _settle_changed(self, draft: Draft, stored: StoredRecord, posting: Posting) -> None:
        """Carry what was already paid over to the changed document, and refuse what contradicts it."""
        row = self._books.store.one(
            'SELECT status, foreignamountpaid FROM "transaction" WHERE id = ?', (stored.id,)
        )
        if row is None or row[0] == "V":
            raise NetSuiteError("RCRD_UNEDITABLE", "This transaction is voided and cannot be edited.")
        if self._kind is INVOICE:
            posting.paid = Decimal(row[1])
            posting.unpaid = posting.total - posting.paid
            if posting.unpaid < ZERO:
                raise NetSuiteError(
                    "TRANS_APPLIED_AMTS_UNBALNCD",
                    f"The total {posting.total} would be less than the {posting.paid} that is applied to it.",
                )
            posting.status = (
                self._first_status(draft, posting) if not posting.paid else open_status(posting.unpaid)
            )
        if Decimal(row[1]):
            self._refuse_moved(draft, stored)

    def _refuse_moved(self, draft: Draft, stored: StoredRecord) -> None:
        for name in ("entity", "subsidiary", "currency", "account"):
            if draft.text(name) != as_text(stored.body.get(name)):
                raise field_violation(name)

    def _apply(self, draft: Draft, record_id: int, posting: Posting) -> None:
        applied = check_applications(self._books, draft, self._kind, posting.total)
        posting.paid = total_of(list(applied.values()))
        posting.unpaid = posting.unused = posting.total - posting.paid
        posting.status = open_status(posting.unpaid)
        post_applications(self._books, draft, record_id, self._kind, applied)

    def _refuse_while_applied(self, record_id: int) -> None:
        link = self._books.store.one(
            "SELECT 1 FROM previoustransactionlinelink WHERE nextdoc = ?1 OR previousdoc = ?1", (record_id,)
        )
        if link is not None:
            raise NetSuiteError(
                "TRANS_IN_USE",
                "This transaction cannot be deleted because it is linked to by one or more transactions.",
            )
