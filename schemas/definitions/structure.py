"""What decoded JSON or YAML must be before it is read as a definition: JSON, of limited size, every name once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from schemas.definitions.comparing import NODE_KEYS
from schemas.definitions.limits import MAX_JSON_DEPTH, MAX_LIST, MAX_NODES, MAX_OBJECTS, MAX_PATTERNS, MAX_TEXT
from schemas.definitions.refusals import Refusal, refusal
from schemas.definitions.walking import Steps

_PART_KEYS = frozenset({*NODE_KEYS, "field"})
_GREATEST_EXPONENT = 400
"""What a double holds lies within; writing out what lies beyond would be expensive."""


class Repeating(dict[str, Any]):
    """An object in which a name occurred twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.repeated = next(name for name in names if names.count(name) > 1)


def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; of a name that occurs twice it is remembered."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeating(pairs)


def check_size(body: dict[str, Any]) -> Iterator[Refusal]:
    """Whether a body is too large to be read part by part: each part that is wrong takes time to say so."""
    objects = [*_objects(body.get("where")), *_objects(body.get("tiers"))]
    parts = sum(not _PART_KEYS.isdisjoint(each) for each in objects)
    if parts > MAX_NODES:
        yield refusal((), f"has {parts} nodes, filters and steps; {MAX_NODES} is the most")
    elif len(objects) > MAX_OBJECTS:
        yield refusal((), f"has {len(objects)} objects; {MAX_OBJECTS} is the most")
    elif (patterns := sum(each.get("op") == "matches" for each in objects)) > MAX_PATTERNS:
        yield refusal((), f"has {patterns} regular expressions; {MAX_PATTERNS} is the most")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list):
        for each in value:
            yield from _objects(each)


def check_structure(value: Any, path: Steps = ()) -> Iterator[Refusal]:
    """What of the value cannot be part of any definition."""
    if len(path) > MAX_JSON_DEPTH:
        yield refusal(path, "is nested too deeply")
    elif isinstance(value, dict):
        yield from _object(value, path)
    elif isinstance(value, list):
        if len(value) > MAX_LIST:
            yield refusal(path, f"has {len(value)} elements; {MAX_LIST} is the most")
        else:
            for index, each in enumerate(value):
                yield from check_structure(each, (*path, index))
    elif problem := _scalar(value):
        yield refusal(path, problem)


def _object(value: dict[Any, Any], path: Steps) -> Iterator[Refusal]:
    if isinstance(value, Repeating):
        yield refusal((*path, value.repeated), "is said twice")
    for name, each in value.items():
        if problem := _text(name):
            yield refusal(path, f"has a name that {problem}")
        else:
            yield from check_structure(each, (*path, name))


def _scalar(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if value.bit_length() < 1024 else "is too large a number"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is no number"
    if isinstance(value, Decimal):
        return "" if value.is_finite() and abs(value.adjusted()) < _GREATEST_EXPONENT else "is too large a number"
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        return "is not JSON"
    if len(value) > MAX_TEXT:
        return f"has {len(value)} characters; {MAX_TEXT} is the most"
    if "\x00" in value or any("\ud800" <= each <= "\udfff" for each in value):
        return "has a character that is none"
    return ""
