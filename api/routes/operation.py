"""What operators ask: lag, dead letters, what became of one event."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.addresses import segment
from api.parameters import After, Cursor, Limit, from_micros, read_cursor, write_cursor
from api.services import Platform, Services, requires
from api.views import dead_letter, history
from projections.dead_letters import list_letters
from projections.history import event_history
from projections.moments import AsOf
from projections.resolution import person_of
from schemas.errors import NotFound
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable", "internal_error"
)
router = APIRouter(prefix="/v1", tags=["operation"], dependencies=[requires("operations")], responses=PROBLEMS)
_NEWEST = ("2299-12-31 00:00:00.000", "")


@router.get("/lag")
async def lag(platform: Platform) -> dict[str, Any]:
    """How far every consumer group and projection is behind, in what state, and who fills what is behind."""
    said = await platform.lag.shown()
    return await platform.fresh({**said, "projections": platform.freshness.projections()})


@router.get("/dead-letters")
async def dead_letters(
    platform: Platform,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    code: Annotated[str, Query(description="only with this code")] = "",
    source: Annotated[str, Query(description="only of this source")] = "",
) -> dict[str, Any]:
    """Events that could not be taken, newest first, with everything needed to repair them."""
    before = _letter_cursor(cursor)
    await platform.arrived(after)
    rows = await asyncio.to_thread(list_letters, platform.database, code, source, before, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = write_cursor((last["received_at"], last["letter_id"])) if last else None
    return await platform.fresh({"data": [dead_letter(row) for row in rows[:limit]], "next_cursor": next_cursor})


def _letter_cursor(cursor: str | None) -> tuple[str, str]:
    if cursor is None:
        return _NEWEST
    micros, letter_id = read_cursor(cursor, tuple[int, str])
    return from_micros(micros).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3], letter_id


@router.get("/events/{source}/{event_id}")
async def event(source: str, event_id: str, platform: Platform, after: After) -> dict[str, Any]:
    """Where an event is: in the log, whose, when each step happened; those refused too."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_history, platform, segment(source), segment(event_id)))


def _history(platform: Services, source: str, event_id: str) -> dict[str, Any]:
    moment = AsOf(datetime.now(UTC), kept=True)
    found = event_history(platform.database, (source, event_id), moment)
    if found is None:
        raise NotFound("No event with this id has been seen from this source (yet).")
    person = person_of(platform.database, found.subject, moment) if found.subject else None
    return history(source, event_id, found, person)
