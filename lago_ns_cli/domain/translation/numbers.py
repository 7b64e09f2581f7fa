"""Quantities and rates within NetSuite's limits."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

MAX_QUANTITY = Decimal(10) ** 10
"""NetSuite rejects quantities from here on (seen in production by Lago)."""

QUANTITY_DECIMALS = 5
"""More are refused: "Quantity can not have more than 5 decimal places."."""

RATE_DECIMALS = 8
"""NetSuite rounds rates to these."""

_RATE_STEP = Decimal(1).scaleb(-RATE_DECIMALS)
_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class QuantityAndRate:
    """A line's quantity and rate; ``original`` says what they stand for if they are not Lago's."""

    quantity: str
    rate: str
    original: str | None = None


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros, all digits kept."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def quantity_and_rate(units: Decimal, unit_amount: Decimal, amount: str) -> QuantityAndRate:
    """Fit a fee's units and unit price into NetSuite's limits.

    The line's amount is sent explicitly and is the truth; quantity and rate inform.

    Args:
        units: As Lago counts them.
        unit_amount: Precise price of one unit, in major units.
        amount: The line's amount, in major units.

    Returns:
        Lago's own figures, the rate rounded to 8 decimals; or quantity 1 at the rate of the
        whole amount where the units are 0 with an amount, have more than 5 decimals, or are
        10^10 or more.
    """
    fits = _decimals(units) <= QUANTITY_DECIMALS and abs(units) < MAX_QUANTITY
    if not fits or (units == 0 and Decimal(amount) != 0):
        return QuantityAndRate("1", amount, f"{plain(units)} × {plain(unit_amount)}")
    rate = unit_amount.quantize(_RATE_STEP, ROUND_HALF_UP, _WIDE)
    return QuantityAndRate(plain(units), plain(rate))


def _decimals(number: Decimal) -> int:
    """Count the decimals that say something: 1.500 has one."""
    if not number.is_finite():
        return 0
    written = -int(number.as_tuple().exponent)
    return written if written <= QUANTITY_DECIMALS else -int(number.normalize().as_tuple().exponent)
