"""Money as Lago counts it: integer minor units in Lago's own table of subunits."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from lago_ns_cli.errors import DocumentError

# Lago divides by ``subunit_to_unit`` of RubyMoney 7.0.2. ISO 4217 and CLDR differ from it on
# up to 17 codes (HUF and MGA by a factor of 100), so neither may stand in for this table.
_DIVISORS = {
    1: "BIF CLP DJF GNF HUF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF",
    1_000: "BHD JOD KWD",
    10_000: "CLF",
    5: "MRO",
}
_DIGITS = {1: 0, 5: 1, 100: 2, 1_000: 3, 10_000: 4}
"""The decimals of an amount in major units, by divisor."""
_DIVISOR_BY_CODE = {code: divisor for divisor, codes in _DIVISORS.items() for code in codes.split()}
_HUNDREDTHS = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG IDR ILS INR "
    "IRR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN "
    "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLL SOS SRD STD SZL "
    "THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER ZAR ZMW".split()
)


class UnknownCurrencyError(DocumentError):
    """Lago has no subunit for the currency."""

    default_code = "unknown_currency"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units, as Lago's ``*_amount_cents`` fields count it."""

    minor_units: int
    currency: str

    def __neg__(self) -> "Money":
        return Money(-self.minor_units, self.currency)


def subunits(currency: str) -> int:
    """Tell how many minor units make one unit of a currency: USD 100, JPY 1, KWD 1000.

    Raises:
        UnknownCurrencyError: Lago does not accept the currency.
    """
    divisor = _DIVISOR_BY_CODE.get(currency)
    if divisor is not None:
        return divisor
    if currency in _HUNDREDTHS:
        return 100
    raise UnknownCurrencyError(
        f"Lago has no subunit for the currency {currency!r}, so its amounts cannot be read.",
        hint="Correct the currency in Lago.",
    )


def known_currencies() -> frozenset[str]:
    """List the currency codes that Lago accepts."""
    return _HUNDREDTHS | _DIVISOR_BY_CODE.keys()


def to_major_units(minor_units: int, currency: str) -> Decimal:
    """Express minor units in major units, exactly, however large.

    Returns:
        USD 500 → ``5.00``; JPY 500 → ``500``; KWD 500 → ``0.500``; MRO 1 → ``0.2``.

    Raises:
        UnknownCurrencyError: Lago has no subunit for the currency.
    """
    divisor = subunits(currency)
    if divisor == 5:
        return Decimal(minor_units * 2).scaleb(-1)
    return Decimal(minor_units).scaleb(1 - len(str(divisor)))


def to_precision(minor_units: int, currency: str, precision: int) -> str | None:
    """Write an amount with the decimals that a NetSuite currency record keeps.

    Args:
        precision: The account's ``currencyprecision``: 0 or 2.

    Returns:
        A decimal string with exactly ``precision`` decimals, or None where the amount needs
        more digits than NetSuite keeps (KWD 1 fils at precision 2).
    """
    divisor = subunits(currency)
    digits = _DIGITS[divisor]
    scaled = minor_units * 2 if divisor == 5 else minor_units
    if digits > precision:
        scaled, remainder = divmod(scaled, 10 ** (digits - precision))
        if remainder:
            return None
    else:
        scaled *= 10 ** (precision - digits)
    sign, text = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(precision + 1, "0")
    return sign + (f"{text[:-precision]}.{text[-precision:]}" if precision else text)


def in_digits(amount: Decimal, currency: str) -> Decimal:
    """Give an amount the digits of its currency: USD ``5`` → ``5.00``, JPY ``5.00`` → ``5``.

    An amount that has more of them, or a currency that Lago does not know, stays as it is.
    """
    divisor = _DIVISOR_BY_CODE.get(currency, 100 if currency in _HUNDREDTHS else None)
    if divisor is None:
        return amount
    digits = 1 if divisor == 5 else len(str(divisor)) - 1
    with localcontext() as context:
        context.prec = max(50, len(amount.as_tuple().digits) + 6)
        told = amount.quantize(Decimal(1).scaleb(-digits))
    return told if told == amount else amount


def round_half_up(value: Decimal) -> int:
    """Round to an integer, halves away from zero, as Lago rounds."""
    with localcontext() as context:
        context.prec = max(50, len(value.as_tuple().digits) + 2)
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split minor units by weights without losing one.

    Each part is the floor or the ceiling of its exact share; the largest remainders get the
    left-over units, the first of equals first.

    Args:
        total: Minor units; may be negative.
        weights: Non-negative, at least one of them positive.

    Raises:
        ValueError: No weight is positive, or one is negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    magnitude, sign = abs(total), (-1 if total < 0 else 1)
    parts = [magnitude * weight // whole for weight in weights]
    left_over = magnitude - sum(parts)
    if left_over:
        by_remainder = sorted(range(len(weights)), key=lambda i: -(magnitude * weights[i] % whole))
        for index in by_remainder[:left_over]:
            parts[index] += 1
    return [sign * part for part in parts]
