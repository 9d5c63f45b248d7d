"""The API's metrics. Routes are named by their template: an address never becomes a label."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.instruments import counter, gauge, histogram, registry


class ApiMetrics:
    """Requests by route and status, and how long they took."""

    def __init__(self) -> None:
        self.registry = made = registry()
        self.requests = counter("cdp_api_requests_total", made)
        self.seconds = histogram("cdp_api_request_seconds", made)
        self._up = gauge("cdp_dependency_up", made)

    def tell_dependency(self, name: str, up: bool) -> None:  # noqa: FBT001 -- told by Health
        """Note how a dependency stands."""
        self._up.labels(name).set(up)


class Measured:
    """ASGI middleware that counts and times answers."""

    def __init__(self, app: ASGIApp, metrics: ApiMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self._metrics.requests.labels(route, str(message["status"])).inc()
                self._metrics.seconds.labels(route).observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, counted)
