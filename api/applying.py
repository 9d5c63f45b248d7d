"""Several definitions put together: all of them, or none, and everybody is evaluated once for all."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.checking import in_order
from api.defining import Change, Conditions
from api.definitions_view import shown
from api.planning import MOST_DEFINITIONS, read, refuse_unsound
from api.services import Services
from projections.library import ref_of
from schemas.definitions import Ref
from schemas.positions import encode


class ApplyBody(BaseModel):
    """Definitions as in a plan; with `etags`, each only if the version in force is the one that was planned for."""

    model_config = ConfigDict(extra="forbid")

    definitions: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_DEFINITIONS)]
    etags: Annotated[
        dict[str, str | None],
        Field(description="by segment:key or tag:key the ETag of the plan; null: there must be none"),
    ] = Field(default_factory=dict, max_length=MOST_DEFINITIONS)


async def apply(platform: Services, said: ApplyBody, author: str) -> dict[str, Any]:
    """Put them. Raises InvalidDefinition, RequestError `precondition_failed`, Unavailable: then nothing is written."""
    definitions = read(said.definitions)
    await asyncio.to_thread(lambda: refuse_unsound(definitions, platform.in_force.library()))
    conditions = {each.ref: _conditions(each.ref, said.etags) for each in definitions}
    changes = await platform.definitions.put_all(in_order(definitions), author, conditions)
    positions = [each.position for each in changes if each.position]
    return {"data": [_shown(each) for each in changes], "position": encode(positions[0]) if positions else None}


def _conditions(ref: Ref, etags: dict[str, str | None]) -> Conditions:
    name = ref_of(ref)
    if name not in etags:
        return Conditions()
    return Conditions(if_match=etags[name]) if etags[name] else Conditions(if_none_match="*")


def _shown(change: Change) -> dict[str, Any]:
    assert change.entry is not None  # noqa: S101 -- `put_all` always gives it
    return {**shown(change.entry), "change": change.what, "refused": change.refused or None}
