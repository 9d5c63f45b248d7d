"""RFM of the whole population."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from api.parameters import After, Asked, AskedMoment
from api.rfm_view import rfm_answer
from api.services import Platform, Services, requires
from projections.rfm import boundaries, grid
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
    database, currency = platform.database, platform.currency
    found = boundaries(database, asked.moment, currency, from_facts=not asked.live)
    return rfm_answer(found, grid(database, asked.moment, currency, found, from_facts=not asked.live), currency)
