"""Definitions as requests carry them: JSON or YAML, with kind and key known from the path."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from api.bodies import read_body
from schemas.definitions import Definition, DefinitionKind, parse
from schemas.definitions.decoding import decode_json, decode_yaml
from schemas.definitions.limits import MAX_BODY_BYTES

UNSAVED = "unsaved"
"""The key of a definition that is only looked at, and says none."""

_EXAMPLE = {
    "name": {"zh": "香水忠实客户", "en": "Loyal perfume buyers"},
    "where": {
        "all": [
            {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
            {"event": "order.completed", "window": {"last": "30d"}, "op": "gte", "value": 2},
        ]
    },
}
_CONTENT = {"schema": {"type": "object"}, "example": _EXAMPLE}
DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "the definition; its JSON Schema is schemas/json/definition.schema.json",
        "content": {"application/json": _CONTENT, "application/yaml": _CONTENT},
    }
}
"""For OpenAPI."""


async def read_definition(request: Request, kind: DefinitionKind, key: str | None = None) -> Definition:
    """Read one; without a key in the path the body may say one. Raises InvalidDefinition, RequestError."""
    form, raw = await read_body(request, ("json", "yaml"), MAX_BODY_BYTES)
    body = decode_yaml(raw) if form == "yaml" else decode_json(raw)
    if key is None and isinstance(body, dict):
        body.setdefault("key", UNSAVED)
    return parse(body, kind, key)
