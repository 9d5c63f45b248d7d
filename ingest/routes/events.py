"""POST /v1/events: the channels' door."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ingest.answers import Accepted, AllRejected, answer
from ingest.body import read_body
from ingest.intake import Intake
from ingest.items import NDJSON_TYPES
from ingest.keys import KeyRing
from schemas.http.description import problem_answers

_EVENT = {"$ref": "#/components/schemas/NativeEvent"}
_EVENTS = {"type": "array", "items": _EVENT, "minItems": 1, "maxItems": 5000}
_FORMS = [_EVENT, _EVENTS, {"type": "object", "required": ["events"], "properties": {"events": _EVENTS}}]
_LINES = {"type": "string", "description": "one event a line; blank lines do not count"}
_BODY = {
    "required": True,
    "description": "At most 4 MiB and 5,000 events of 32 KiB. `Content-Encoding: gzip` is read, with the same limits.",
    "content": {
        "application/json": {"schema": {"anyOf": _FORMS}},
        **{kind: {"schema": _LINES} for kind in sorted(NDJSON_TYPES)},
    },
}
_DESCRIBED: dict[str, Any] = {
    "requestBody": _BODY,
    "security": [{"bearer": []}, {"basic": []}],
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"model": Accepted, "description": "At least one event was accepted: Kafka has acknowledged all of it."},
    **problem_answers(
        "unreadable_body", "unauthorized", "forbidden", "payload_too_large", "too_many_events", "unsupported_encoding",
        "rate_limited", "buffer_full", "internal_error", "kafka_unavailable",
        "disk_nearly_full",
    ),
    **problem_answers("all_rejected", model=AllRejected),
}  # fmt: skip


PATH = "/v1/events"


async def take_events(request: Request, keys: KeyRing, intake: Intake) -> Response:
    """Take a request's events, and say what became of them. Raises the errors that are answered as problems."""
    key = keys.find(request.headers.get("authorization"))
    key.require_origin(request.headers.get("origin"))
    intake.require(key)
    body = await read_body(request)
    receipt = await intake.take(key, body, request.headers.get("content-type", ""))
    return answer(request, receipt, intake.rate.headers(key))


def events_routes(keys: KeyRing, intake: Intake) -> APIRouter:
    """Build the routes that take events."""
    router = APIRouter(tags=["events"])

    @router.post(PATH, status_code=202, responses=_ANSWERS, openapi_extra=_DESCRIBED)
    async def post_events(request: Request) -> Response:
        """Send events; the answer comes after Kafka has acknowledged.

        The same event sent again changes nothing: send again what was not answered, or with 429, 500 or 503.
        """
        return await take_events(request, keys, intake)

    return router
