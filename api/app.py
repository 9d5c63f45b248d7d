"""Builds the API from its parts. Everything it needs of the world is a parameter."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import EscapedSlashes
from api.lag_metrics import LagMetrics
from api.metrics import ApiMetrics, Measured
from api.routes import (
    assigning,
    dead_letters,
    definitions,
    events,
    identity,
    matching,
    members,
    operation,
    overlap,
    previewing,
    profiles,
    rfm,
    search,
    sources,
)
from api.services import Services
from schemas.contracts.model import Contract
from schemas.health import Dependency, Health
from schemas.http.description import Problem, components, describe
from schemas.http.docs import install_docs
from schemas.http.health import health_routes
from schemas.http.problems import install, problem_response
from schemas.http.request_id import RequestIds
from schemas.letter_filter import LetterFilter
from schemas.pointers import pointer

_SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "description": "an API key"}}


def create_app(services: Services, dependencies: Sequence[Dependency] = ()) -> FastAPI:
    """Build the API. Its routes are those of the contract, beside /livez, /readyz, /metrics and /openapi.json."""
    metrics = ApiMetrics()
    metrics.registry.register(LagMetrics(lambda: (services.lag, services.freshness.projections())))
    health = Health(dependencies, clock=_now, seconds=time.monotonic, told=metrics.tell_dependency)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = [asyncio.create_task(each) for each in (services.freshness.run(), services.lag.run())]
        async with health.watched():
            yield
        for each in watching:
            each.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    app = FastAPI(title="cdp", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.services = services
    defined = (previewing, overlap, definitions, members, assigning)
    for each in (search, profiles, identity, *defined, rfm, operation, dead_letters, events, sources, matching):
        app.include_router(each.router)
    app.include_router(health_routes(health, metrics.registry, "clickhouse_unavailable"))
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(RequestIds)
    app.add_middleware(EscapedSlashes)
    install(app)
    install_docs(app)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    describe(app, lambda: components([Problem, LetterFilter, Contract]), _SECURITY)
    return app


def _now() -> datetime:
    return datetime.now(UTC)


def _on_bad_request(request: Request, error: Exception) -> Response:
    """A body or parameter FastAPI itself could not read."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- the handler is registered for nothing else
    errors = [
        {"code": "bad_parameter", "pointer": pointer(wrong["loc"]), "message": wrong["msg"]} for wrong in error.errors()
    ]
    return problem_response(request, "bad_parameter", errors[0]["message"], errors=errors)
