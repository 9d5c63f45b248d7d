"""Searching customers by identifier, text and trait."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.parameters import MAX_LIMIT, After, Cursor, Limit, read_cursor, write_cursor
from api.search_view import MAX_NAME, MAX_TEXT, MAX_TRAITS, MAX_VALUE, MAX_VALUES, MAX_WORDS, found, read_search
from api.services import Platform, Services, requires
from projections.search import Search, search
from schemas.errors import RequestError
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "bad_cursor", "unauthorized", "forbidden", "not_yet", "clickhouse_unavailable", "internal_error"
)
_TRAIT = "trait."
_Q = (
    f"up to {MAX_WORDS} words, each of which begins an identifier or stands in a trait that is text; "
    "a phone or e-mail as people write it"
)


def kept_now(request: Request) -> None:
    """A search looks at what is kept now: asked for another time it refuses rather than answer for now."""
    if "as_of" in request.query_params:
        message = "A search looks at what is known now: as_of is for dossiers, timelines and orders."
        raise RequestError("bad_parameter", message, "/query/as_of")


router = APIRouter(
    prefix="/v1", tags=["profiles"], dependencies=[requires("profiles"), Depends(kept_now)], responses=PROBLEMS
)

# Parameters whose names the caller makes are an exploded object in OpenAPI.
_TRAITS = {
    "name": "traits",
    "in": "query",
    "style": "form",
    "explode": True,
    "description": "trait.NAME=value: whose trait has this value, or has it in its list; of a repeated name, any",
    "schema": {
        "type": "object",
        "maxProperties": MAX_TRAITS,
        "propertyNames": {"pattern": r"^trait\..*\S", "maxLength": len(_TRAIT) + MAX_NAME},
        "additionalProperties": {"type": "string", "maxLength": MAX_VALUE},
    },
    "example": {"trait.city": "上海"},
}

Value = Annotated[str, Field(max_length=MAX_VALUE)] | bool | int | Annotated[float, Field(allow_inf_nan=False)]


class SearchBody(BaseModel):
    """Whom to find, outside the URL."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str | None, Field(description=_Q, json_schema_extra={"maxLength": MAX_TEXT})] = None
    traits: Annotated[
        dict[str, Value | Annotated[list[Value], Field(min_length=1, max_length=MAX_VALUES)]],
        Field(description="trait to the value it has, or to several of which it has any", max_length=MAX_TRAITS),
    ] = {}
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="rows of a page")] = 50
    cursor: Annotated[str | None, Field(description="where the last page ended")] = None

    def wanted(self) -> list[tuple[str, str]]:
        """Each trait with each value, as text."""
        lists = {name: said if isinstance(said, list) else [said] for name, said in self.traits.items()}
        return [(name, _text(value)) for name, values in lists.items() for value in values]


def _text(value: str | float) -> str:
    """A value as a query parameter would say it: numbers and booleans as JSON."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else str(value) if type(value) is int else orjson.dumps(value).decode()


@router.get("/profiles", openapi_extra={"parameters": [_TRAITS]})
async def listed(
    request: Request,
    platform: Platform,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    q: Annotated[str | None, Query(description=_Q, json_schema_extra={"maxLength": MAX_TEXT})] = None,
) -> dict[str, Any]:
    """The customers that `q` and each trait.NAME find, by person_id; without either, everybody."""
    said = request.query_params.multi_items()
    traits = [(name.removeprefix(_TRAIT), value) for name, value in said if name.startswith(_TRAIT)]
    wanted = read_search(q, traits, platform.book.region, ("/query/q", f"/query/{_TRAIT}"))
    start = _start(cursor, "/query/cursor")
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_page, platform, wanted, start, limit))


@router.post("/profiles:search")
async def searched(said: SearchBody, platform: Platform, after: After) -> dict[str, Any]:
    """The same, asked for in the body: personal data stays out of URLs."""
    wanted = read_search(said.q, said.wanted(), platform.book.region, ("/body/q", "/body/traits/"))
    start = _start(said.cursor, "/body/cursor")
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_page, platform, wanted, start, said.limit))


def _start(cursor: str | None, at: str) -> str:
    if cursor is None:
        return ""
    try:
        return str(read_cursor(cursor, tuple[UUID])[0])
    except RequestError as wrong:
        raise RequestError(wrong.code, wrong.message, at) from None


def _page(platform: Services, wanted: Search, start: str, limit: int) -> dict[str, Any]:
    rows = search(platform.database, wanted, start, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "data": [found(row, platform.book, platform.currency) for row in rows[:limit]],
        "next_cursor": write_cursor((last["person_id"],)) if last else None,
    }
