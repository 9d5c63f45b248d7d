"""Who is in a segment or has a tag: pages and files of members, counts over time, changes, and why somebody is in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Header, Query, Request
from starlette.responses import Response, StreamingResponse

from api.addresses import segment
from api.asking import library_of
from api.counting import count_at, history
from api.describing import describe
from api.explaining import explained
from api.exporting import Write, as_csv
from api.fields import read_fields
from api.found import Found
from api.kinds import Both, Key, Kind, entry_of
from api.members import everybody_in, page_at, page_now
from api.members_view import change, member, wanted_value
from api.parameters import After, Asked, AskedMoment, Cursor, Limit, from_micros, read_cursor, read_time, write_cursor
from api.services import Platform, Services, requires
from projections.memberships import ChangesAsked, Every, changes_page
from projections.moments import AsOf
from projections.resolution import person_of
from schemas.definitions import DefinitionKind
from schemas.errors import NotFound, RequestError
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "bad_cursor", "unauthorized", "forbidden", "not_found", "not_yet", "unsupported_media_type",
    "clickhouse_unavailable", "internal_error",
)  # fmt: skip
router = Both(prefix="/v1", tags=["definitions"], dependencies=[requires("segments")], responses=PROBLEMS)
_MEDIA = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/csv": {}, "application/vnd.apache.parquet": {}}}
}

Value = Annotated[str | None, Query(description="of a tag: only those who have this value")]


@router.both("GET", "/{key}/members", responses=_FILES)
async def members(  # noqa: PLR0913, PLR0917 -- one argument a query parameter
    kind: Kind,
    key: Key,
    request: Request,
    platform: Platform,
    asked: AskedMoment,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    value: Value = None,
    fields: Annotated[str, Query(description="of their dossiers: traits.city,orders.net_amount (needs profiles)")] = "",
    format: Annotated[Literal["json", "csv", "parquet"] | None, Query(description="csv, parquet: everybody")] = None,  # noqa: A002 -- its public name
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Any:
    """A page of members; as CSV or Parquet (also by Accept: text/csv) all of them."""
    names = read_fields(fields)
    if names:
        platform.keys.require(authorization, "profiles")
    start = _start(cursor, asked)
    await platform.arrived(after)
    entry = await asyncio.to_thread(lambda: entry_of(library_of(platform, asked), kind, key))
    form = format or ("csv" if "text/csv" in request.headers.get("accept", "") else "json")
    wanted = None if value is None else wanted_value(entry.definition, value)
    if form != "json":
        return await asyncio.to_thread(_file, platform, (kind, key), asked, wanted, names, form)
    page = await asyncio.to_thread(_page, platform, f"{kind}:{key}", asked, start, limit + 1, wanted)
    shown = await asyncio.to_thread(describe, platform, page[:limit], names, asked)
    last = page[limit - 1] if len(page) > limit else None
    next_cursor = write_cursor((last.place, last.person_id)) if last else None
    data = [member(each, kind, with_fields=bool(names)) for each in shown]
    return await platform.fresh({"data": data, "next_cursor": next_cursor})


def _start(cursor: str | None, asked: Asked) -> tuple[int, str]:
    if cursor is None:
        return 0, ""
    place, person = read_cursor(cursor, tuple[int, str])
    if (place == 0) == asked.live or not 0 <= place < 1 << 64:
        raise RequestError("bad_cursor", "This cursor is of another list.", "/query/cursor")
    return place, person


def _page(platform: Services, ref: str, asked: Asked, start: tuple[int, str], limit: int, value: Any) -> list[Found]:
    if asked.live:
        return page_now(platform, ref, start[0], limit, value)
    return page_at(platform, ref, asked, start[1], limit, value)


def _file(
    platform: Services, of: tuple[DefinitionKind, str], asked: Asked, value: Any, fields: tuple[str, ...], form: str
) -> Response:
    """Begins with the first members found, so that what cannot be answered is still a problem, not a broken file."""
    kind, key = of
    parts = everybody_in(platform, f"{kind}:{key}", asked, value)
    first = next(parts, [])

    def described() -> Any:
        yield describe(platform, first, fields, asked)
        for part in parts:
            yield describe(platform, part, fields, asked)

    write = as_csv if form == "csv" else _parquet()
    name = f'attachment; filename="{key}.{form}"'
    return StreamingResponse(
        write(described(), kind, fields), media_type=_MEDIA[form], headers={"Content-Disposition": name}
    )


def _parquet() -> Write:
    from api.parquet import as_parquet  # noqa: PLC0415 -- slow to import, and seldom asked for

    return as_parquet


@router.both("GET", "/{key}/count")
async def count(kind: Kind, key: Key, platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """How many there are; of a tag also by value."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(count_at, platform, kind, key, asked))


@router.both("GET", "/{key}/count/history")
async def count_history(  # noqa: PLR0913, PLR0917 -- one argument a parameter
    kind: Kind,
    key: Key,
    platform: Platform,
    after: After,
    from_: Annotated[str | None, Query(alias="from", description="from this time on; 30 days ago")] = None,
    to: Annotated[str | None, Query(description="before this time; now")] = None,
    every: Annotated[Every, Query(description="the length of a span; days and weeks of the platform's zone")] = "day",
) -> dict[str, Any]:
    """How many there were at the end of each span, and how many entered and left within."""
    end = read_time("to", to) if to else datetime.now(UTC)
    start = read_time("from", from_) if from_ else end - timedelta(days=30)
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(history, platform, (kind, key), start, end, every))


@router.both("GET", "/{key}/changes")
async def changes(  # noqa: PLR0913, PLR0917 -- one argument a query parameter
    kind: Kind,
    key: Key,
    platform: Platform,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    person: Annotated[str, Query(description="only of this customer, by address")] = "",
    from_: Annotated[str | None, Query(alias="from", description="from this time on")] = None,
    to: Annotated[str | None, Query(description="before this time")] = None,
) -> dict[str, Any]:
    """Who entered and left, when, why and under which version, the newest first; also of what is deleted."""
    await platform.arrived(after)
    asked = await asyncio.to_thread(_changes_asked, platform, kind, key, person, cursor, (from_, to))
    return await platform.fresh(await asyncio.to_thread(_changes, platform, asked, limit))


@router.get("/changes")
async def all_changes(  # noqa: PLR0913, PLR0917 -- one argument a parameter
    platform: Platform,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    person: Annotated[str, Query(description="only of this customer, by address")] = "",
    from_: Annotated[str | None, Query(alias="from", description="from this time on")] = None,
    to: Annotated[str | None, Query(description="before this time")] = None,
) -> dict[str, Any]:
    """The same of all segments and tags: everything that became of a customer, say."""
    await platform.arrived(after)
    asked = await asyncio.to_thread(_changes_asked, platform, "", "", person, cursor, (from_, to))
    return await platform.fresh(await asyncio.to_thread(_changes, platform, asked, limit))


def _changes_asked(
    platform: Services, kind: str, key: str, person: str, cursor: str | None, span: tuple[str | None, str | None]
) -> ChangesAsked:
    bounds: dict[str, Any] = {}
    if cursor is not None:
        micros, change_id = read_cursor(cursor, tuple[int, str])
        bounds |= {"before_at": from_micros(micros), "before_id": change_id}
    if span[0]:
        bounds["start"] = read_time("from", span[0])
    if span[1]:
        bounds["end"] = read_time("to", span[1])
    person_id = _person_id(platform, segment(person)) if person else ""
    return ChangesAsked(kind=kind, key=key, person=person_id, **bounds)


def _person_id(platform: Services, address: str) -> str:
    found = person_of(platform.database, platform.book.subject(address), AsOf(datetime.now(UTC), kept=True))
    if found is None:
        raise NotFound("Nothing is known of this customer (yet).")
    return found


def _changes(platform: Services, asked: ChangesAsked, limit: int) -> dict[str, Any]:
    rows = changes_page(platform.database, asked, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return {
        "data": [change(row) for row in rows[:limit]],
        "next_cursor": write_cursor((last["at"], last["change_id"])) if last else None,
    }


@router.both("GET", "/{key}/explain/{address}")
async def explain(
    kind: Kind, key: Key, address: str, platform: Platform, asked: AskedMoment, after: After
) -> dict[str, Any]:
    """Why a customer is in or not: the definition as a tree, each clause with what was found."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(explained, platform, (kind, key), segment(address), asked))
