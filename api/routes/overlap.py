"""Segments against each other."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from api.asking import library_of
from api.identified import identified
from api.kinds import entry_of
from api.members import everybody_in
from api.overlapping import MOST_KEYS, compared, holds, keys_of, require_bounded, tallied
from api.parameters import After, Asked, AskedMoment
from api.services import Platform, Services, requires
from schemas.errors import RequestError
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable", "internal_error"
)
router = APIRouter(prefix="/v1", tags=["definitions"], dependencies=[requires("segments")], responses=PROBLEMS)
_SAMPLE = 10
Expression = dict[str, Any] | str


class OverlapBody(BaseModel):
    """Which segments to compare, and which set of them to measure."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    segments: Annotated[list[str], Field(max_length=MOST_KEYS, description="keys")] = []
    expression: Annotated[
        Expression | None,
        Field(
            validation_alias=AliasChoices("expression", "of"),
            description='{"all": […]}, {"any": […]}, {"not": …} of keys; also called `of`',
        ),
    ] = None


@router.post("/segments:overlap")
async def overlap(said: OverlapBody, platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """Sizes, pairs with their Jaccard index, union and intersection; of an expression its size and a sample."""
    keys = _keys(said)
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_overlap, platform, keys, said.expression, asked))


def _keys(said: OverlapBody) -> list[str]:
    named = [] if said.expression is None else keys_of(said.expression)
    keys = list(dict.fromkeys([*said.segments, *named]))
    least = 1 if said.expression is not None else 2
    if not least <= len(keys) <= MOST_KEYS:
        raise RequestError("bad_parameter", f"Name {least} to {MOST_KEYS} different segments.", "/segments")
    if said.expression is not None:
        require_bounded(said.expression, keys)
    return keys


def _overlap(platform: Services, keys: list[str], expression: Expression | None, asked: Asked) -> dict[str, Any]:
    library = library_of(platform, asked)
    refs = [entry_of(library, "segment", key).ref for key in keys]
    masks: dict[str, int] = {}
    persons: dict[str, str] = {}
    for place, ref in enumerate(refs):
        for part in everybody_in(platform, ref, asked, None):
            for each in part:
                masks[each.root] = masks.get(each.root, 0) | 1 << place
                persons[each.root] = each.person_id
    found = compared(keys, tallied(masks))
    if expression is None:
        return found
    chosen = [root for root, mask in masks.items() if holds(expression, keys, mask)]
    some = [(root, persons[root]) for root in chosen[:_SAMPLE]]
    return {**found, "of": {"size": len(chosen), "sample": identified(platform, some, asked.moment)}}
