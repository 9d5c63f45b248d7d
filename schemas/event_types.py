"""Event types as lists of them name them: one type, or a family as `order.*`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from schemas.errors import InvalidValue
from schemas.events.catalogue import EVENT_TYPES, is_event_type

_FAMILIES = frozenset(name.partition(".")[0] for name in EVENT_TYPES) | {"custom"}


def _known(pattern: str) -> str:
    family, star, rest = pattern.partition(".*")
    if not (is_event_type(pattern) or (star and not rest and family in _FAMILIES)):
        raise InvalidValue("invalid_value", "should be an event type, or a family such as order.*")
    return pattern


TypePattern = Annotated[str, AfterValidator(_known)]


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern names this type."""
    return name == pattern or (pattern.endswith(".*") and name.startswith(pattern[:-1]))


def matches_any(patterns: Iterable[str], name: str) -> bool:
    """Whether any of some patterns names this type."""
    return any(matches(each, name) for each in patterns)
