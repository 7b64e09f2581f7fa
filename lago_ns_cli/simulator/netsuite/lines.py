"""Item lines: which items a document may carry, and what each line comes to."""

from decimal import Decimal
from typing import Final

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import (
    NetSuiteError,
    invalid_reference,
    invalid_value,
    missing_values,
    out_of_range,
    user_error,
)
from lago_ns_cli.simulator.netsuite.masters import CurrencyRow, ItemRow
from lago_ns_cli.simulator.netsuite.values import (
    ZERO,
    Line,
    as_number,
    as_percent,
    as_text,
    has_decimals_beyond,
    percent_of,
    plain,
    product,
    round_to,
    show,
    show_rounded,
)

QUANTITY_DECIMALS: Final = 5
QUANTITY_LIMIT: Final = Decimal(10) ** 10
RATE_DECIMALS: Final = 8


def exact_amount(amount: Decimal, currency: CurrencyRow) -> str:
    """An amount as records show it, refused where its currency cannot express it.

    Raises:
        NetSuiteError: TRANS_UNBALNCD.
    """
    rounded = round_to(amount, currency.precision)
    if rounded == amount:
        return show_rounded(rounded)
    raise NetSuiteError(
        "TRANS_UNBALNCD",
        f"Transaction was not in balance. The amount {plain(amount)} has more decimal places "
        f"than the currency {currency.symbol} supports.",
    )


def require_precision(amount: Decimal, currency: str, books: Books) -> None:
    """Refuse an amount that its currency cannot express.

    Raises:
        NetSuiteError: TRANS_UNBALNCD.
    """
    exact_amount(amount, books.masters.currencies[currency])


def price_lines(books: Books, lines: list[Line], subsidiary: str, currency: str) -> list[Decimal]:
    """Check every line, write its quantity, rate and amount into it, and return the amounts.

    Args:
        lines: Cleaned lines; changed in place.

    Raises:
        NetSuiteError: What NetSuite refuses of an item, a quantity, a rate or an amount.
    """
    if not lines:
        raise NetSuiteError(
            "VALID_LINE_ITEM_REQD", "You must enter at least one line item for this transaction."
        )
    row = books.masters.currencies[currency]
    precision = row.precision
    amounts: list[Decimal] = []
    for number, line in enumerate(lines, start=1):
        item = _require_item(books, line, subsidiary)
        above = amounts[-1] if amounts else ZERO
        amount = (
            _price_discount(line, item, above, precision) if item.is_discount else _price(line, precision)
        )
        line["amount"] = exact_amount(amount, row)
        line["line"] = str(number)
        amounts.append(amount)
    return amounts


def price_changed_line(books: Books, line: Line, precision: int) -> None:
    """Recompute the amount of a line whose quantity or rate was just set, as a form does.

    Raises:
        NetSuiteError: The quantity or rate is not a number that its field holds.
    """
    item = books.masters.items.get(as_text(line.get("item")) or "")
    if item is not None and item.is_discount:
        return
    if as_text(line.get("rate")) is not None:
        line["amount"] = None
        line["amount"] = show(_price(line, precision), precision)


def _require_item(books: Books, line: Line, subsidiary: str) -> ItemRow:
    key = as_text(line.get("item"))
    if key is None:
        raise missing_values(["Item"])
    item = books.masters.items.get(key)
    if item is None or item.inactive:
        raise invalid_reference("item", key)
    if subsidiary not in item.subsidiaries:
        raise invalid_reference("item", key, f"subsidiary {subsidiary}")
    return item


def _price(line: Line, precision: int) -> Decimal:
    quantity, rate = _quantity(line), _rate(line)
    amount = as_text(line.get("amount"))
    if amount is not None:
        return as_number(amount, "amount")
    if rate is None:
        raise missing_values(["Amount"])
    return round_to(rate if quantity is None else product(quantity, rate), precision)


def _quantity(line: Line) -> Decimal | None:
    text = as_text(line.get("quantity"))
    if text is None:
        return None
    quantity = as_number(text, "quantity")
    if has_decimals_beyond(quantity, QUANTITY_DECIMALS):
        raise user_error("Quantity can not have more than 5 decimal places.")
    if abs(quantity) >= QUANTITY_LIMIT:
        raise out_of_range("quantity", text)
    line["quantity"] = plain(quantity)
    return quantity


def _rate(line: Line) -> Decimal | None:
    text = as_text(line.get("rate"))
    if text is None:
        return None
    if text.endswith("%"):
        raise invalid_value("rate", text)
    rate = round_to(as_number(text, "rate"), RATE_DECIMALS)
    line["rate"] = plain(rate)
    return rate


def _price_discount(line: Line, item: ItemRow, above: Decimal, precision: int) -> Decimal:
    """A discount line is a sum of its own, or a share of the line above it."""
    if as_text(line.get("quantity")) is not None:
        raise user_error("Quantity not allowed for this item")
    amount = as_text(line.get("amount"))
    if amount is not None:
        return as_number(amount, "amount")
    rate = as_text(line.get("rate")) or item.rate or "0"
    line["rate"] = rate
    if rate.endswith("%"):
        return round_to(percent_of(above, as_percent(rate, "rate")), precision)
    return round_to(as_number(rate, "rate"), precision)
