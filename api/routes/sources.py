"""Sources: how good what they send is, their write keys, their contracts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from api import sources_view
from api.letter_bodies import documented, read_as
from api.parameters import After, Cursor, Limit, read_cursor, write_cursor
from api.services import Platform, requires
from api.source_bodies import RotateBody, read_contract
from schemas.contracts.model import Contract
from schemas.errors import NotFound
from schemas.http.description import problem_answers
from schemas.positions import encode
from schemas.write_keys import Grants

_ALWAYS = (
    "bad_parameter", "bad_cursor", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable",
    "internal_error",
)  # fmt: skip
_WRITES = (
    "unreadable_body", "payload_too_large", "unsupported_media_type", "kafka_unavailable",
)  # fmt: skip
_KEY_WRITES = problem_answers(*_ALWAYS, *_WRITES, "too_many_keys", "set_in_settings")
_CONTRACT_WRITES = problem_answers(*_ALWAYS, *_WRITES, "invalid_contract")
_MOST_HOURS = 24 * 90
_Operates = requires("operations")
Author = Annotated[str, _Operates]
SourceName = Annotated[str, Path(max_length=64, description="the source's name")]
KeyId = Annotated[str, Path(max_length=64, description="as the list of keys has it")]
Hours = Annotated[int, Query(ge=1, le=_MOST_HOURS, description="figures of so many hours up to now")]

router = APIRouter(
    prefix="/v1/sources", tags=["sources"], dependencies=[_Operates], responses=problem_answers(*_ALWAYS)
)


@router.get("")
async def sources(
    platform: Platform, after: After, limit: Limit, cursor: Cursor = None, hours: Hours = 24
) -> dict[str, Any]:
    """Sources by name with their scorecards: volume, pass rate, lateness, duplicates, conflicts, silence and more."""
    start = "" if cursor is None else str(read_cursor(cursor, tuple[str])[0])
    await platform.arrived(after)
    register = await asyncio.to_thread(platform.declared.register)
    names = sorted(name for name in register.sources() if name > start)
    page = names[:limit]
    shown = await asyncio.to_thread(sources_view.scorecards, platform.database, register, page, _now(), hours)
    next_cursor = write_cursor((page[-1],)) if len(names) > limit else None
    return await platform.fresh({"hours": hours, "data": shown, "next_cursor": next_cursor})


@router.get("/{source}")
async def source(source: SourceName, platform: Platform, after: After, hours: Hours = 24) -> dict[str, Any]:
    """One source: its scorecard, which fields its types have and since when, what breaks its contract."""
    await platform.arrived(after)
    register = await asyncio.to_thread(platform.declared.register)
    if source not in register.sources():
        raise NotFound("There is no such source (yet).")
    shown = await asyncio.to_thread(sources_view.details, platform.database, register, source, _now(), hours)
    return await platform.fresh({"hours": hours, **shown})


@router.get("/{source}/keys")
async def keys(
    source: SourceName, platform: Platform, after: After, limit: Limit, cursor: Cursor = None
) -> dict[str, Any]:
    """The write keys of a source, by their ids: a key itself is shown once, when it is made."""
    start = 0 if cursor is None else max(0, int(read_cursor(cursor, tuple[int])[0]))
    await platform.arrived(after)
    settled, made = await asyncio.to_thread(platform.sources.keys, source)
    shown = [*map(sources_view.settled_key, settled), *(sources_view.key(each, _now()) for each in made)]
    next_cursor = write_cursor((start + limit,)) if len(shown) > start + limit else None
    return {"data": shown[start : start + limit], "next_cursor": next_cursor}


@router.post("/{source}/keys", status_code=201, responses=_KEY_WRITES, openapi_extra=documented(Grants))
async def create_key(source: SourceName, request: Request, platform: Platform, author: Author) -> dict[str, Any]:
    """Make a write key, which is shown in this answer only; a new name declares the source, for Kafka as well."""
    grants = await read_as(request, Grants)
    minted, position = await asyncio.to_thread(platform.sources.create, source, grants, author)
    return sources_view.minted(source, minted, position)


@router.patch("/{source}/keys/{key_id}", responses=_KEY_WRITES, openapi_extra=documented(Grants))
async def change_key(
    source: SourceName, key_id: KeyId, request: Request, platform: Platform, author: Author
) -> dict[str, Any]:
    """Change what a write key may do; what is left out stays."""
    said = await read_as(request, Grants)
    change = {name: getattr(said, name) for name in said.model_fields_set}
    key, position = await asyncio.to_thread(platform.sources.change, source, key_id, change, author)
    return {**sources_view.key(key, _now()), "position": encode(position)}


@router.post(
    "/{source}/keys/{key_id}:rotate", status_code=201, responses=_KEY_WRITES, openapi_extra=documented(RotateBody)
)
async def rotate_key(
    source: SourceName, key_id: KeyId, request: Request, platform: Platform, author: Author
) -> dict[str, Any]:
    """Make a key in place of another, which is taken beside the new one until it expires (a day, if not said)."""
    said = await read_as(request, RotateBody)
    rotate = platform.sources.rotate
    minted, old, position = await asyncio.to_thread(rotate, source, key_id, said.overlap, author)
    return {**sources_view.minted(source, minted, position), "replaces": sources_view.key(old, _now())}


@router.post("/{source}/keys/{key_id}:disable", responses=_KEY_WRITES)
async def disable_key(source: SourceName, key_id: KeyId, platform: Platform, author: Author) -> dict[str, Any]:
    """Have a write key taken no more, for ever: within a second or so at every ingest process."""
    key, position = await asyncio.to_thread(platform.sources.disable, source, key_id, author)
    return {**sources_view.key(key, _now()), "position": encode(position)}


@router.get("/{source}/contract")
async def contract(
    source: SourceName,
    platform: Platform,
    after: After,
    version: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="that version; without it, the last")] = None,
) -> dict[str, Any]:
    """The contract of a source, and its versions."""
    await platform.arrived(after)
    said = (await asyncio.to_thread(platform.declared.register, fresh=True)).contracts(source)
    found = [each for each in said if version in (None, each.version)]
    if not found or (version is None and found[-1].contract is None):
        raise NotFound("This source has no contract (yet).")
    return sources_view.contract(found[-1], said)


@router.put("/{source}/contract", status_code=202, responses=_CONTRACT_WRITES, openapi_extra=documented(Contract))
async def put_contract(source: SourceName, request: Request, platform: Platform, author: Author) -> dict[str, Any]:
    """Put a contract in force for what is received two seconds from now and later, as JSON or YAML."""
    said = await read_contract(request, source)
    version, position = await asyncio.to_thread(platform.sources.put_contract, said, author)
    return {"version": version, "position": encode(position)}


@router.delete("/{source}/contract", status_code=202, responses=_CONTRACT_WRITES)
async def delete_contract(source: SourceName, platform: Platform, author: Author) -> dict[str, Any]:
    """Ask nothing more of a source than of any."""
    version, position = await asyncio.to_thread(platform.sources.delete_contract, source, author)
    return {"version": version, "position": encode(position)}


def _now() -> datetime:
    return datetime.now(UTC)
