"""What definitions compare with: JSON values read as what the thing compared is. Raises InvalidValue."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from schemas.errors import InvalidValue
from schemas.money import parse_amount
from schemas.numbers import plain_number
from schemas.times import parse_time

Kind = Literal["any", "string", "number", "money", "bool", "time", "date", "label", "object"]
"""`any`: what a trait or an unknown field holds is compared with values of the same JSON type, and with times and dates
where it reads as one. `label`: what a tag says, text or true. `object`: has fields below it; it is there or not."""

Scalar = str | bool | int | float | Decimal | datetime | date | timedelta
Value = Scalar | tuple[Scalar, ...] | None
"""By kind: string str, number int or float, money Decimal, bool, time datetime in UTC, date, durations timedelta."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
# What ClickHouse's DateTime64 and Date32 can hold, a day within.
_EARLIEST, _LATEST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2299, 12, 30, tzinfo=UTC)


def read_text(raw: object) -> str:
    """A string."""
    if not isinstance(raw, str):
        raise InvalidValue("invalid_type", "should be a string")
    return raw


def read_number(raw: object) -> int | float:
    """A number, the nearest that a JSON reader keeps."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise InvalidValue("invalid_type", "should be a number")
    exact = Decimal(repr(raw)) if isinstance(raw, float) else raw
    number = plain_number(exact) if not isinstance(exact, Decimal) or exact.is_finite() else math.nan
    if isinstance(number, str) or not math.isfinite(number):
        raise InvalidValue("invalid_value", "should be a number that a double or 64 bits can hold")
    return number


def read_money(raw: object) -> Decimal:
    """An amount in the platform's currency, as a string or a number."""
    return parse_amount(Decimal(repr(raw)) if isinstance(raw, float) else raw)


def read_bool(raw: object) -> bool:
    """True or false."""
    if not isinstance(raw, bool):
        raise InvalidValue("invalid_type", "should be true or false")
    return raw


def read_time(raw: object) -> datetime:
    """RFC 3339 with an offset, as UTC."""
    moment = parse_time(raw).utc
    if not _EARLIEST <= moment <= _LATEST:
        raise InvalidValue("invalid_value", "should be between the years 1900 and 2299")
    return moment


def read_date(raw: object) -> date:
    """A date as 2026-11-22."""
    if not isinstance(raw, str) or not _DATE.match(raw):
        raise InvalidValue("invalid_value", 'should be a date such as "2026-11-22"')
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        raise InvalidValue("invalid_value", "should be a date that exists") from None
    if not _EARLIEST.date() <= day <= _LATEST.date():
        raise InvalidValue("invalid_value", "should be between the years 1900 and 2299")
    return day


def read_label(raw: object) -> str | bool:
    """What a tag says: text, or true."""
    if raw is not True and not isinstance(raw, str):
        raise InvalidValue("invalid_type", "should be a string, or true for a tag with one condition")
    return raw


def read_any(raw: object) -> Scalar:
    """Whatever JSON writes as one value."""
    if isinstance(raw, str | bool):
        return raw
    if isinstance(raw, int | float | Decimal):
        return read_number(raw)
    raise InvalidValue("invalid_type", "should be a string, a number, true or false")


def read_ordered(raw: object) -> Scalar:
    """What comes before or after others: a number, a date or a time."""
    if isinstance(raw, str) and _TIME.match(raw):
        return read_time(raw)
    if isinstance(raw, str) and _DATE.match(raw):
        return read_date(raw)
    if isinstance(raw, str | bool) or not isinstance(raw, int | float | Decimal):
        raise InvalidValue("invalid_type", "should be a number, a date or a time, for only they have an order")
    return read_number(raw)
