"""What pydantic says about an event, as the one rejection its channel gets: code, pointer, sentence."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.errors import InvalidValue, Rejected
from schemas.events import EVENT_TYPES
from schemas.pointers import dotted, pointer

_NO_SUCH_TYPE = {"union_tag_not_found", "union_tag_invalid"}
_WRONG_JSON_TYPE = {
    "string_type": "a string",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
}
_JSON_NAMES = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}


def refusal(error: ValidationError, event: dict[str, Any]) -> Rejected:
    """Give the first thing that is wrong, in the order fields are declared."""
    first = error.errors(include_url=False)[0]
    if first["type"] in _NO_SUCH_TYPE:
        return _of_type(event)
    path, cause = first["loc"][1:], first.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValue):
        path = (*path, *cause.field)
        return Rejected(cause.code, pointer(path), f"{dotted(path)} {cause.message}.")
    return Rejected(_code(first["type"]), pointer(path), _sentence(first, path, event["type"]))


def json_name(value: object) -> str:
    """Name the JSON type of a decoded value, with its article."""
    return _JSON_NAMES.get(type(value), "a number")


def _of_type(event: dict[str, Any]) -> Rejected:
    if "type" not in event:
        return Rejected("missing_field", "/type", "type is missing: it says what happened, such as order.completed.")
    name = event["type"]
    if not isinstance(name, str):
        return Rejected("invalid_type", "/type", f"type should be a string, not {json_name(name)}.")
    return Rejected("unknown_type", "/type", f"There is no such event type: {_advice(name[:80])}")


@lru_cache(maxsize=1024)
def _advice(name: str) -> str:
    """Cached, since who sends one wrong type sends it often, and looking for the nearest takes 0.2 ms."""
    if name.startswith("custom."):
        return "the name after custom. is of a-z, 0-9, '_', '.' and '-'."
    close = get_close_matches(name, EVENT_TYPES, n=1)
    return f"did you mean {close[0]}?" if close else "events of your own are named custom.<name>."


def _code(kind: str) -> str:
    if kind in _WRONG_JSON_TYPE:
        return "invalid_type"
    return {"missing": "missing_field", "extra_forbidden": "unknown_field"}.get(kind, "invalid_value")


def _sentence(error: ErrorDetails, path: tuple[str | int, ...], event_type: str) -> str:
    name, kind = dotted(path), error["type"]
    if kind == "missing":
        return f"{name} is missing: {event_type} needs it."
    if kind == "extra_forbidden":
        return f"An event has no field {name}; fields of your own belong into data or context."
    if kind in _WRONG_JSON_TYPE:
        return f"{name} should be {_WRONG_JSON_TYPE[kind]}, not {json_name(error['input'])}."
    expected = error["msg"].partition("should")[2].replace(" after validation", "")
    return f"{name} should{expected or ' have another value'}."
