"""Reading a mapping: YAML to model, all that is wrong with pointers and sentences; and its JSON Schema."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from schemas.definitions import InvalidDefinition
from schemas.definitions.decoding import decode_yaml
from schemas.definitions.structure import check_structure
from schemas.errors import CdpError, InvalidValue
from schemas.mapping.model import Condition, EventMapping, Field, Mapping
from schemas.pointers import dotted, pointer

_MOST_REASONS = 10
_KNOWN = sorted({name for model in (Mapping, EventMapping, Field, Condition) for name in model.model_fields})


class InvalidMapping(CdpError):
    """A mapping that cannot be; each line of the message says where and why."""

    def __init__(self, reasons: list[tuple[str, str]]) -> None:
        super().__init__("\n".join(f"{where}{where and ': '}{why}" for where, why in reasons), code="invalid_value")
        self.reasons = reasons


def read_mapping(raw: bytes | str) -> Mapping:
    """Read a mapping from YAML or JSON. Raises InvalidMapping."""
    try:
        said = decode_yaml(raw)
    except InvalidDefinition as refused:
        raise InvalidMapping([("", _ours(refused.message))]) from None
    return parse_mapping(said)


def parse_mapping(said: Any) -> Mapping:
    """Make a mapping of what was decoded. Raises InvalidMapping."""
    if refusals := list(check_structure(said)):
        raise InvalidMapping([(each.pointer, _ours(each.message)) for each in refusals[:_MOST_REASONS]])
    if not isinstance(said, dict):
        raise InvalidMapping([("", "The mapping should be an object with name and events.")])
    try:
        return Mapping.model_validate(said)
    except ValidationError as error:
        raise InvalidMapping([_reason(each) for each in error.errors(include_url=False)[:_MOST_REASONS]]) from None


def mapping_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of a mapping."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:cdp:mapping:v1",
        "title": "Mapping of a file",
        **Mapping.model_json_schema(mode="validation"),
    }


def _ours(message: str) -> str:
    return message.replace("The definition", "The mapping")


def _reason(error: ErrorDetails) -> tuple[str, str]:
    path, cause = error["loc"], error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValue):
        path = (*path, *cause.field)
        return pointer(path), f"{dotted(path) or 'The mapping'} {cause.message}."
    return pointer(path), _sentence(error["type"], path, error["msg"])


def _sentence(kind: str, path: tuple[int | str, ...], message: str) -> str:
    name = dotted(path) or "The mapping"
    if kind == "missing":
        return f"{name} is missing."
    if kind == "extra_forbidden":
        close = get_close_matches(str(path[-1]), _KNOWN, n=1)
        return f"{name} is no field of a mapping{f'; did you mean {close[0]}?' if close else '.'}"
    return f"{name}: {message.removeprefix('Input ')}."
