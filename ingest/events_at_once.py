"""POST /v1/events without the framework's way to a route, which takes as long as all there is to do for one event.

The route itself stays (ingest/routes/events.py): it describes this one, and answers whatever else is asked there.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ingest.intake import Intake
from ingest.keys import KeyRing
from ingest.metrics import IngestMetrics
from ingest.routes.events import PATH, take_events
from schemas.errors import CdpError
from schemas.http.problems import error_response
from schemas.http.request_id import HEADER, identify


def is_of_events(scope: Scope) -> bool:
    """Whether this is a request with events."""
    return bool(scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST")


class EventsAtOnce:
    """An ASGI application for requests with events alone; it does for them what the middlewares do for all others."""

    def __init__(self, keys: KeyRing, intake: Intake, metrics: IngestMetrics) -> None:
        self._keys, self._intake, self._metrics = keys, intake, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. It counts by what it is answered, and as 500 when it is not."""
        request_id = identify(scope)
        status = 500
        try:
            answer = await self._answer(Request(scope, receive))
            status = answer.status_code
            answer.headers[HEADER] = request_id
            await answer(scope, receive, send)
        finally:
            self._metrics.requests.labels(str(status)).inc()

    async def _answer(self, request: Request) -> Response:
        try:
            return await take_events(request, self._keys, self._intake)
        except CdpError as refused:
            return error_response(request, refused)
