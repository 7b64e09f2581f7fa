"""Every currency is exact, or held because the account's precision cannot express an amount."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from math import gcd
from typing import Any

import msgspec
import pytest

from lago_ns_cli.domain.documents import Invoice
from lago_ns_cli.domain.money import known_currencies
from lago_ns_cli.domain.translation.context import Context, TranslationError
from lago_ns_cli.lago import schemas
from lago_ns_cli.simulator.lago.money import subunits
from tests.laws.documents import Billing, Generated, billing
from tests.laws.laws import invoice_laws
from tests.laws.settings import VARIANTS, context_of, with_currency

CURRENCIES = sorted(known_currencies())
CUSTOMERS = 20
SCALE = 10_000
"""Makes any amount a whole number of units, in every currency."""


def rewritten(value: Any, currency: str, scale: int = 1) -> Any:
    """Bill the same in another currency, and so many times as much."""
    if isinstance(value, list):
        return [rewritten(one, currency, scale) for one in value]
    if isinstance(value, dict):
        return {name: _rewritten(name, one, currency, scale) for name, one in value.items()}
    return value


def _rewritten(name: str, value: Any, currency: str, scale: int) -> Any:
    if name.endswith("currency") and isinstance(value, str):
        return currency
    if name.endswith(("_cents", "precise_amount", "precise_unit_amount")):
        if isinstance(value, int):
            return value * scale
        if isinstance(value, str):
            return str(Decimal(value) * scale)
    return rewritten(value, currency, scale)


@cache
def found(which: Callable[[Generated[Invoice]], bool]) -> tuple[Generated[Invoice], Billing]:
    """Find a generated invoice, and who was billed."""
    return next(
        (invoice, billed)
        for billed in (billing(1, customer, CUSTOMERS) for customer in range(CUSTOMERS))
        for invoice in billed.invoices
        if which(invoice)
    )


def rich(invoice: Generated[Invoice]) -> bool:
    """It has a coupon, tax, several fees, and a total that no coarser unit divides."""
    told = invoice.told
    taxed = told["coupons_amount_cents"] and told["taxes_amount_cents"] and len(told["fees"]) > 2
    return bool(taxed) and gcd(told["total_amount_cents"], 10) == 1


def plain(invoice: Generated[Invoice]) -> bool:
    """Nothing in it is shared out, so all of its figures scale together."""
    told = invoice.told
    credits_ = told["fees_amount_cents"] - told["total_amount_cents"]
    return not told["taxes_amount_cents"] and not credits_ and len(told["fees"]) > 1


def in_currency(
    which: Callable[[Generated[Invoice]], bool], currency: str, scale: int = 1
) -> tuple[Generated[Invoice], Billing]:
    """Take a generated invoice over into another currency."""
    invoice, billed = found(which)
    told = rewritten(invoice.told, currency, scale)
    return Generated(told, schemas.read_invoice(msgspec.json.encode(told))), billed


def keeping(currency: str, precision: int, *, at: int) -> Context:
    """An account that keeps a currency with so many decimals."""
    return with_currency(context_of(VARIANTS[at % len(VARIANTS)]), {currency: "77"}, {"77": precision})


def test_all_of_lagos_currencies_are_meant() -> None:
    """Lago accepts 142 codes."""
    assert 142 == len(CURRENCIES)


@pytest.mark.parametrize("precision", [0, 2])
@pytest.mark.parametrize("currency", CURRENCIES)
def test_a_currency_is_exact_or_held(currency: str, precision: int) -> None:
    """A37: exact where the account can express Lago's smallest unit; else held, with the reason."""
    invoice, billed = in_currency(rich, currency)
    context = keeping(currency, precision, at=CURRENCIES.index(currency))

    if 10**precision % subunits(currency) == 0:
        assert [] == invoice_laws(invoice, context, billed)
    else:
        with pytest.raises(TranslationError) as held:
            invoice_laws(invoice, context, billed)
        assert "currency_precision" == held.value.code
        assert f"{currency} needs more decimals than the {precision}" in held.value.message
        assert held.value.hint


@pytest.mark.parametrize("precision", [0, 2])
@pytest.mark.parametrize("currency", CURRENCIES)
def test_whole_units_are_exact_in_every_currency(currency: str, precision: int) -> None:
    """What the account can express is posted, whatever else the currency could say."""
    invoice, billed = in_currency(plain, currency, SCALE)
    context = keeping(currency, precision, at=CURRENCIES.index(currency))

    assert [] == invoice_laws(invoice, context, billed)


@pytest.mark.parametrize("at", range(len(VARIANTS)), ids=[str(one) for one in VARIANTS])
def test_a_currency_that_nobody_mapped_is_held(at: int) -> None:
    """A41: never posted in another one."""
    invoice, billed = in_currency(rich, "SEK")
    context = replace(keeping("USD", 2, at=at))

    with pytest.raises(TranslationError) as held:
        invoice_laws(invoice, context, billed)

    assert "currency_unmapped" == held.value.code
