"""JSON bytes to Python, with decimals kept as Decimal. Every way in which bytes can be bad has its code."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from schemas.errors import Rejected

_GREATEST_EXPONENT = 308


class _Named(msgspec.Struct):
    """The one field read of an event that is refused."""

    event_id: str | None = None


def _decimal(text: str) -> Decimal:
    """Keep a number exact; beyond what a double can hold it is a mistake, and expensive to write out."""
    number = Decimal(text)
    if number and number.adjusted() >= _GREATEST_EXPONENT and math.isinf(float(number)):
        raise InvalidOperation
    return number


_DECODER = msgspec.json.Decoder(float_hook=_decimal)
_NAME_DECODER = msgspec.json.Decoder(_Named)


def decode_event(raw: bytes) -> dict[str, Any]:
    """Decode one JSON object. Of a name that occurs twice the last holds. Raises Rejected."""
    try:
        decoded = _DECODER.decode(raw)
    except UnicodeDecodeError:
        raise Rejected("invalid_encoding", "", "The event is not UTF-8.") from None
    except RecursionError:
        raise Rejected("too_deep", "", "The event is nested far too deeply.") from None
    except (ArithmeticError, OverflowError):
        raise Rejected("unreadable", "", "The event has a number beyond what a double can hold.") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise Rejected("unreadable", "", f"The event is not JSON: {error}.") from None
    if not isinstance(decoded, dict):
        raise Rejected("invalid_type", "", "An event is a JSON object.")
    return decoded


def event_id_of(raw: bytes) -> str | None:
    """Read the event_id of an event that is refused, if that much can be read."""
    try:
        name = _NAME_DECODER.decode(raw).event_id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return name[:200] if name else None


def is_deeper_than(most: int, event: dict[str, Any], raw: bytes) -> bool:
    """Tell whether objects and lists nest deeper than `most`; counting brackets settles nearly all."""
    return raw.count(b"{") + raw.count(b"[") > most and _deeper(most, event)


def _deeper(most: int, value: object) -> bool:
    if isinstance(value, dict):
        return most == 0 or any(_deeper(most - 1, part) for part in value.values())
    if isinstance(value, list):
        return most == 0 or any(_deeper(most - 1, part) for part in value)
    return False
