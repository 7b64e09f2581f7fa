"""Values of fields, drafts of records, and how text becomes numbers, dates and flags."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeAlias

from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, out_of_range

Value: TypeAlias = str | bool | None
"""Dates are ``YYYY-MM-DD``, numbers exact decimal strings, selects internal ids."""

Line: TypeAlias = dict[str, Any]
"""A sublist line: field id → :data:`Value`; a subrecord (``addressbookaddress``) is a dict of values."""

ZERO = Decimal(0)

_EXACT = Context(prec=120, rounding=ROUND_HALF_UP)
"""Wide enough for any product and sum of the amounts that fields hold, so nothing is rounded by accident."""

_QUANTA = tuple(Decimal(1).scaleb(-places) for places in range(20))
_PERCENT = Decimal("0.01")
_DECIMALS_AT_MOST = 39

_LARGEST_AMOUNT = Decimal(10) ** 18
"""A bound of the simulator, far above what a field of NetSuite holds."""

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z")


@dataclass
class Draft:
    """A record in memory, as a script edits it.

    Attributes:
        type: The record type's id, such as ``invoice``.
        id: Internal id; None until the first save.
        loaded_version: The stored version it was read from, 0 for a new record (optimistic lock).
    """

    type: str
    id: str | None = None
    dynamic: bool = False
    body: dict[str, Value] = field(default_factory=dict)
    sublists: dict[str, list[Line]] = field(default_factory=dict)
    loaded_version: int = 0

    def text(self, name: str) -> str | None:
        """The body field as text; None where it is empty."""
        return as_text(self.body.get(name))

    def flag(self, name: str) -> bool:
        """The body field as a checkbox; an empty one is unticked."""
        return as_flag(self.body.get(name), name)

    def lines(self, sublist: str) -> list[Line]:
        """The lines of a sublist, to be changed in place."""
        return self.sublists.setdefault(sublist, [])


@dataclass(frozen=True)
class FieldInfo:
    """A field as a form shows it.

    Attributes:
        type: text, textarea, clobtext, select, date, checkbox, currency, float, integer, percent, email, phone, url.
        sublist: None for a body field.
        max_length: Characters a text may have.
        source: The table that a select's ids come from.
        read_only: Computed; a script's value is ignored.
    """

    id: str
    label: str
    type: str
    mandatory: bool = False
    sublist: str | None = None
    max_length: int | None = None
    source: str | None = None
    read_only: bool = False


@dataclass(frozen=True)
class Role:
    """A role; ``permissions`` maps SDF permission keys to levels (``"LIST_CUSTJOB": "EDIT"``)."""

    id: str
    name: str
    permissions: Mapping[str, str]
    script_id: str = ""
    all_permissions: bool = False
    web_services_only: bool = False


def as_text(value: object) -> str | None:
    """A field's value as text, None where it is empty."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "T" if value else "F"
    return str(value)


def as_flag(value: object, name: str) -> bool:
    """A checkbox value.

    Raises:
        NetSuiteError: INVALID_BOOLEAN_VALUE for anything but a boolean, ``T`` or ``F``.
    """
    if isinstance(value, bool):
        return value
    if value is None or value == "":
        return False
    if value in ("T", "F", "true", "false"):
        return value in ("T", "true")
    raise NetSuiteError("INVALID_BOOLEAN_VALUE", f"Invalid boolean value {value} for {name}: use 'T' or 'F'.")


def as_letter(flag: bool) -> str:
    """A checkbox as tables store it."""
    return "T" if flag else "F"


def as_date(text: str, name: str) -> str:
    """A calendar date, checked.

    Raises:
        NetSuiteError: INVALID_DATE_FORMAT.
    """
    if not _is_calendar_date(text):
        raise NetSuiteError("INVALID_DATE_FORMAT", f"Invalid date value {text} for {name}.")
    return text


@lru_cache(maxsize=4096)
def _is_calendar_date(text: str) -> bool:
    if not _ISO_DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)  # the same texts are read when they are set, priced, totalled and stored
def as_number(text: str, name: str) -> Decimal:
    """An exact number.

    Raises:
        NetSuiteError: INVALID_NUMBER, or INVALID_FLD_RANGE for a number no field holds.
    """
    stripped = text.strip()
    if not _NUMBER.match(stripped):
        raise NetSuiteError("INVALID_NUMBER", f"Invalid number (must be a valid number): {text} for {name}.")
    try:
        number = Decimal(stripped)
    except InvalidOperation as error:  # pragma: no cover - the pattern above admits only what Decimal reads
        raise NetSuiteError("INVALID_NUMBER", f"Invalid number: {text} for {name}.") from error
    if abs(number) >= _LARGEST_AMOUNT or not _fits(number, stripped):
        raise out_of_range(name, text)
    return number


def _fits(number: Decimal, text: str) -> bool:
    if len(text) <= _DECIMALS_AT_MOST and "e" not in text and "E" not in text:
        return True
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DECIMALS_AT_MOST


def as_percent(text: str, name: str) -> Decimal:
    """A percentage, with or without its sign: ``8.875`` or ``8.875%``."""
    return as_number(text.strip().removesuffix("%"), name)


def has_decimals_beyond(number: Decimal, places: int) -> bool:
    """Whether the number needs more decimals: 1.25 and 1.2500 need two."""
    return round_to(number, places) != number


def product(left: Decimal, right: Decimal) -> Decimal:
    """The exact product."""
    return _EXACT.multiply(left, right)


def percent_of(base: Decimal, rate: Decimal) -> Decimal:
    """The exact share of a base, the rate in percent."""
    return _EXACT.multiply(_EXACT.multiply(base, rate), _PERCENT)


def total_of(amounts: list[Decimal]) -> Decimal:
    """The exact sum."""
    result = ZERO
    for amount in amounts:
        result = _EXACT.add(result, amount)
    return result


def round_to(number: Decimal, places: int) -> Decimal:
    """Round half up, away from zero, to so many decimals."""
    return _EXACT.quantize(number, _QUANTA[places])


def show(number: Decimal, places: int) -> str:
    """An amount as tables and records show it, with all its decimals: ``100.00``."""
    return show_rounded(round_to(number, places))


def show_rounded(number: Decimal) -> str:
    """The same of an amount that has been rounded."""
    return _digits(number if number else abs(number))


def plain(number: Decimal) -> str:
    """A quantity or rate without needless zeros: ``2500``, ``0.012``."""
    if not number:
        return "0"
    text = _digits(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(number: Decimal) -> str:
    # `str` is several times as fast, and writes the same where it needs no exponent.
    text = str(number)
    return format(number, "f") if "E" in text else text
