"""Chosen fields of dossiers, `traits.city` or `orders.net_amount`: named, found, and typed for tables. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.definitions.metrics import metric
from schemas.definitions.values import Kind
from schemas.errors import InvalidValue, RequestError
from schemas.identifiers import IDENTIFIER_TYPES

MOST_FIELDS = 50
_PARTS = (
    "traits", "derived", "first_seen", "last_seen", "orders", "interactions", "feedback", "loyalty", "rfm", "lifecycle",
    "tags", "segments", "consent", "identifiers",
)  # fmt: skip
_HELD = ("lifecycle", "tags", "segments")


def read_fields(text: str) -> tuple[str, ...]:
    """Read `fields`. Raises RequestError `bad_parameter` for what no dossier has."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if len(names) > MOST_FIELDS:
        raise RequestError("bad_parameter", f"fields names at most {MOST_FIELDS} fields.", "/query/fields")
    for name in names:
        part, _, rest = name.partition(".")
        if part not in _PARTS or (part == "identifiers" and rest not in IDENTIFIER_TYPES):
            known = ", ".join(_PARTS)
            raise RequestError(
                "bad_parameter", f"{name} is no field of a dossier: those begin with {known}.TYPE.", "/query/fields"
            )
    return names


def asks_what_holds(names: Sequence[str]) -> bool:
    """Whether tags or segments are among them."""
    return any(name.partition(".")[0] in _HELD for name in names)


def pick(dossier: Mapping[str, Any], name: str) -> Any:
    """The value at a path of a dossier; None where there is none. Of identifiers of a type, all their values."""
    if name.startswith("identifiers."):
        kind = name.partition(".")[2]
        return [each["value"] for each in dossier["identifiers"] if each["type"] == kind]
    return _at(dossier, name)


def _at(found: Any, path: str) -> Any:
    """Names may contain dots: the longest that is there is taken."""
    if not path:
        return found
    if not isinstance(found, Mapping):
        return None
    if path in found:
        return found[path]
    ends = [place for place, letter in enumerate(path) if letter == "."]
    return next((_at(found[path[:end]], path[end + 1 :]) for end in reversed(ends) if path[:end] in found), None)


def kind_of(name: str) -> Kind:
    """What a table's column of the field holds; text for what is not a single figure."""
    try:
        typed = metric(name).typed
    except InvalidValue:
        return "string"
    return "string" if typed.many else typed.kind
