"""What operators ask of the whole: lag."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from api.services import Platform, requires
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable", "internal_error"
)
router = APIRouter(prefix="/v1", tags=["operation"], dependencies=[requires("operations")], responses=PROBLEMS)


@router.get("/lag")
async def lag(platform: Platform) -> dict[str, Any]:
    """How far every consumer group and projection is behind, in what state, and who fills what is behind."""
    said = await platform.lag.shown()
    return await platform.fresh({**said, "projections": platform.freshness.projections()})
