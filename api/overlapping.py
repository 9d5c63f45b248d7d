"""Segments against each other: sizes, intersections, unions, and sets made of several. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from schemas.errors import RequestError

MOST_KEYS = 10
_MOST_DEPTH = 8
_FORM = '{"all": […]}, {"any": […]}, {"not": …} or the key of a segment'

Masks = Mapping[int, int]
"""How many persons are in exactly the segments whose bits are set."""


def keys_of(expression: Any, depth: int = 1) -> Iterator[str]:
    """The segments an expression names. Raises RequestError `bad_parameter` for what is none."""
    if isinstance(expression, str):
        yield expression
        return
    parts = _parts(expression)
    if parts is None or depth > _MOST_DEPTH:
        raise RequestError(
            "bad_parameter", f"An expression is {_FORM}, nested at most {_MOST_DEPTH} deep.", "/expression"
        )
    for each in parts:
        yield from keys_of(each, depth + 1)


def _parts(expression: Any) -> Sequence[Any] | None:
    if not isinstance(expression, dict) or len(expression) != 1:
        return None
    [(word, said)] = expression.items()
    if word == "not":
        return [said]
    return said if word in {"all", "any"} and isinstance(said, list) and said else None


def holds(expression: Any, keys: Sequence[str], mask: int) -> bool:
    """Whether it holds of somebody who is in exactly these segments."""
    if isinstance(expression, str):
        return bool(mask >> keys.index(expression) & 1)
    [(word, said)] = expression.items()
    if word == "not":
        return not holds(said, keys, mask)
    return (all if word == "all" else any)(holds(each, keys, mask) for each in said)


def require_bounded(expression: Any, keys: Sequence[str]) -> None:
    """Raises RequestError for an expression that people in none of its segments satisfy."""
    if holds(expression, keys, 0):
        message = "This holds of people in none of the segments: let `not` stand beside a segment in `all`."
        raise RequestError("bad_parameter", message, "/expression")


def compared(keys: Sequence[str], masks: Masks) -> dict[str, Any]:
    """Sizes, pairs, and how many are in any and in all."""
    return {
        "sizes": {key: _count(masks, lambda mask, bit=1 << place: bool(mask & bit)) for place, key in enumerate(keys)},
        "pairs": [_pair(keys, masks, one, other) for one, other in combinations(range(len(keys)), 2)],
        "union": _count(masks, bool),
        "intersection": masks.get((1 << len(keys)) - 1, 0),
        "combinations": [
            {"segments": [key for place, key in enumerate(keys) if mask >> place & 1], "size": count}
            for mask, count in sorted(masks.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def _pair(keys: Sequence[str], masks: Masks, one: int, other: int) -> dict[str, Any]:
    wanted = 1 << one | 1 << other
    both = _count(masks, lambda mask: mask & wanted == wanted)
    either = _count(masks, lambda mask: bool(mask & wanted))
    return {
        "segments": [keys[one], keys[other]],
        "intersection": both,
        "union": either,
        "jaccard": round(both / either, 4) if either else None,
    }


def _count(masks: Masks, wanted: Any) -> int:
    return sum(count for mask, count in masks.items() if wanted(mask))


def tallied(masks: Mapping[str, int]) -> Masks:
    """From who is in which to how many are."""
    return Counter(masks.values())
