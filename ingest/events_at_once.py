"""POST /v1/events without the framework's way to a route, which takes longer than all there is to do for one event.

The route itself stays (ingest/routes/events.py): it describes this one, and answers whatever else is asked there.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.intake import Intake
from ingest.keys import KeyRing
from ingest.routes.events import PATH, take_events
from schemas.errors import CdpError
from schemas.http.problems import error_response


class EventsAtOnce:
    """ASGI middleware that answers requests with events itself, and hands on all others."""

    def __init__(self, app: ASGIApp, keys: KeyRing, intake: Intake) -> None:
        self._app, self._keys, self._intake = app, keys, intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await take_events(request, self._keys, self._intake)
        except CdpError as refused:
            answer = error_response(request, refused)
        await answer(scope, receive, send)
