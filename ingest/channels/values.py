"""Values of other platforms' events, brought to what native events hold; what cannot be read the door refuses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from schemas.money import MAX_DECIMALS, canonical

Json = Any
Object = dict[str, Any]

_PLAIN_NUMBER = re.compile(r"\s*(-?[0-9]{1,15}(?:\.[0-9]{1,40})?)\s*\Z")
_BEYOND_MONEY = 15
_STEP = Decimal(1).scaleb(-MAX_DECIMALS)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORDS = re.compile(r"[\W_]+")


def blank(value: Json) -> bool:
    """Whether a value says nothing: null, or a string of nothing but spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def first(value: Object, *names: str) -> Json:
    """The first of some members that says something; None if none does."""
    return next((value[name] for name in names if not blank(value.get(name))), None)


def number(value: Json) -> int | Decimal | None:
    """A number, also one that was quoted; None for anything else."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    plain = _PLAIN_NUMBER.match(value) if isinstance(value, str) else None
    return Decimal(plain[1]) if plain else None


def money(value: Json) -> Json:
    """An amount without the dust of binary floats: at most 4 decimals, half to even. Text stays text."""
    found = number(value)
    if not isinstance(found, Decimal) or found.adjusted() > _BEYOND_MONEY:
        return value
    exponent = found.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MAX_DECIMALS:
        found = found.quantize(_STEP)
    return canonical(found) if isinstance(value, str) else found


def text(value: Json) -> Json:
    """Text, also where a number was sent for it."""
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else format(value, "f")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def without_blanks(value: Object, names: Iterable[str]) -> Object:
    """The same without those of some members that say nothing."""
    left_out = {name for name in names if name in value and blank(value[name])}
    return {name: part for name, part in value.items() if name not in left_out}


def merged(under: Object, over: Object) -> Object:
    """Two objects in one; where both say something, `over` does, objects within objects included."""
    both = {**under, **over}
    for name in under.keys() & over.keys():
        if isinstance(under[name], dict) and isinstance(over[name], dict):
            both[name] = merged(under[name], over[name])
    return both


def snake_case(name: str) -> str:
    """`Signed Up`, `signedUp` and `signed-up` are signed_up; what is not ASCII is written in Punycode, as domains are.

    '' where there is neither letter nor digit.
    """
    spaced = _HUMPS.sub(" ", unicodedata.normalize("NFKC", name))
    snake = _NOT_WORDS.sub("_", spaced).strip("_").lower()
    if snake.isascii():
        return snake
    return "xn--" + snake.encode("punycode").decode()
