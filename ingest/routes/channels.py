"""The addresses of all channels, from their table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from ingest.channels.channel import Channel, Path
from ingest.reception import Reception
from schemas.http.description import problem_answers
from schemas.positions import encode

POSITION = "X-Cdp-Position"
_PROBLEMS = problem_answers(
    "unreadable_body", "unauthorized", "forbidden", "payload_too_large", "too_many_events", "unsupported_encoding",
    "rate_limited", "buffer_full", "internal_error", "kafka_unavailable", "disk_nearly_full",
)  # fmt: skip
_BODIES = "JSON, whatever Content-Type says; gzip by Content-Encoding or by its first bytes."


def channel_routes(channels: Sequence[Channel], reception: Reception) -> APIRouter:
    """Build the routes of every channel."""
    router = APIRouter(tags=["channels"])
    for channel in channels:
        for path in channel.paths:
            router.add_api_route(
                path.template,
                _handler(channel, path, reception),
                methods=[path.method],
                name=f"{channel.name} {path.method} {path.template}",
                description=path.summary,
                include_in_schema=bool(path.summary),
                responses={**_PROBLEMS, **channel.answers},
                openapi_extra=_described(path),
                response_class=Response,
            )
    return router


def _handler(channel: Channel, path: Path, reception: Reception) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        answer, receipt = await reception.receive(channel, path, request)
        position = {POSITION: encode(receipt.position)} if receipt and receipt.position else {}
        headers = {**answer.headers, **position, **reception.rate_headers(request)}
        return Response(answer.body, answer.status, headers, answer.media_type)

    return take


def _described(path: Path) -> dict[str, Any]:
    content = {kind: {"schema": dict(path.body)} for kind in path.media}
    body = {"description": _BODIES, "required": True, "content": content}
    return {
        **({"requestBody": body} if path.method == "POST" else {}),
        **({"parameters": list(path.parameters)} if path.parameters else {}),
    }
