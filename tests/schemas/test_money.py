"""Money is exact: read strictly, spelt one way, printed in its currency."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.currencies import MINOR_DIGITS
from schemas.errors import InvalidValue
from schemas.money import canonical, format_money, parse_amount, valid_currency

AMOUNTS = st.decimals(min_value=-(10**13) + 1, max_value=10**13 - 1, places=4)


@given(AMOUNTS)
def test_every_amount_survives(amount):
    """Text and Decimal, canonical or printed, lead back to the same amount."""
    assert parse_amount(str(amount)) == parse_amount(amount) == amount
    assert parse_amount(canonical(amount)) == amount
    assert all(parse_amount(format_money(amount, currency)) == amount for currency in ("CNY", "JPY", "KWD"))


@given(AMOUNTS, AMOUNTS)
def test_one_amount_has_one_spelling(one, other):
    """canonical(a) = canonical(b) exactly if a = b."""
    assert (canonical(one) == canonical(other)) == (one == other)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("268.00", "268"),
        (268, "268"),
        (Decimal("268.50"), "268.5"),
        ("1.00000", "1"),
        (Decimal("1.000000"), "1"),
        ("-5", "-5"),
        ("0", "0"),
        ("-0.00", "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0E+999999"), "0"),
        ("9999999999999.9999", "9999999999999.9999"),
        ("0000000000000000001", "1"),
    ],
)
def test_amounts_that_are_read(value, amount):
    """Text, whole numbers and decimals; trailing and leading zeros are free."""
    assert canonical(parse_amount(value)) == amount


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 1",
        "1 ",
        "1,5",
        "1.",
        ".5",
        "+1",
        "1e3",
        "¥1",
        "NaN",
        "Infinity",
        "0x1",
        "\uff11",
        "1.00001",
        "10000000000000",
        True,
        False,
        None,
        [],
        {},
        1.5,
        10**13,
        Decimal("0.00001"),
        Decimal("1E+13"),
        Decimal("1E+999999999"),
        Decimal("1E-999999"),
        Decimal("NaN"),
        Decimal("Infinity"),
        Decimal("sNaN"),
    ],
)
def test_amounts_that_are_refused(value):
    """Anything else, floats first: they have lost what was sent."""
    with pytest.raises(InvalidValue) as caught:
        parse_amount(value)
    assert caught.value.code == "invalid_money"


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [
        ("268", "CNY", "268.00"),
        ("12.345", "CNY", "12.345"),
        ("12.30", "CNY", "12.30"),
        ("100", "JPY", "100"),
        ("100.5", "JPY", "100.5"),
        ("1.5", "KWD", "1.500"),
        ("-0.001", "USD", "-0.001"),
        ("0", "EUR", "0.00"),
        ("1E+2", "USD", "100.00"),
    ],
)
def test_money_is_printed_with_its_minor_digits(amount, currency, printed):
    """More only where they are not zero."""
    assert format_money(Decimal(amount), currency) == printed


def test_currencies_are_those_of_iso_4217():
    """Upper-case codes of three letters; metals and tests are no currencies."""
    assert valid_currency("CNY")
    assert valid_currency("USD")
    assert not any(valid_currency(code) for code in ("RMB", "cny", "", "XXX", "XAU", "DEM"))
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)
    assert len(MINOR_DIGITS) > 160
