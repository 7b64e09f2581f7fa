"""Applications: the static list of open invoices, its checks, and what applying changes on both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, invalid_reference
from lago_ns_cli.simulator.netsuite.lines import require_precision
from lago_ns_cli.simulator.netsuite.transactions import TransactionType
from lago_ns_cli.simulator.netsuite.values import (
    ZERO,
    Draft,
    Line,
    as_flag,
    as_number,
    as_text,
    show,
    total_of,
)

_OPEN_INVOICES = """
SELECT t.id, t.tranid, t.trandate, t.duedate, t.foreigntotal, t.foreignamountunpaid, l.foreignamount
FROM "transaction" t
JOIN transactionline m ON m."transaction" = t.id AND m.id = 0
LEFT JOIN previoustransactionlinelink l ON l.previousdoc = t.id AND l.nextdoc = ?
WHERE t.entity = ? AND t.type = 'CustInvc' AND (t.status = 'A' OR l.nextdoc IS NOT NULL)
  AND t.currency = ? AND m.expenseaccount = ? AND m.subsidiary = ?
ORDER BY t.trandate, t.id
"""


@dataclass(frozen=True)
class OpenInvoice:
    """An invoice that may be applied to; ``due`` leaves out what this memo or payment already put on it."""

    id: str
    number: str
    date: str
    due_date: str | None
    total: Decimal
    due: Decimal
    applied: Decimal


def open_invoices(books: Books, draft: Draft, kind: TransactionType) -> list[OpenInvoice]:
    """The invoices of the same customer, currency, subsidiary and receivables account, oldest first."""
    rows = books.store.rows(
        _OPEN_INVOICES,
        (
            draft.id or -1,
            draft.text(kind.entity_field),
            draft.text("currency"),
            draft.text(kind.receivables_field),
            draft.text("subsidiary"),
        ),
    )
    return [_open_invoice(row) for row in rows]


def _open_invoice(row: tuple[object, ...]) -> OpenInvoice:
    key, number, date, due_date, total, unpaid, applied = row
    own = Decimal(str(applied)) if applied is not None else ZERO
    return OpenInvoice(
        str(key),
        str(number),
        str(date),
        as_text(due_date),
        Decimal(str(total)),
        total_of([Decimal(str(unpaid)), own]),
        own,
    )


def apply_lines(books: Books, draft: Draft, kind: TransactionType) -> list[Line]:
    """The sublist as a form shows it, ticked where this memo or payment is applied."""
    currency = books.masters.currencies.get(draft.text("currency") or "")
    if currency is None:
        return []
    precision, symbol = currency.precision, currency.symbol
    return [
        {
            "apply": bool(invoice.applied),
            "doc": invoice.id,
            "internalid": invoice.id,
            "amount": show(invoice.applied, precision) if invoice.applied else None,
            "disc": None,
            "due": show(invoice.due, precision),
            "total": show(invoice.total, precision),
            "refnum": invoice.number,
            "type": "Invoice",
            "trantype": "CustInvc",
            "applydate": invoice.date,
            "duedate": invoice.due_date,
            "currency": symbol,
            "line": "0",
        }
        for invoice in open_invoices(books, draft, kind)
    ]


def tick_changed_line(books: Books, draft: Draft, line: Line, field: str, available: Decimal) -> None:
    """What a form does when a line is ticked or given an amount."""
    precision = books.precision(draft.text("currency") or "")
    if field == "amount":
        amount = as_text(line.get("amount"))
        line["apply"] = amount is not None and as_number(amount, "amount") != ZERO
    elif not as_flag(line.get("apply"), "apply"):
        line["amount"] = None
    elif as_text(line.get("amount")) is None:
        others = total_of(
            [as_number(other["amount"], "amount") for other in _ticked(draft) if other is not line]
        )
        share = min(as_number(line["due"], "due"), max(ZERO, available - others))
        line["amount"] = show(share, precision)


def _ticked(draft: Draft) -> list[Line]:
    return [
        line
        for line in draft.lines("apply")
        if as_flag(line.get("apply"), "apply") and as_text(line.get("amount")) is not None
    ]


def check_applications(
    books: Books, draft: Draft, kind: TransactionType, available: Decimal
) -> dict[str, Decimal]:
    """What the draft puts on which invoice.

    Args:
        available: The memo's total or the payment's amount.

    Returns:
        Amounts by internal id of the invoice, none of them zero.

    Raises:
        NetSuiteError: INVALID_KEY_OR_REF for a target that is not open here, INVALID_AMT for too much,
            INVALID_AUTOAPPLY_VALUE for ticked lines together with ``autoapply``.
    """
    ticked = [line for line in draft.lines("apply") if as_flag(line.get("apply"), "apply")]
    if not ticked and not draft.flag("autoapply"):
        return {}
    targets = {invoice.id: invoice for invoice in open_invoices(books, draft, kind)}
    if draft.flag("autoapply"):
        if any(as_text(line.get("doc")) not in _applied_before(targets) for line in ticked):
            raise NetSuiteError(
                "INVALID_AUTOAPPLY_VALUE",
                "Automatic application and explicitly applied lines exclude each other.",
            )
        return _oldest_first(list(targets.values()), available)
    wanted: dict[str, Decimal] = {}
    for line in ticked:
        target = as_text(line.get("doc")) or as_text(line.get("internalid")) or ""
        if target not in targets or target in wanted:
            raise invalid_reference("doc", target, f"{kind.entity_field} {draft.text(kind.entity_field)}")
        wanted[target] = _checked_amount(books, draft, line, targets[target], available)
    applied = total_of(list(wanted.values()))
    if applied > available:
        raise NetSuiteError(
            "INVALID_AMT",
            f"The amount applied ({applied}) exceeds the total of payments and credits ({available}).",
        )
    return wanted


def _applied_before(targets: Mapping[str, OpenInvoice]) -> frozenset[str]:
    return frozenset(key for key, invoice in targets.items() if invoice.applied)


def _checked_amount(
    books: Books, draft: Draft, line: Line, target: OpenInvoice, available: Decimal
) -> Decimal:
    text = as_text(line.get("amount"))
    amount = min(target.due, available) if text is None else as_number(text, "amount")
    require_precision(amount, draft.text("currency") or "", books)
    if amount <= ZERO:
        raise NetSuiteError("INVALID_AMT", f"Enter an amount above zero to apply to invoice {target.number}.")
    if amount > target.due:
        raise NetSuiteError(
            "INVALID_AMT", f"You cannot apply {amount} to invoice {target.number}: only {target.due} is due."
        )
    return amount


def _oldest_first(targets: Sequence[OpenInvoice], available: Decimal) -> dict[str, Decimal]:
    wanted: dict[str, Decimal] = {}
    for invoice in targets:
        share = min(invoice.due, available)
        if share > ZERO:
            wanted[invoice.id] = share
            available -= share
    return wanted


def post_applications(
    books: Books, draft: Draft, record_id: int, kind: TransactionType, wanted: Mapping[str, Decimal]
) -> None:
    """Write the links and bring the invoices' open amounts up to date."""
    store, precision = books.store, books.precision(draft.text("currency") or "")
    before = {
        str(invoice): Decimal(amount)
        for invoice, amount in store.rows(
            "SELECT previousdoc, foreignamount FROM previoustransactionlinelink WHERE nextdoc = ?",
            (record_id,),
        )
    }
    if before == wanted:
        return
    now = books.timestamp()
    for invoice in before.keys() | wanted.keys():
        change = wanted.get(invoice, ZERO) - before.get(invoice, ZERO)
        if change:
            _settle(books, invoice, change, precision, now)
    store.execute("DELETE FROM previoustransactionlinelink WHERE nextdoc = ?", (record_id,))
    store.execute_many(
        "INSERT INTO previoustransactionlinelink (nextdoc, nextline, nexttype, nextdate, previousdoc, previousline, "
        "previoustype, previousdate, linktype, foreignamount, lastmodifieddate) "
        "SELECT ?, 0, ?, ?, id, 0, type, trandate, 'Payment', ?, ? FROM \"transaction\" WHERE id = ?",
        [
            (record_id, kind.code, draft.text("trandate"), show(amount, precision), now, invoice)
            for invoice, amount in wanted.items()
        ],
    )


def _settle(books: Books, invoice: str, change: Decimal, precision: int, now: str) -> None:
    row = books.store.one(
        'SELECT foreignamountpaid, foreignamountunpaid FROM "transaction" WHERE id = ?', (invoice,)
    )
    if row is None:  # pragma: no cover - links only ever name invoices that exist
        raise AssertionError(invoice)
    paid, unpaid = Decimal(row[0]) + change, Decimal(row[1]) - change
    books.store.execute(
        'UPDATE "transaction" SET foreignamountpaid = ?, foreignamountunpaid = ?, status = ?, lastmodifieddate = ? '
        "WHERE id = ?",
        (show(paid, precision), show(unpaid, precision), "A" if unpaid else "B", now, invoice),
    )
