"""Liveness, readiness and metrics."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import Response

from ingest.metrics import IngestMetrics
from ingest.readiness import Readiness
from schemas.errors import Unavailable
from schemas.http.description import problem_answers


class Health(BaseModel):
    """All is well."""

    status: Literal["ok"] = "ok"


def health_routes(readiness: Readiness, metrics: IngestMetrics) -> APIRouter:
    """Build the routes of the operators."""
    router = APIRouter(tags=["operation"])

    @router.get("/livez", responses=problem_answers("internal_error"))
    async def livez() -> Health:
        """Tell that the process serves."""
        return Health()

    @router.get("/readyz", responses=problem_answers("internal_error", "kafka_unavailable"))
    async def readyz() -> Health:
        """Tell whether Kafka answers, so that events can be taken."""
        if not await readiness.ready():
            raise Unavailable("kafka", "Kafka does not answer.")
        return Health()

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def prometheus() -> Response:
        """Give the metrics in Prometheus' text format."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
