"""How problems and models are described in OpenAPI: as the answers they are, media type included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from schemas.errors import CODES
from schemas.http.problems import MEDIA_TYPE
from schemas.http.request_id import HEADER

REFERENCE = "#/components/schemas/{model}"


class ErrorItem(BaseModel):
    """One thing that is wrong, and where."""

    code: str
    pointer: str
    message: str


class Problem(BaseModel):
    """RFC 9457, with the platform's code and the request's id."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str | None
    code: str
    message: str
    errors: list[ErrorItem]
    request_id: str | None


def problem_answers(*codes: str, model: type[BaseModel] = Problem) -> dict[int | str, dict[str, Any]]:
    """Describe the answers with these codes, by status, as FastAPI's `responses` takes them."""
    answers: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        known = CODES[code]
        if known.status in answers:
            answers[known.status]["description"] += f" `{code}`: {known.meaning}"
        else:
            answers[known.status] = _answer(f"`{code}`: {known.meaning}", known.status, model)
    return answers


def components(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Give the JSON Schemas of these models, each under its name."""
    _, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=REFERENCE)
    found: dict[str, Any] = schemas.get("$defs", {})
    return found


def describe(app: FastAPI, schemas: Callable[[], dict[str, Any]], security: dict[str, Any]) -> None:
    """Add schemas (built when first asked for) and security schemes to what the app says of itself."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            parts = document.setdefault("components", {})
            parts["schemas"] = {**parts.get("schemas", {}), **schemas()}
            parts["securitySchemes"] = security
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _answer(description: str, status: int, model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    headers = {HEADER: {"schema": {"type": "string"}, "description": "the request's id; the log has it too"}}
    if status in (429, 503):
        headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "seconds"}
    if status == CODES["unauthorized"].status:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}, "description": "the accepted schemes"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}, "headers": headers}
