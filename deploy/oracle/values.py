"""How amounts, numbers and times are read from events and shown in answers."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

# ISO 4217: every currency that does not have two minor digits.
NO_DIGITS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def instant(text: str) -> datetime:
    """An RFC 3339 time as a datetime in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def local(time: datetime, zone: str) -> datetime:
    """The time as clocks and calendars of that zone show it."""
    return time.astimezone(ZoneInfo(zone))


def shown_time(time: datetime | None) -> str | None:
    """RFC 3339 in UTC with `Z`; a fraction only as far as it is not zero; null stays null."""
    if time is None:
        return None
    whole, _, fraction = time.astimezone(UTC).isoformat().removesuffix("+00:00").partition(".")
    return whole + (f".{fraction.rstrip('0')}" if fraction else "") + "Z"


def shown_time_of(value: Any) -> Any:
    """A time from a payload as answers show it; what is not a time with an offset stays as it was sent."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return value if time.tzinfo is None else shown_time(time)


def amount(value: Any) -> Decimal:
    """A decimal string or JSON number without any binary fraction in between."""
    return Decimal(str(value))


def minor_digits(currency: str) -> int:
    """How many decimals the currency's smallest coin has."""
    if currency in THREE_DIGITS:
        return 3
    return 0 if currency in NO_DIGITS else 2


def shown_money(value: Decimal, currency: str) -> str:
    """A string with the currency's minor digits, more only where they are not zero."""
    exponent = value.normalize().as_tuple().exponent
    digits = -exponent if isinstance(exponent, int) else 0
    return f"{value:.{max(digits, minor_digits(currency))}f}"


def mean(total: Decimal, count: int) -> Decimal | None:
    """The total over the count, rounded half-even to 4 decimals; over nothing there is none."""
    return (total / count).quantize(Decimal("0.0001"), ROUND_HALF_EVEN) if count else None


def shown_ratio(dividend: Decimal, divisor: Decimal) -> int | float | None:
    """A share or a mean as a number of at most 4 decimals, rounded half-even without a step between; null over 0."""
    if not divisor:
        return None
    return number(Decimal(round(Fraction(dividend) / Fraction(divisor) * 10_000)).scaleb(-4))


def number(value: Decimal) -> int | float:
    """A JSON number: an integer when whole."""
    return int(value) if value == value.to_integral_value() else float(value)
