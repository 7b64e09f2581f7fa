"""Amounts as Lago counts and writes them."""

from decimal import ROUND_HALF_UP, Decimal

_SUBUNITS = {
    1: "BIF CLP DJF GNF HUF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF",
    1000: "BHD JOD KWD",
    10000: "CLF",
    5: "MRO",
}
_DIVISOR_BY_CODE = {code: divisor for divisor, codes in _SUBUNITS.items() for code in codes.split()}

_ONE = Decimal(1)


def subunits(currency: str) -> int:
    """Return how many of the ``*_cents`` of Lago make one unit of a currency.

    Source: ``subunit_to_unit`` of the Money gem 7.0.2, which differs from ISO 4217 for HUF, MGA and MRO.
    """
    return _DIVISOR_BY_CODE.get(currency, 100)


def rounded(amount: Decimal) -> int:
    """Round to a whole number, half away from zero, as Ruby's ``round`` does."""
    return int(amount.quantize(_ONE, ROUND_HALF_UP))


def rounded_to(amount: Decimal, places: int) -> Decimal:
    """Round to a number of decimals, half away from zero."""
    return amount.quantize(_ONE.scaleb(-places), ROUND_HALF_UP)


def decimal_text(amount: Decimal | int) -> str:
    """Write a decimal as Rails does: never an exponent, at least one decimal (``1000.0``)."""
    whole, _, fraction = f"{amount:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"
