"""Segments and tags as definitions: what is in force, in which version, and how it is changed."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, get_args

from fastapi import Header, Query, Request, Response

from api.applying import ApplyBody, apply
from api.defining import Change, Conditions
from api.definition_bodies import DOCUMENTED, read_definition
from api.definitions_view import shown, version
from api.kinds import Both, Key, Kind, entry_of
from api.parameters import After, Cursor, Limit, read_cursor, write_cursor
from api.preconditions import etag
from api.services import Platform, Services, requires
from projections.controls import versions_said
from projections.library import Entry, read_said
from projections.memberships import building, member_count, member_counts
from schemas.builtin import builtin_definitions
from schemas.definitions import DefinitionKind
from schemas.definitions.definition import Status
from schemas.errors import NotFound, RequestError
from schemas.http.description import problem_answers
from schemas.positions import encode

_ALWAYS = ("bad_parameter", "unauthorized", "forbidden", "not_yet", "clickhouse_unavailable", "internal_error")
_WRITES = problem_answers(
    *_ALWAYS, "in_use", "precondition_failed", "payload_too_large", "unsupported_media_type", "invalid_definition",
    "kafka_unavailable",
)  # fmt: skip
_STATUSES = get_args(Status)
_CODES = {"created": 201, "replaced": 200, "same": 200, "waiting": 202, "deleted": 204}

router = Both(prefix="/v1", tags=["definitions"], responses=problem_answers(*_ALWAYS, "not_found"))
_Reads = requires("segments")
Author = Annotated[str, _Reads]
IfMatch = Annotated[str | None, Header(description="only if the version in force has this ETag", max_length=1000)]
IfNoneMatch = Annotated[str | None, Header(description="*: only if there is none with this key", max_length=1000)]


@router.both("GET", "", dependencies=[_Reads])
async def definitions(
    kind: Kind,
    platform: Platform,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    status: Annotated[str, Query(description=f"only those that are {', '.join(_STATUSES)}")] = "",
) -> dict[str, Any]:
    """What is in force, by key, with the number of members; built-in ones have version 0."""
    if status and status not in _STATUSES:
        raise RequestError("bad_parameter", f"status is one of {', '.join(_STATUSES)}.", "/query/status")
    start = "" if cursor is None else str(read_cursor(cursor, tuple[str])[0])
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_page, platform, kind, status, start, limit))


def _page(platform: Services, kind: DefinitionKind, status: str, start: str, limit: int) -> dict[str, Any]:
    entries = {
        ref: each for ref, each in sorted(platform.in_force.library().entries.items()) if _is(each, kind, status)
    }
    rest = [each for each in entries.values() if each.definition.key > start]
    counts, going = member_counts(platform.database), building(platform.database)
    return {
        "data": [shown(each, counts.get(each.ref, 0), going.get(each.ref)) for each in rest[:limit]],
        "next_cursor": write_cursor((rest[limit - 1].definition.key,)) if len(rest) > limit else None,
    }


def _is(entry: Entry, kind: DefinitionKind, status: str) -> bool:
    return entry.definition.kind == kind and status in {"", entry.definition.status}


@router.both("GET", "/{key}", dependencies=[_Reads])
async def definition(
    kind: Kind,
    key: Key,
    platform: Platform,
    after: After,
    response: Response,
    version: Annotated[int | None, Query(ge=0, description="an earlier version; 0 is the built-in one")] = None,
) -> dict[str, Any]:
    """The definition in force, or one of its versions."""
    await platform.arrived(after)
    if version is not None:
        entry = await asyncio.to_thread(_version, platform, kind, key, version)
        found = shown(entry)
    else:
        found, entry = await asyncio.to_thread(_in_force, platform, kind, key)
    response.headers["ETag"] = etag(entry)
    return await platform.fresh(found)


def _in_force(platform: Services, kind: DefinitionKind, key: str) -> tuple[dict[str, Any], Entry]:
    entry = entry_of(platform.in_force.library(), kind, key)
    going = building(platform.database).get(entry.ref)
    return shown(entry, member_count(platform.database, entry.ref), going), entry


def _version(platform: Services, kind: DefinitionKind, key: str, number: int) -> Entry:
    for said in versions_said(platform.database, kind, key):
        if said.version == number and not said.rejected and (found := read_said(said)) is not None:
            return Entry(found, said.version, said.control.author, said.received_at)
    for built_in in builtin_definitions():
        if number == 0 and built_in.ref == (kind, key):
            return Entry(built_in, 0, "built in", None)
    raise NotFound(f"There is no version {number} of the {kind} {key}.")


@router.both("GET", "/{key}/versions", dependencies=[_Reads])
async def versions(kind: Kind, key: Key, platform: Platform, after: After) -> dict[str, Any]:
    """Every version that was said, the newest first; those that were refused, and deletions, too."""
    await platform.arrived(after)
    said = await asyncio.to_thread(versions_said, platform.database, kind, key)
    if not said:
        await asyncio.to_thread(lambda: entry_of(platform.in_force.library(), kind, key))
    return await platform.fresh({"data": [version(each) for each in said], "next_cursor": None})


@router.both(
    "PUT",
    "/{key}",
    responses={201: {"description": "created"}, 202: {"description": "not taken yet"}, **_WRITES},
    openapi_extra=DOCUMENTED,
)
async def put(  # noqa: PLR0913, PLR0917 -- one argument a parameter
    kind: Kind,
    key: Key,
    request: Request,
    platform: Platform,
    author: Author,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> dict[str, Any]:
    """Create or replace a definition: at once in force, and computed for everybody in the background.

    201 created, 200 replaced, or the same as before: then nothing is written. 202: it lies in the log, but has not been
    looked at within 5 s; `position` leads to what becomes of it.
    """
    read = await read_definition(request, kind, key)
    change = await platform.definitions.put(read, author, Conditions(if_match, if_none_match))
    response.status_code = _CODES[change.what]
    return await platform.fresh(_changed(change, response))


@router.post("/definitions:apply", responses=_WRITES)
async def applied(said: ApplyBody, platform: Platform, author: Author) -> dict[str, Any]:
    """Put several definitions together: all, or none when one is refused; everybody is evaluated once for all of them.

    `refused` says why one was not taken after all: somebody else changed it at the same moment.
    """
    return await platform.fresh(await apply(platform, said, author))


@router.both(
    "DELETE",
    "/{key}",
    status_code=204,
    responses={202: {"description": "not taken yet"}, **_WRITES, **problem_answers("not_found")},
)
async def delete(kind: Kind, key: Key, platform: Platform, author: Author, if_match: IfMatch = None) -> Response:
    """Take a definition away, a built-in one too. Its members leave; its versions and changes stay."""
    change = await platform.definitions.delete((kind, key), author, Conditions(if_match))
    headers = {"Cdp-Position": encode(change.position)} if change.position else {}
    return Response(status_code=_CODES[change.what], headers=headers)


def _changed(change: Change, response: Response) -> dict[str, Any]:
    assert change.entry is not None  # noqa: S101 -- `put` always gives it
    response.headers["ETag"] = etag(change.entry)
    return {**shown(change.entry), "position": encode(change.position) if change.position else None}
