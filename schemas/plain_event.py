"""Events as most of them are, flat and of a type with few rules, read at once by typed decoding.

It decides nothing: what it reads, the models of `schemas.events` read alike, and what it is not sure of is left to
them. A property holds the two together; here an event takes three fifths of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, ClassVar, get_args

import msgspec

from schemas.currencies import MINOR_DIGITS
from schemas.errors import InvalidValue
from schemas.events import is_custom
from schemas.events.fields import MAX_KEY
from schemas.events.visits import ProductEvent, VisitEvent
from schemas.money import canonical, parse_amount
from schemas.times import Moment, parse_time

PLAIN_DEPTH = 2
"""How deep a plain event is nested: fields of its data and its ids."""
_Integer = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_NUL = b"\\u0000"


class _Sent(msgspec.Struct, forbid_unknown_fields=True):
    """The event as sent; whatever else an event may have is for the models."""

    event_id: str
    type: str
    occurred_at: str
    ids: dict[str, str]
    data: dict[str, str | _Integer | bool | None]
    channel: str | None = None
    store: str | None = None
    batch: str | None = None


_DECODER = msgspec.json.Decoder(_Sent)


@dataclass(slots=True)
class PlainEvent:
    """What the models would say of the same event; `data` as it is stored."""

    least_ids: ClassVar[int] = 1
    thing: ClassVar[str] = ""

    event_id: str
    type: str
    occurred_at: Moment
    ids: dict[str, str]
    channel: str | None
    store: str | None
    batch: str | None
    data: dict[str, Any]


class _Unsure(Exception):
    """Not plain: the models are to say what it is."""


def read_plain(raw: bytes) -> PlainEvent | None:
    """Read an event that is plain; None when it is not, or not surely."""
    try:
        sent = _DECODER.decode(raw)
        rules = _RULES.get(sent.type) or _rules_of_custom(sent.type)
        for name, rule in rules.items():
            if name in sent.data:
                sent.data[name] = rule(sent.data[name])
        moment = parse_time(sent.occurred_at)
    except (msgspec.MsgspecError, InvalidValue, ValueError, RecursionError, _Unsure):
        return None
    labels = (sent.channel, sent.store, sent.batch)
    if not _is_key(sent.event_id) or any(label and len(label) > MAX_KEY for label in labels) or _NUL in raw:
        return None
    if "sku" in rules and "sku" not in sent.data:
        return None
    return PlainEvent(sent.event_id, sent.type, moment, sent.ids, *labels, sent.data)


def _is_key(text: str) -> bool:
    return 0 < len(text) <= MAX_KEY


def _rules_of_custom(name: str) -> Mapping[str, Callable[[object], str | int | None]]:
    if not is_custom(name):
        raise _Unsure
    return {}


def _sku(value: object) -> str:
    if not isinstance(value, str) or not _is_key(value) or value.isspace():
        raise _Unsure
    return value


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise _Unsure
    return value


def _quantity(value: object) -> int | None:
    if value is not None and (type(value) is not int or value <= 0):
        raise _Unsure
    return value


def _said(read: Callable[[str], str], value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Unsure
    return read(value)


@lru_cache(maxsize=8192)
def _price(text: str) -> str:
    amount = parse_amount(text)
    if amount < 0:
        raise _Unsure
    return canonical(amount)


@lru_cache(maxsize=1024)
def _currency(text: str) -> str:
    if text.upper() not in MINOR_DIGITS:
        raise _Unsure
    return text.upper()


_Rules = Mapping[str, Callable[[object], str | int | None]]
_PRODUCT: _Rules = {
    "sku": _sku, "name": _text, "category": _text, "price": partial(_said, _price),
    "currency": partial(_said, _currency), "quantity": _quantity,
}  # fmt: skip
_VISIT: _Rules = {"url": _text, "query": _text, "coupon": _text}
_RULES: Mapping[str, _Rules] = {
    name: rules
    for family, rules in ((ProductEvent, _PRODUCT), (VisitEvent, _VISIT))
    for name in get_args(family.model_fields["type"].annotation)
}
