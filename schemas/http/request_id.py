"""Every request has an id: the caller's own if it is harmless, else a new one. Answers and logs carry it."""

from __future__ import annotations

import os
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
_HARMLESS = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_STATE = "request_id"


class RequestIds:
    """ASGI middleware that gives each request its id and each answer the header."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP has ids."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = identify(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)


def identify(scope: Scope) -> str:
    """Give a request its id, and remember it for whoever works on the request."""
    given = Headers(scope=scope).get(HEADER, "")
    request_id = given if _HARMLESS.match(given) else os.urandom(16).hex()
    scope.setdefault("state", {})[_STATE] = request_id
    return request_id


def request_id_of(scope: Scope) -> str | None:
    """Give the id of the request a handler works on."""
    found: str | None = scope.get("state", {}).get(_STATE)
    return found
