"""Customer payments."""

from decimal import Decimal

from lago_ns_cli.simulator.netsuite.applying import (
    apply_lines,
    check_applications,
    post_applications,
    tick_changed_line,
)
from lago_ns_cli.simulator.netsuite.errors import (
    NetSuiteError,
    invalid_reference,
    invalid_value,
    missing_values,
)
from lago_ns_cli.simulator.netsuite.lines import require_precision
from lago_ns_cli.simulator.netsuite.posting import STATUS_TEXTS, erase_rows, post_rows
from lago_ns_cli.simulator.netsuite.record_rules import Change, RecordRules, Saving
from lago_ns_cli.simulator.netsuite.store import TRANSACTIONS, StoredRecord
from lago_ns_cli.simulator.netsuite.transactions import (
    PAYMENT,
    Posting,
    assign_number,
    assign_period,
    refuse_closed_edits,
    source_customer,
    source_dates,
    source_missing,
    stamp,
)
from lago_ns_cli.simulator.netsuite.values import ZERO, Draft, as_number, as_text, show, total_of

_NOT_DEPOSITED, _DEPOSITED = "B", "C"
_DEPOSIT_ACCOUNTS = frozenset({"Bank", "UnDepFunds", "OthCurrAsset", "CredCard"})


class PaymentRules(RecordRules):
    """How payments are made, applied and voided."""

    pool = TRANSACTIONS

    def start(self, draft: Draft) -> None:
        """Fill in what a new payment begins with."""
        draft.body |= {"trandate": self._books.today(), "autoapply": self._books.switches.autoapply}
        source_dates(self._books, draft)

    def refresh(self, draft: Draft) -> None:
        """Bring status and applied amounts up to date."""
        row = self._books.store.one(
            'SELECT status, foreignamountpaid, foreignpaymentamountunused FROM "transaction" WHERE id = ?',
            (draft.id,),
        )
        if row is None:  # pragma: no cover - a stored payment always has its row
            raise AssertionError(draft.id)
        draft.body["status"], draft.body["statusref"] = STATUS_TEXTS[(PAYMENT.code, row[0])]
        draft.body |= {"voided": row[0] == "V", "applied": row[1], "unapplied": row[2]}

    def list_open_invoices(self, draft: Draft) -> None:
        """Fill the payment's list of open invoices."""
        draft.sublists["apply"] = apply_lines(self._books, draft, PAYMENT)

    def field_changed(self, change: Change) -> None:
        """Fill in what follows from a changed field, as a form does."""
        draft, field = change.draft, change.field
        line = change.changed_line("apply")
        if line is not None:
            payment = draft.text("payment")
            available = ZERO if payment is None else as_number(payment, "payment")
            tick_changed_line(self._books, draft, line, field, available)
        if change.sublist is not None:
            return
        if field == "trandate":
            source_dates(self._books, draft)
        elif field == "customer":
            source_customer(self._books, draft, PAYMENT)
        if field in ("customer", "subsidiary", "currency", "aracct"):
            self.list_open_invoices(draft)

    def save(self, saving: Saving) -> None:
        """Complete and validate the draft, then write its rows and those of what it is applied to.

        Raises:
            NetSuiteError: What NetSuite refuses.
        """
        books, draft = self._books, saving.draft
        source_missing(books, draft, PAYMENT)
        amount = self._require_amount(draft)
        self._choose_account(draft)
        if saving.stored is not None:
            self._refuse_contradictions(draft, saving.stored)
        draft.body["total"] = draft.body["payment"]
        assign_period(books, saving)
        refuse_closed_edits(books, saving)
        assign_number(books, saving, PAYMENT)
        stamp(books, saving)
        applied = check_applications(books, draft, PAYMENT, amount)
        post_applications(books, draft, saving.record_id, PAYMENT, applied)
        post_rows(
            books, draft, saving.record_id, self._posting(draft, amount, total_of(list(applied.values())))
        )

    def void(self, draft: Draft) -> None:
        """Take the payment off its invoices and bring its amount to zero."""
        record_id = int(draft.id or 0)
        zero = show(ZERO, self._books.precision(draft.text("currency") or ""))
        draft.body |= {"payment": zero, "total": zero}
        post_applications(self._books, draft, record_id, PAYMENT, {})
        post_rows(self._books, draft, record_id, Posting(PAYMENT, -1, ZERO, "V", ZERO, ZERO, ZERO))

    def erase(self, record_id: int) -> None:
        """Delete the payment's rows; what it paid is open again."""
        stored = self._books.store.read_record(TRANSACTIONS, record_id)
        if stored is not None:
            draft = Draft("customerpayment", str(record_id), body=stored.body)
            post_applications(self._books, draft, record_id, PAYMENT, {})
        erase_rows(self._books, record_id)

    def _require_amount(self, draft: Draft) -> Decimal:
        text, currency = draft.text("payment"), draft.text("currency") or ""
        if text is None:
            raise missing_values(["Payment Amount"])
        amount = as_number(text, "payment")
        if amount < ZERO:
            raise NetSuiteError("NEGATIVE_PAYMENT_DISALLWD", "The amount of a payment cannot be negative.")
        if amount == ZERO:
            raise invalid_value("payment", text)
        require_precision(amount, currency, self._books)
        draft.body["payment"] = show(amount, self._books.precision(currency))
        return amount

    def _choose_account(self, draft: Draft) -> None:
        """Undeposited funds win over an account; without either they are where the money waits."""
        account = draft.text("account")
        if draft.flag("undepfunds") or account is None:
            draft.body |= {"undepfunds": True, "account": self._books.masters.account_of_type("UnDepFunds")}
            return
        if self._books.masters.accounts[account].type not in _DEPOSIT_ACCOUNTS:
            raise invalid_reference("account", account)
        draft.body["undepfunds"] = False

    def _refuse_contradictions(self, draft: Draft, stored: StoredRecord) -> None:
        row = self._books.store.one('SELECT status FROM "transaction" WHERE id = ?', (stored.id,))
        if row is None or row[0] == "V":
            raise NetSuiteError("RCRD_UNEDITABLE", "This transaction is voided and cannot be edited.")
        for name in ("customer", "subsidiary", "currency", "aracct"):
            changed = draft.text(name) != as_text(stored.body.get(name))
            if changed and self._books.store.one(
                "SELECT 1 FROM previoustransactionlinelink WHERE nextdoc = ?", (stored.id,)
            ):
                raise invalid_value(name, draft.text(name) or "")

    def _posting(self, draft: Draft, amount: Decimal, applied: Decimal) -> Posting:
        status = _NOT_DEPOSITED if draft.flag("undepfunds") else _DEPOSITED
        unused = amount - applied
        return Posting(PAYMENT, -1, amount, status, applied, unused, unused)
