"""Events that could not be taken: listed, grouped, mended and replayed, purged; and the breaker before them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Path, Query, Request

from api import letters_view
from api.letter_bodies import PurgeBody, ReplayBody, ResumeBody, documented, read_as, read_replay
from api.parameters import After, Cursor, Limit, from_micros, read_cursor, read_time, write_cursor
from api.services import Platform, requires
from projections.breaker import open_holds
from projections.dead_letters import NEWEST, State, list_letters, one_letter
from projections.letter_groups import FROM_THE_TOP, letter_groups
from projections.letter_orders import orders_said
from schemas.errors import NotFound, RequestError
from schemas.http.description import problem_answers
from schemas.letter_filter import LetterFilter
from schemas.positions import encode

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable", "internal_error"
)
_ORDERED = problem_answers(
    "unreadable_body", "payload_too_large", "unsupported_media_type", "kafka_unavailable", "not_old_enough"
)
_REPLAYED = {**_ORDERED, **problem_answers("rate_limited")}
_Operates = requires("operations")
Author = Annotated[str, _Operates]
router = APIRouter(prefix="/v1/dead-letters", tags=["dead letters"], dependencies=[_Operates], responses=PROBLEMS)
_STATES: tuple[State, ...] = get_args(State)


def wanted(  # noqa: PLR0913, PLR0917 -- one argument a parameter
    code: Annotated[str, Query(max_length=500, description="only with this code")] = "",
    source: Annotated[str, Query(max_length=500, description="only of this source")] = "",
    fingerprint: Annotated[str, Query(max_length=500, description="only with this fingerprint")] = "",
    event_id: Annotated[str, Query(max_length=500, description="only of the event with this id")] = "",
    origin: Annotated[str, Query(pattern="^(ingest|recorder)?$", description="ingest or recorder")] = "",
    begin: Annotated[str | None, Query(alias="from", description="received at this time (RFC 3339) or later")] = None,
    end: Annotated[str | None, Query(alias="to", description="received before this time")] = None,
    topic: Annotated[str, Query(max_length=500, description="only of records of this topic")] = "",
    partition: Annotated[int | None, Query(ge=0, le=65_535, description="only of this partition")] = None,
    offset: Annotated[int | None, Query(ge=0, le=2**63 - 1, description="only of the record at this offset")] = None,
) -> LetterFilter:
    """Read which letters are meant; a parameter left empty means any."""
    times = {name: read_time(name, text) for name, text in (("from", begin), ("to", end)) if text}
    said = {"code": code, "source": source, "fingerprint": fingerprint, "event_id": event_id, "origin": origin}
    named = {name: text for name, text in {**said, "topic": topic}.items() if text}
    return LetterFilter.model_validate({**named, **times, "partition": partition, "offset": offset})


def state_of_letters(state: Annotated[str, Query(description="all (default), open or repaired")] = "all") -> State:
    """Read `state`."""
    for known in _STATES:
        if state == known:
            return known
    raise RequestError("bad_parameter", f"state is one of {', '.join(_STATES)}.", "/query/state")


Wanted = Annotated[LetterFilter, Depends(wanted)]
InState = Annotated[State, Depends(state_of_letters)]


@router.get("")
async def dead_letters(
    platform: Platform, after: After, limit: Limit, which: Wanted, state: InState, cursor: Cursor = None
) -> dict[str, Any]:
    """Events that could not be taken, newest first, with everything needed to repair them."""
    before = NEWEST if cursor is None else _place(cursor)
    await platform.arrived(after)
    page = await asyncio.to_thread(list_letters, platform.database, which, state, before, limit)
    last = page.rows[-1] if page.has_more else None
    next_cursor = write_cursor((last["received_at"], last["letter_id"])) if last else None
    return await platform.fresh({"data": [*map(letters_view.dead_letter, page.rows)], "next_cursor": next_cursor})


@router.get("/groups")
async def groups(
    platform: Platform, after: After, limit: Limit, which: Wanted, state: InState, cursor: Cursor = None
) -> dict[str, Any]:
    """Letters by code, source and fingerprint, those with most that wait for a repair first; with samples."""
    start = FROM_THE_TOP if cursor is None else read_cursor(cursor, tuple[int, int, str, str])
    await platform.arrived(after)
    rows = await asyncio.to_thread(letter_groups, platform.database, which, state, start, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    place = tuple(last[name] for name in ("open", "letters", "fingerprint", "source")) if last else ()
    next_cursor = write_cursor(place) if last else None
    return await platform.fresh({"data": [*map(letters_view.group, rows[:limit])], "next_cursor": next_cursor})


@router.get("/orders")
async def orders(platform: Platform, after: After, limit: Limit, cursor: Cursor = None) -> dict[str, Any]:
    """Who replayed, purged, or let the recorder go on, when and how; the newest first."""
    before = 2**63 - 1 if cursor is None else read_cursor(cursor, tuple[int])[0]
    await platform.arrived(after)
    said = await asyncio.to_thread(orders_said, platform.database, before, limit + 1)
    next_cursor = write_cursor((said[limit - 1].version,)) if len(said) > limit else None
    return await platform.fresh({"data": [*map(letters_view.order, said[:limit])], "next_cursor": next_cursor})


@router.post("/replay", responses=_REPLAYED, openapi_extra=documented(ReplayBody))
async def replay(request: Request, platform: Platform, author: Author, after: After) -> dict[str, Any]:
    """Send letters through the log again, mended by a JSON Patch; a dry run says what would pass and what not.

    Done again it changes nothing. At most 20,000 letters a request: `next_cursor` goes on.
    """
    asked = await read_replay(request)
    await platform.arrived(after)
    return letters_view.replayed(asked, await asyncio.to_thread(platform.replayer.replay, asked, author))


@router.post("/purge", responses=_ORDERED, openapi_extra=documented(PurgeBody))
async def purge(request: Request, platform: Platform, author: Author, after: After) -> dict[str, Any]:
    """Delete letters that are older than the retention, or older still. What was ordered of them stays."""
    said = await read_as(request, PurgeBody)
    await platform.arrived(after)
    older = None if said.older_than_days is None else timedelta(days=said.older_than_days)
    act: Callable[[], Any] = lambda: platform.letter_orders.purge(older, author, dry_run=said.dry_run)  # noqa: E731
    return letters_view.purged(await asyncio.to_thread(act), dry_run=said.dry_run)


@router.get("/breaker")
async def breaker(platform: Platform, after: After) -> dict[str, Any]:
    """Whether the recorder is held since it refused too much: where, since when, and what it refused."""
    await platform.arrived(after)
    topic = platform.stages.topics.events
    return letters_view.breaker(await asyncio.to_thread(open_holds, platform.database, topic))


@router.post("/breaker:resume", responses=_ORDERED, openapi_extra=documented(ResumeBody))
async def resume(request: Request, platform: Platform, author: Author) -> dict[str, Any]:
    """Let the recorder go on: what was sent up to now and is refused becomes dead letters, as many as there are."""
    said = await read_as(request, ResumeBody)
    position = await asyncio.to_thread(platform.letter_orders.resume, said.seconds, author)
    return {"position": encode(position)}


@router.get("/{letter_id}")
async def dead_letter(
    letter_id: Annotated[str, Path(max_length=500, description="as the lists give it")],
    platform: Platform,
    after: After,
) -> dict[str, Any]:
    """One letter."""
    await platform.arrived(after)
    row = await asyncio.to_thread(one_letter, platform.database, letter_id)
    if row is None:
        raise NotFound("There is no such letter (yet), or it was purged.")
    return await platform.fresh(letters_view.dead_letter(row))


def _place(cursor: str) -> tuple[datetime, str]:
    micros, letter_id = read_cursor(cursor, tuple[int, str])
    return from_micros(micros), letter_id
