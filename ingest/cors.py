"""CORS: pages of any host may call the channels that are made for browsers. Keys are in requests, not in cookies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Named one by one, since `*` does not cover Authorization.
_HEADERS = "Authorization, Content-Type, Content-Encoding, Accept, X-Write-Key, AnonymousId, SentAt, X-Requested-With"
_HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1000}\Z")
_READ_BY_PAGES = "Retry-After, RateLimit, RateLimit-Policy, X-Cdp-Position, X-Request-Id"
_A_DAY = "86400"


class Cors:
    """ASGI middleware for some paths, written as templates with `{name}` for a segment."""

    def __init__(
        self, app: ASGIApp, templates: Iterable[str], may: Callable[[str, str], bool] = lambda _path, _origin: True
    ) -> None:
        """`may` says of a path whether pages of a host may call it; any, if not given."""
        self._app = app
        self._may = may
        self._paths = re.compile(
            "|".join(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(each)) for each in templates) or r"\b\B"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight; let all other answers be read by the page."""
        if not self._is_asked(scope):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_permitted(Headers(scope=scope)))(scope, receive, send)
        else:
            await self._app(scope, receive, _readable(send))

    def _is_asked(self, scope: Scope) -> bool:
        """Whether a page may read what is answered: the path is a browser's, and the host one that may."""
        if scope["type"] != "http" or not self._paths.fullmatch(scope["path"]):
            return False
        return self._may(scope["path"], Headers(scope=scope).get("origin", ""))


def _permitted(asked: Headers) -> dict[str, str]:
    """What a page may send: the methods and headers channels read, and whatever else its client sets."""
    more = asked.get("access-control-request-headers", "")
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": f"{_HEADERS}, {more}" if _HEADER_NAMES.match(more) else _HEADERS,
        "Access-Control-Max-Age": _A_DAY,
        "Vary": "Access-Control-Request-Headers",
    }


def _readable(send: Send) -> Send:
    async def send_readable(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = _READ_BY_PAGES
        await send(message)

    return send_readable
