"""Suggested matches: what `cdp match` proposes, and a person's decision about it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.deciding import event_id
from api.parameters import Cursor, Limit, read_cursor, write_cursor
from api.services import Platform, requires
from projections.matching import Status, Suggestion
from schemas.errors import RequestError
from schemas.http.description import problem_answers
from schemas.positions import encode
from schemas.times import format_time

_ALWAYS = ("bad_parameter", "unauthorized", "forbidden", "not_found", "clickhouse_unavailable", "internal_error")
_REJECTED = problem_answers(*_ALWAYS, "already_decided")
_ACCEPTED = problem_answers(*_ALWAYS, "already_decided", "no_common_source", "invalid_value", "kafka_unavailable")
_STATUSES: tuple[Status, ...] = get_args(Status)
_LIKELIEST = (2.0, "")

SuggestionId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="as GET /v1/matches gives it")]

router = APIRouter(
    prefix="/v1", tags=["operation"], dependencies=[requires("operations")], responses=problem_answers(*_ALWAYS)
)


class Accepted(BaseModel):
    """The two are one person as soon as the event has arrived."""

    suggestion_id: str
    status: Status
    event_id: str
    position: str = Field(description="opaque; give it to a query as ?after= to wait for the link")


class Rejected(BaseModel):
    """The pair is not proposed again."""

    suggestion_id: str
    status: Status


@router.get("/matches")
async def matches(
    platform: Platform,
    limit: Limit,
    cursor: Cursor = None,
    status: Annotated[str, Query(description="open (default), withdrawn, accepted or rejected")] = "open",
) -> dict[str, Any]:
    """Suggested matches, the likeliest first."""
    before = _LIKELIEST if cursor is None else read_cursor(cursor, tuple[float, str])
    found = await asyncio.to_thread(platform.desk.store.page, _status(status), before, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    next_cursor = write_cursor((last.probability, last.suggestion_id)) if last else None
    return await platform.fresh({"data": [_shown(each) for each in found[:limit]], "next_cursor": next_cursor})


@router.post("/matches/{suggestion_id}:accept", status_code=202, responses=_ACCEPTED)
async def accept(suggestion_id: SuggestionId, platform: Platform) -> Accepted:
    """Say that the two are one person: writes customer.linked. Done again, it changes nothing."""
    position = encode(await asyncio.to_thread(platform.desk.accept, suggestion_id))
    return Accepted(suggestion_id=suggestion_id, status="accepted", event_id=event_id(suggestion_id), position=position)


@router.post("/matches/{suggestion_id}:reject", responses=_REJECTED)
async def reject(suggestion_id: SuggestionId, platform: Platform) -> Rejected:
    """Say that this suggestion is wrong: the pair is not proposed again."""
    await asyncio.to_thread(platform.desk.reject, suggestion_id)
    return Rejected(suggestion_id=suggestion_id, status="rejected")


def _status(text: str) -> Status:
    for status in _STATUSES:
        if text == status:
            return status
    raise RequestError("bad_parameter", f"status is one of {', '.join(_STATUSES)}.", "/query/status")


def _shown(suggestion: Suggestion) -> dict[str, Any]:
    decided_at = suggestion.decided_at
    return {
        "suggestion_id": suggestion.suggestion_id,
        "status": suggestion.status,
        "probability": suggestion.probability,
        "left": {"person_id": suggestion.left_person, "address": suggestion.left_root},
        "right": {"person_id": suggestion.right_person, "address": suggestion.right_root},
        "reasons": list(suggestion.reasons),
        "made_at": format_time(suggestion.made_at),
        "decided_at": format_time(decided_at) if decided_at else None,
    }
