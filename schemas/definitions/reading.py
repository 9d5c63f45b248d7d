"""From text to a definition. Whatever is wrong is an InvalidDefinition, which lists where and why."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.definitions.checks import check
from schemas.definitions.comparing import NODE_KEYS
from schemas.definitions.decoding import decode_json, decode_yaml
from schemas.definitions.definition import Definition, DefinitionKind, SegmentDefinition, TagDefinition
from schemas.definitions.limits import MAX_REFUSALS
from schemas.definitions.refusals import InvalidDefinition, Refusal, did_you_mean, refusal
from schemas.definitions.structure import check_size, check_structure
from schemas.definitions.walking import Steps
from schemas.definitions.windows import WINDOW_KEYS
from schemas.errors import InvalidValue

_MODELS: Mapping[str, type[SegmentDefinition | TagDefinition]] = {"segment": SegmentDefinition, "tag": TagDefinition}
_TAGS_ONLY = frozenset({"tiers", "value_of", "manual"})
_COMPANIONS = frozenset({
    "op", "value", "where", "has", "measure", "window", "within", "same", "without", "times", "in", "of", "unit",
    "earlier", "middle", "later", "salt", "by",
})  # fmt: skip
_MOST_LOOKED_AT = 10 * MAX_REFUSALS
"""Of what pydantic says; a list of nothing but mistakes would have it say much."""
_JSON_TYPES = {
    "string_type": "a string",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
}


def read_json(raw: bytes | str, kind: DefinitionKind | None = None, key: str | None = None) -> Definition:
    """Read a definition from JSON. Kind and key may be known from elsewhere: then the body may leave them out."""
    return parse(decode_json(raw), kind, key)


def read_yaml(raw: bytes | str, kind: DefinitionKind | None = None, key: str | None = None) -> Definition:
    """Read a definition from YAML, as from JSON."""
    return parse(decode_yaml(raw), kind, key)


def parse(body: Any, kind: DefinitionKind | None = None, key: str | None = None) -> Definition:
    """Read a decoded body; numbers with a fraction may be Decimal or float.

    Without a kind, one with what only a tag has is a tag.
    """
    _refuse(list(islice(check_structure(body), MAX_REFUSALS)))
    if not isinstance(body, dict):
        raise InvalidDefinition([refusal((), "should be an object")])
    _refuse(list(check_size(body)))
    whole = _named(body, kind, key)
    try:
        definition = _MODELS[whole["kind"]].model_validate(whole)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise InvalidDefinition(
            _without_consequences([_refusal(each, whole) for each in found[:_MOST_LOOKED_AT]])
        ) from None
    _refuse(check(definition))
    return definition


def _refuse(refusals: list[Refusal]) -> None:
    if refusals:
        raise InvalidDefinition(refusals)


def _named(body: dict[str, Any], kind: DefinitionKind | None, key: str | None) -> dict[str, Any]:
    said = body.get("kind") or kind or ("segment" if _TAGS_ONLY.isdisjoint(body) else "tag")
    if said not in list(_MODELS) or (kind and said != kind):
        raise InvalidDefinition([refusal(("kind",), f"should be {kind or 'segment or tag'}")])
    if key is not None and body.get("key", key) != key:
        raise InvalidDefinition([refusal(("key",), f"should be {key}, under which the definition is put")])
    return {**body, "kind": said, **({} if key is None else {"key": key})}


def _refusal(error: ErrorDetails, body: dict[str, Any]) -> Refusal:
    path, cause = _path(error["loc"], body), error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValue):
        return refusal((*path, *_steps(cause.field)), cause.message)
    if error["type"] == "union_tag_not_found":
        return _no_such(error["input"], path)
    return refusal(path, _predicate(error))


def _without_consequences(refusals: list[Refusal]) -> list[Refusal]:
    """A list that is said to be short only since its elements are refused is not refused itself."""
    below = tuple(each.pointer for each in refusals)
    found = [each for each in refusals if not any(other.startswith(f"{each.pointer}/") for other in below)]
    return found[:MAX_REFUSALS]


def _steps(field: tuple[str, ...]) -> Steps:
    return tuple(int(step) if step.isdecimal() else step for step in field)


def _path(loc: Steps, body: Any) -> Steps:
    """The path in the body: tags, which stand in angle brackets, are no part of it."""
    value, path = body, []
    for step in loc:
        held = _held(value, step)
        if held is None and isinstance(step, str) and step.startswith("<"):
            continue
        path.append(step)
        value = held
    return tuple(path)


def _held(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) else None


def _predicate(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind in _JSON_TYPES:
        return f"should be {_JSON_TYPES[kind]}"
    if kind == "literal_error":
        known = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"should be {context['expected']}{did_you_mean(error['input'], known)}"
    if kind in {"too_short", "too_long"}:
        least = "at least" if kind == "too_short" else "at most"
        return f"should have {least} {context.get('min_length', context.get('max_length'))} elements"
    return f"should{error['msg'].partition('should')[2] or ' have another value'}"


def _no_such(sent: Any, path: Steps) -> Refusal:
    """An object without the key that tells what it is; the pointer is to the name that was taken for one."""
    noun, known = next(((noun, keys) for last, noun, keys in _CHOICES if path[-1] == last), ("node", NODE_KEYS))
    if not isinstance(sent, dict):
        return refusal(path, f"should be an object, a {noun}")
    name = next((name for name in sent if name not in _COMPANIONS), None)
    if name is None:
        return refusal(path, f"is no {noun}: it needs one of {', '.join(known)}")
    return refusal((*path, name), f"is no {noun}{did_you_mean(name, known) or '; there are ' + ', '.join(known)}")


_CHOICES = (
    ("window", "window", WINDOW_KEYS),
    ("earlier", "window", WINDOW_KEYS),
    ("middle", "window", WINDOW_KEYS),
    ("later", "window", WINDOW_KEYS),
    ("limit", "limit", ("top", "random")),
)
