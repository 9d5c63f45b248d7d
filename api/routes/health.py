"""Liveness, readiness and metrics."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from api.services import Platform
from schemas.errors import Unavailable
from schemas.http.description import problem_answers


def health_routes(registry: CollectorRegistry) -> APIRouter:
    """Build the routes that need no key."""
    router = APIRouter(tags=["operation"], responses=problem_answers("internal_error"))

    @router.get("/livez")
    async def livez() -> dict[str, str]:
        """Tell that the process serves."""
        return {"status": "ok"}

    @router.get("/readyz", responses=problem_answers("clickhouse_unavailable"))
    async def readyz(platform: Platform) -> dict[str, str]:
        """Tell whether ClickHouse answers, so that questions can be."""
        if not await platform.ready():
            raise Unavailable("clickhouse", "ClickHouse does not answer.")
        return {"status": "ok"}

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def prometheus() -> Response:
        """Give the metrics in Prometheus' text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
