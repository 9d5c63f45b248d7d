"""Liveness, readiness and metrics, the same on ingest and API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from schemas.health import Health, Standing
from schemas.http.description import problem_answers
from schemas.http.problems import problem_response

PATHS = frozenset({"/livez", "/readyz", "/metrics"})


class Alive(BaseModel):
    """The process serves."""

    status: Literal["ok"] = "ok"


class DependencyState(BaseModel):
    """One thing the process depends on."""

    name: str
    state: Literal["up", "down"]
    since: datetime = Field(description="since when it is in this state, as this process saw it")
    required: bool = Field(description="whether the process cannot do its work without it, or only not all of it")
    message: str = Field(description="what is wrong; empty when it is up")


class Ready(BaseModel):
    """The process can do its work."""

    status: Literal["ok"] = "ok"
    dependencies: list[DependencyState]


def health_routes(health: Health, registry: CollectorRegistry, *codes: str) -> APIRouter:
    """Build the routes that need no key; `codes` are the problems /readyz may answer with."""
    router = APIRouter(tags=["operation"], responses=problem_answers("internal_error"))

    @router.get("/livez")
    async def livez() -> Alive:
        """Tell that the process serves."""
        return Alive()

    @router.get("/readyz", response_model=Ready, responses=problem_answers(*codes))
    async def readyz(request: Request) -> Response:
        """Tell whether the process can do its work: each thing it depends on, its state, and since when."""
        return _answer(request, await health.look())

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def prometheus() -> Response:
        """Give the metrics in Prometheus' text format."""
        return Response(await run_in_threadpool(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _answer(request: Request, standings: list[Standing]) -> Response:
    shown = [each.shown() for each in standings]
    fatal = next((each for each in standings if each.is_fatal), None)
    if fatal is None:
        return JSONResponse({"status": "ok", "dependencies": shown})
    retry = {"Retry-After": "1"}
    return problem_response(request, fatal.dependency.code, fatal.message, retry, dependencies=shown)
