"""How a checked document becomes rows of ``transaction`` and ``transactionline``."""

from collections.abc import Iterator
from decimal import Decimal

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.transactions import CREDIT_MEMO, INVOICE, Posting
from lago_ns_cli.simulator.netsuite.values import Draft, Line, as_letter, as_text, show

_HEADER_TEXTS = (
    "externalid",
    "tranid",
    "currency",
    "exchangerate",
    "trandate",
    "duedate",
    "postingperiod",
    "approvalstatus",
    "terms",
    "memo",
    "otherrefnum",
    "nexus",
    "createddate",
    "lastmodifieddate",
)


def post_rows(books: Books, draft: Draft, record_id: int, posting: Posting) -> None:
    """Write the document's header and lines, replacing what they were before."""
    books.store.put("transaction", _header(books, draft, record_id, posting))
    # All documents show their columns in one table, so the names are those of the invoice.
    custom = books.catalog.custom("invoice", "item")
    books.store.execute('DELETE FROM transactionline WHERE "transaction" = ?', (record_id,))
    books.store.put_new("transactionline", _lines(books, draft, record_id, posting, custom))


def erase_rows(books: Books, record_id: int) -> None:
    """Delete the document's rows and its links to others."""
    books.store.execute('DELETE FROM "transaction" WHERE id = ?', (record_id,))
    books.store.execute('DELETE FROM transactionline WHERE "transaction" = ?', (record_id,))
    books.store.execute("DELETE FROM previoustransactionlinelink WHERE nextdoc = ?", (record_id,))


def _header(books: Books, draft: Draft, record_id: int, posting: Posting) -> dict[str, object]:
    precision = books.precision(draft.text("currency") or "")
    memo_sign = -1 if posting.kind is CREDIT_MEMO and books.switches.negative_credit_totals else 1
    row: dict[str, object] = {name: draft.text(name) for name in _HEADER_TEXTS}
    row |= {name: as_text(draft.body.get(name)) for name in books.catalog.custom(draft.type)}
    return row | {
        "id": record_id,
        "type": posting.kind.code,
        "recordtype": posting.kind.record_type,
        "entity": draft.text(posting.kind.entity_field),
        "status": posting.status,
        "posting": as_letter(posting.status not in ("D", "E")),
        "voided": as_letter(posting.status == "V"),
        "foreigntotal": show(memo_sign * posting.total, precision),
        "foreignamountpaid": show(memo_sign * posting.paid, precision),
        "foreignamountunpaid": show(memo_sign * posting.unpaid, precision),
        "foreignpaymentamountunused": None
        if posting.unused is None
        else show(memo_sign * posting.unused, precision),
    }


def _lines(
    books: Books, draft: Draft, record_id: int, posting: Posting, custom: list[str]
) -> Iterator[dict[str, object]]:
    precision = books.precision(draft.text("currency") or "")
    common: dict[str, object] = {
        "transaction": record_id,
        "entity": draft.text(posting.kind.entity_field),
        "subsidiary": draft.text("subsidiary"),
        "taxline": "F",
        "mainline": "F",
    }
    yield common | {
        "id": 0,
        "mainline": "T",
        "foreignamount": show(posting.sign * posting.total, precision),
        "expenseaccount": draft.text(posting.kind.receivables_field),
        "department": draft.text("department"),
        "class": draft.text("class"),
        "location": draft.text("location"),
        "memo": draft.text("memo"),
    }
    lines = draft.lines("item")
    for number, line in enumerate(lines, start=1):
        yield common | _item_row(books, line, number, posting.sign, precision, custom)
    for number, (code, rate, amount) in enumerate(posting.taxes, start=len(lines) + 1):
        signed = show(-posting.sign * amount, precision)
        yield common | {
            "id": number,
            "taxline": "T",
            "item": code,
            "itemtype": "TaxItem",
            "taxcode": code,
            "taxrate1": rate,
            "foreignamount": signed,
            "netamount": signed,
        }


def _item_row(
    books: Books, line: Line, number: int, sign: int, precision: int, custom: list[str]
) -> dict[str, object]:
    """A sale's line is a credit: amount and quantity stand below zero on an invoice, above on a credit memo."""
    signed = show(-sign * Decimal(line["amount"]), precision)
    quantity = as_text(line.get("quantity"))
    row: dict[str, object] = {
        "id": number,
        "uniquekey": line["lineuniquekey"],
        "item": line["item"],
        "itemtype": books.masters.items[line["item"]].type,
        "quantity": None if quantity is None else format(-sign * Decimal(quantity), "f"),
        "rate": as_text(line.get("rate")),
        "foreignamount": signed,
        "netamount": signed,
        "taxcode": as_text(line.get("taxcode")),
        "taxrate1": as_text(line.get("taxrate1")),
        "department": as_text(line.get("department")),
        "class": as_text(line.get("class")),
        "location": as_text(line.get("location")),
        "memo": as_text(line.get("description")),
    }
    for name in custom:
        row[name] = as_text(line.get(name))
    return row


def open_status(unpaid: Decimal) -> str:
    """The status letter of an invoice or memo: ``A`` open, ``B`` paid in full or fully applied."""
    return "A" if unpaid else "B"


STATUS_TEXTS = {
    (INVOICE.code, "A"): ("Open", "open"),
    (INVOICE.code, "B"): ("Paid In Full", "paidInFull"),
    (INVOICE.code, "D"): ("Pending Approval", "pendingApproval"),
    (INVOICE.code, "E"): ("Rejected", "rejected"),
    (INVOICE.code, "V"): ("Voided", "voided"),
    (CREDIT_MEMO.code, "A"): ("Open", "open"),
    (CREDIT_MEMO.code, "B"): ("Fully Applied", "fullyApplied"),
    (CREDIT_MEMO.code, "V"): ("Voided", "voided"),
    ("CustPymt", "B"): ("Not Deposited", "notDeposited"),
    ("CustPymt", "C"): ("Deposited", "deposited"),
    ("CustPymt", "V"): ("Voided", "voided"),
}
"""Status letters by type: the words of ``status`` and of ``statusref``."""
