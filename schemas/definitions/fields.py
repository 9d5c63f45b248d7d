"""The fields that filters and measures may name, with what they hold: of events, taken from their models; of orders.

Fields of events that the catalogue does not know are kept as sent, and may be named too: they hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from schemas.definitions.limits import MAX_NAME, MAX_PATH_PARTS
from schemas.definitions.operators import Typed
from schemas.definitions.refusals import did_you_mean
from schemas.definitions.values import Kind
from schemas.errors import InvalidValue
from schemas.events.catalogue import EVENT_TYPES, FAMILIES, is_event_type
from schemas.events.envelope import Data
from schemas.times import Moment

EVENT_FAMILIES = (*sorted({f"{name.partition('.')[0]}.*" for name in EVENT_TYPES}), "custom.*")
ENVELOPE_FIELDS = ("channel", "store", "source")
ORDER_FIELDS: Mapping[str, Typed] = MappingProxyType(
    {
        "state": Typed("string"),
        "net_amount": Typed("money"),
        "total": Typed("money"),
        "category": Typed("string", many=True),
        "brand": Typed("string", many=True),
        "sku": Typed("string", many=True),
        "store": Typed("string"),
        "channel": Typed("string"),
        "source": Typed("string"),
    }
)
_ANY = Typed("any")
_KINDS: Mapping[object, Kind] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    Decimal: "money",
    Moment: "time",
    dict: "object",
}
_PARTS = re.compile(r"(data|context)(\.[^.\x00]+)+\Z")
_BARE = re.compile(r"[^.\x00]{1,100}\Z")
_SEVERAL = {Union, UnionType}


def check_event_type(name: str) -> str:
    """A type of events, custom.<name>, or a family such as order.*; gives it back. Raises InvalidValue."""
    if name in EVENT_FAMILIES or is_event_type(name):
        return name
    own = "" if name.startswith("custom.") else ", and events of your own are named custom.<name>"
    hint = did_you_mean(name, (*EVENT_TYPES, *EVENT_FAMILIES))
    raise InvalidValue("unknown_type", f"is no type of events{hint or own}")


def types_of(event: str) -> tuple[str, ...]:
    """The catalogue's types that a checked type or family stands for; of custom.* and its kind none."""
    if event.endswith(".*"):
        return tuple(name for name in EVENT_TYPES if name.startswith(event[:-1]))
    return (event,) if event in EVENT_TYPES else ()


def event_field(event: str, path: str) -> Typed:
    """What a field of such events holds: channel, store, source, data.… or context.…. Raises InvalidValue."""
    if path in ENVELOPE_FIELDS:
        return Typed("string")
    known = _catalogue()
    if not _PARTS.match(path) or len(path) > MAX_NAME or path.count(".") >= MAX_PATH_PARTS:
        named = sorted({field for name in types_of(event) for field in known[name]})
        hint = f"; did you mean `data.{path}`?" if f"data.{path}" in named else did_you_mean(path, named)
        raise InvalidValue("unknown_field", f"is no field of events: they have {_ALL}{hint}")
    found = {known[name][path] for name in types_of(event) if path in known[name]}
    return found.pop() if len(found) == 1 else _ANY


def order_field(name: str) -> Typed:
    """What a field of orders holds. Raises InvalidValue."""
    if name not in ORDER_FIELDS:
        hint = did_you_mean(name, ORDER_FIELDS)
        raise InvalidValue("unknown_field", f"is no field of orders: they have {', '.join(ORDER_FIELDS)}{hint}")
    return ORDER_FIELDS[name]


def check_same(name: str) -> str:
    """The name by which a step equals the one before: bare (data.X or data.lines[].X), or a whole path."""
    if not _BARE.match(name):
        event_field("custom.*", name)
    return name


_ALL = f"{', '.join(ENVELOPE_FIELDS)}, data.… and context.…"


@cache
def _catalogue() -> Mapping[str, Mapping[str, Typed]]:
    found: dict[str, Mapping[str, Typed]] = {}
    for family in FAMILIES:
        fields = dict(_below("data", family.model_fields["data"].annotation, many=False))
        found.update(dict.fromkeys(get_args(family.model_fields["type"].annotation), fields))
    return found


def _below(path: str, annotation: Any, *, many: bool) -> Iterator[tuple[str, Typed]]:
    """The field itself, and those within it."""
    plain = _plain(annotation)
    if get_origin(plain) is list:
        yield from _below(path, get_args(plain)[0], many=True)
    elif isinstance(plain, type) and issubclass(plain, Data):
        yield path, Typed("object", many)
        for name, field in plain.model_fields.items():
            yield from _below(f"{path}.{name}", field.annotation, many=many)
    else:
        yield path, Typed(_KINDS[get_origin(plain) or plain], many)


def _plain(annotation: Any) -> Any:
    """The type under what may be left out, is annotated or is one of some words."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain(get_args(annotation)[0])
    if origin is Literal:
        return str
    if origin in _SEVERAL:
        return _plain(next(each for each in get_args(annotation) if each is not type(None)))
    return annotation
