"""Money is exact, in Lago's own table of subunits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_ns_cli.domain.money import (
    UnknownCurrencyError,
    in_digits,
    known_currencies,
    round_half_up,
    split,
    subunits,
    to_major_units,
    to_precision,
)

# Lago's documented exceptions; all others of its 142 codes are hundredths.
WHOLE = "BIF CLP DJF GNF HUF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split()
THOUSANDTHS = ["BHD", "JOD", "KWD"]


@pytest.mark.parametrize("code", WHOLE)
def test_some_currencies_have_no_subunit(code: str) -> None:
    """HUF and MGA among them, though ISO 4217 gives them two decimals."""
    assert 1 == subunits(code)


@pytest.mark.parametrize("code", THOUSANDTHS)
def test_some_currencies_have_thousandths(code: str) -> None:
    """Dinars are counted in fils."""
    assert 1000 == subunits(code)


@pytest.mark.parametrize("code", ["USD", "EUR", "TWD", "IDR", "COP", "LAK", "IRR", "UZS"])
def test_all_others_are_hundredths(code: str) -> None:
    """Among them some that common tables call whole."""
    assert 100 == subunits(code)


@pytest.mark.parametrize("code", ["IQD", "LYD", "OMR", "TND", "MRU", "BYR", "usd", "", "XXX"])
def test_a_currency_that_lago_does_not_accept_is_refused(code: str) -> None:
    """Guessing a subunit would be wrong by a factor."""
    with pytest.raises(UnknownCurrencyError):
        subunits(code)


def test_lago_accepts_142_currencies() -> None:
    """The table is complete."""
    assert 142 == len(known_currencies())


@pytest.mark.parametrize(
    ("minor", "code", "precision", "text"),
    [
        (12345, "USD", 2, "123.45"),
        (-5, "USD", 2, "-0.05"),
        (0, "USD", 2, "0.00"),
        (500, "JPY", 0, "500"),
        (500, "JPY", 2, "500.00"),
        (500, "HUF", 2, "500.00"),
        (500, "USD", 0, "5"),
        (501, "USD", 0, None),  # the account keeps no cents
        (1230, "KWD", 2, "1.23"),
        (1234, "KWD", 2, None),  # the account keeps no fils
        (10000, "CLF", 2, "1.00"),
        (1, "MRO", 2, "0.20"),
        (9007199254740993, "USD", 2, "90071992547409.93"),  # beyond 2^53
    ],
)
def test_amounts_are_written_as_the_account_keeps_them(
    minor: int, code: str, precision: int, text: str | None
) -> None:
    """Exactly, or not at all."""
    assert text == to_precision(minor, code, precision)


@given(st.integers(-(10**20), 10**20), st.sampled_from(sorted(known_currencies())), st.sampled_from([0, 2]))
def test_what_can_be_written_is_exact(minor: int, code: str, precision: int) -> None:
    """A written amount is the amount; one that is not written would have lost digits."""
    text = to_precision(minor, code, precision)
    exact = to_major_units(minor, code)

    if text is None:
        assert exact != exact.quantize(Decimal(1).scaleb(-precision)) or abs(minor) > 10**18
    else:
        assert exact == Decimal(text)


def test_split_loses_no_cent() -> None:
    """The parts of a split amount add up to the whole, the first getting what is left."""
    assert [34, 33, 33] == split(100, [1, 1, 1])


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**12), min_size=1, max_size=40))
def test_each_part_is_its_exact_share_rounded(total: int, weights: list[int]) -> None:
    """Parts add up, have the whole's sign, and are within one unit of their share."""
    if not any(weights):
        with pytest.raises(ValueError, match="weights"):
            split(total, weights)
        return
    parts = split(total, weights)
    whole = sum(weights)

    assert total == sum(parts)
    assert all(
        abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize(
    ("value", "rounded"), [("0.5", 1), ("-0.5", -1), ("2.5", 3), ("1038.375", 1038), ("79.875", 80)]
)
def test_halves_are_rounded_away_from_zero(value: str, rounded: int) -> None:
    """As Lago rounds."""
    assert rounded == round_half_up(Decimal(value))


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        ("5", "USD", "5.00"),
        ("5.00", "JPY", "5"),
        ("5.50", "JPY", "5.50"),
        ("0", "KWD", "0.000"),
        ("-0.005", "USD", "-0.005"),
        ("12345678901234567890.1", "EUR", "12345678901234567890.10"),
        ("1.5", "XXX", "1.5"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: str, currency: str, told: str) -> None:
    """And keeps those that it has beyond them."""
    assert told == str(in_digits(Decimal(amount), currency))
