"""RFM of the whole population."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from api.parameters import After, Asked, AskedMoment
from api.rfm_view import rfm_answer
from api.services import Platform, Services, requires
from projections.rfm import boundaries, grid, joined
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_yet", "clickhouse_unavailable", "internal_error"
)
router = APIRouter(prefix="/v1", tags=["rfm"], dependencies=[requires("rfm")], responses=PROBLEMS)


@router.get("/rfm")
async def rfm(platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """Boundaries, means, cells and the eight classes, now or as of any time: always exact."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_rfm, platform, asked))


def _rfm(platform: Services, asked: Asked) -> dict[str, Any]:
    database, currency, from_facts = platform.database, platform.currency, not asked.live
    people = joined(database, asked.moment, from_facts=from_facts)
    found = boundaries(database, asked.moment, currency, from_facts=from_facts, people=people)
    cells = grid(database, asked.moment, currency, found, from_facts=from_facts, people=people)
    return rfm_answer(found, cells, currency)
