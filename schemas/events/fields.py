"""The kinds of fields events are made of: how each is read, and how its JSON Schema says so.

Every reader raises InvalidValue; what it gives is the normalised value (amounts as Decimal, times as Moment).
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import PlainValidator, StringConstraints, WithJsonSchema

from schemas.currencies import MINOR_DIGITS
from schemas.errors import InvalidValue
from schemas.money import AMOUNT_PATTERN, parse_amount
from schemas.numbers import plain_number
from schemas.sources import SOURCE_PATTERN
from schemas.times import Moment, parse_time

MAX_KEY = 200
_NO_NUL = r"^[^\x00]*$"


def _key(value: object) -> str:
    """Numbers of orders and articles are often sent as JSON numbers: their digits are the key."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise InvalidValue("invalid_type", "should be a string (or a whole number)")
    if not 0 < len(value) <= MAX_KEY or "\x00" in value or value.isspace():
        raise InvalidValue("invalid_value", f"should have 1 to {MAX_KEY} characters, not all blank and none NUL")
    return value


def _positive_money(value: object) -> Decimal:
    amount = parse_amount(value)
    if amount < 0:
        raise InvalidValue("invalid_money", "should not be negative")
    return amount


def _currency(value: object) -> str:
    code = value.upper() if isinstance(value, str) else ""
    if code not in MINOR_DIGITS:
        raise InvalidValue("invalid_currency", "should be an ISO 4217 code, such as CNY")
    return code


def _number(
    value: object, *, least: float | None = None, above: float | None = None, most: float | None = None
) -> int | float:
    number = plain_number(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
    if number is None:
        raise InvalidValue("invalid_type", "should be a number")
    if isinstance(number, str):
        raise InvalidValue("invalid_value", "should be a smaller number")
    if least is not None and number < least:
        raise InvalidValue("invalid_value", f"should be at least {least}")
    if above is not None and number <= above:
        raise InvalidValue("invalid_value", f"should be more than {above}")
    if most is not None and number > most:
        raise InvalidValue("invalid_value", f"should be at most {most}")
    return number


_MONEY = {"type": ["string", "number"], "pattern": AMOUNT_PATTERN, "examples": ["268.00"]}
_TIME = {"type": "string", "format": "date-time", "examples": ["2026-11-22T08:00:00+08:00"]}
_KEY = {
    "type": ["string", "integer"],
    "minLength": 1,
    "maxLength": MAX_KEY,
    "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
}

Key = Annotated[str, PlainValidator(_key), WithJsonSchema(_KEY)]
"""What something is known by: order_id, sku, medium."""

EventId = Annotated[str, StringConstraints(min_length=1, max_length=MAX_KEY, pattern=_NO_NUL)]
Label = Annotated[str, StringConstraints(max_length=MAX_KEY, pattern=_NO_NUL)]
SourceName = Annotated[str, StringConstraints(pattern=SOURCE_PATTERN, max_length=64)]

Money = Annotated[Decimal, PlainValidator(_positive_money), WithJsonSchema({**_MONEY, "minimum": 0})]
Currency = Annotated[
    str,
    PlainValidator(_currency),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{3}$", "description": "ISO 4217; missing: the platform's"}),
]
Time = Annotated[Moment, PlainValidator(parse_time), WithJsonSchema(_TIME)]

Number = Annotated[int | float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
NotNegative = Annotated[
    int | float, PlainValidator(partial(_number, least=0)), WithJsonSchema({"type": "number", "minimum": 0})
]
Quantity = Annotated[
    int | float,
    PlainValidator(partial(_number, above=0)),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
Stars = Annotated[
    int | float,
    PlainValidator(partial(_number, least=1, most=5)),
    WithJsonSchema({"type": "number", "minimum": 1, "maximum": 5}),
]

AnyObject = dict[str, Any]
