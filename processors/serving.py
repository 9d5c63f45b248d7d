"""Health and metrics of one worker over HTTP, in a thread of its own: they answer whatever the steps are at."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import AsyncIterator

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schemas.errors import problem
from schemas.health import Health

_PROBLEM = "application/problem+json"
_log = structlog.get_logger(__name__)


def create_app(health: Health, registry: CollectorRegistry) -> Starlette:
    """Build /livez, /readyz and /metrics, with the answers that ingest and API give."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        standings = await health.look()
        shown = [each.shown() for each in standings]
        fatal = next((each for each in standings if each.is_fatal), None)
        if fatal is None:
            return JSONResponse({"status": "ok", "dependencies": shown})
        code, where = fatal.dependency.code, request.url.path
        body = problem(code, detail=fatal.message, instance=where, dependencies=shown)
        return JSONResponse(body, body["status"], {"Retry-After": "1"}, _PROBLEM)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with health.watched():
            yield

    routes = [Route(f"/{each.__name__}", each) for each in (livez, readyz, metrics)]
    return Starlette(routes=routes, lifespan=lifespan)


def serve(app: Starlette, host: str, port: int) -> int:
    """Serve in the background until the process ends. Returns the port, which is another where that one is taken.

    A second worker on one machine must not fail for want of a port to be looked at through.
    """
    listening = _bound(host, port)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
    threading.Thread(target=server.run, args=([listening],), name="health", daemon=True).start()
    found: int = listening.getsockname()[1]
    _log.info("health and metrics", host=host, port=found)
    return found


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as taken:
        _log.warning("port taken, another serves health and metrics", port=port, reason=taken.strerror)
        return socket.create_server((host, 0), family=family)
