"""Freezing a segment: who is in it becomes the members of a new static one."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.asking import library_of
from api.defining import Conditions
from api.definitions_view import shown
from api.kinds import entry_of
from api.members import everybody_in
from api.parameters import Asked
from api.services import Services
from schemas.control import Assignment
from schemas.definitions import Definition, parse
from schemas.errors import NotYet
from schemas.positions import Position, encode
from schemas.times import format_time


class Frozen(BaseModel):
    """What the copy is called."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(description="of the new segment; there must be none with it")]
    name: Annotated[str | dict[str, str] | None, Field(description="its name; the segment's own, if left out")] = None


async def freeze(platform: Services, key: str, said: Frozen, author: str, asked: Asked) -> dict[str, Any]:
    """Create the copy. Raises NotFound, RequestError `precondition_failed`, InvalidDefinition, NotYet, Unavailable."""
    library = await asyncio.to_thread(library_of, platform, asked)
    entry = entry_of(library, "segment", key)
    copy = _copy(entry.definition, said, asked)
    change = await platform.definitions.put(copy, author, Conditions(if_none_match="*"))
    if change.what == "waiting" or change.entry is None:
        raise NotYet("The new segment has not been taken within 5 s; look whether it is there, and freeze again.")
    members, position = await asyncio.to_thread(_fill, platform, f"segment:{key}", copy, author, asked)
    at = position or change.position
    return {**shown(change.entry, members), "members": members, "position": encode(at) if at else None}


def _copy(definition: Definition, said: Frozen, asked: Asked) -> Definition:
    name = said.name if said.name is not None else getattr(definition.name, "spelt", lambda: definition.name)()
    body = {
        "name": name,
        "description": f"{definition.key} as of {format_time(asked.moment.at)}",
        "static": True,
    }
    return parse({part: value for part, value in body.items() if value is not None}, "segment", said.key)


def _fill(platform: Services, ref: str, copy: Definition, author: str, asked: Asked) -> tuple[int, Position | None]:
    members, position = 0, None
    for part in everybody_in(platform, ref, asked, None):
        members += len(part)
        entries = [Assignment(id=each.root, value=True) for each in part]
        position = platform.definitions.assign(copy.ref, entries, author)
    return members, position
