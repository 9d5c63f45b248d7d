"""Builds the API from its parts. Everything it needs of the world is a parameter."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import EscapedSlashes
from api.metrics import ApiMetrics, Measured
from api.routes import (
    assigning,
    definitions,
    identity,
    matching,
    members,
    operation,
    overlap,
    previewing,
    profiles,
    rfm,
    search,
)
from api.routes.health import health_routes
from api.services import Services
from schemas.http.description import Problem, components, describe
from schemas.http.docs import install_docs
from schemas.http.problems import install, problem_response
from schemas.http.request_id import RequestIds
from schemas.pointers import pointer

_SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "description": "an API key"}}


def create_app(services: Services) -> FastAPI:
    """Build the API. Its routes are those of the contract, beside /livez, /readyz, /metrics and /openapi.json."""
    metrics = ApiMetrics()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        marking = asyncio.create_task(services.freshness.run())
        yield
        marking.cancel()
        await asyncio.gather(marking, return_exceptions=True)

    app = FastAPI(title="cdp", version="1", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.services = services
    defined = (previewing, overlap, definitions, members, assigning)
    for each in (search, profiles, identity, *defined, rfm, operation, matching):
        app.include_router(each.router)
    app.include_router(health_routes(metrics.registry))
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(RequestIds)
    app.add_middleware(EscapedSlashes)
    install(app)
    install_docs(app)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    describe(app, lambda: components([Problem]), _SECURITY)
    return app


def _on_bad_request(request: Request, error: Exception) -> Response:
    """A body or parameter FastAPI itself could not read."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- the handler is registered for nothing else
    errors = [
        {"code": "bad_parameter", "pointer": pointer(wrong["loc"]), "message": wrong["msg"]} for wrong in error.errors()
    ]
    return problem_response(request, "bad_parameter", errors[0]["message"], errors=errors)
