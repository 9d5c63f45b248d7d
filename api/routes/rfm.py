"""RFM of the whole population: now, as of any time, over some orders only, and from one time to another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query

from api.parameters import (
    After,
    Asked,
    AskedMoment,
    Cursor,
    Limit,
    asked_moment,
    read_cursor,
    read_time,
    write_cursor,
)
from api.rfm_view import migration_answer, rfm_answer, version_answer
from api.services import Platform, Services, requires
from projections.boundary_versions import NEWEST, versions
from projections.moments import AsOf
from projections.rfm import Among, boundaries, grid, population
from projections.rfm_migration import migration
from schemas.errors import RequestError
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_yet", "clickhouse_unavailable", "internal_error"
)
MAX_NAME = 500
router = APIRouter(prefix="/v1", tags=["rfm"], responses=PROBLEMS)
_Version = Annotated[int, msgspec.Meta(ge=0, le=NEWEST)]
_Reads, _Operates = requires("rfm"), requires("operations")


def asked_among(
    store: Annotated[str, Query(description="only orders of this store or of those below it: mall-1/brand-a")] = "",
    category: Annotated[str, Query(description="only orders with a line of this category; their whole net")] = "",
    channel: Annotated[str, Query(description="only orders of this channel")] = "",
) -> Among:
    """Read which orders count."""
    for name, said in (("store", store), ("category", category), ("channel", channel)):
        if len(said) > MAX_NAME or "\x00" in said:
            raise RequestError("bad_parameter", f"{name} has at most {MAX_NAME} characters.", f"/query/{name}")
    return Among(store, category, channel)


@dataclass(frozen=True, slots=True)
class Span:
    """The two moments of a migration."""

    earlier: AsOf
    later: AsOf


def asked_span(
    earlier: Annotated[str, Query(alias="from", description="from this time (RFC 3339)")],
    later: Annotated[str, Query(alias="to", description="to this time, by which persons are told apart")],
    by: Annotated[str, Query(description="occurred_at: all facts known now; received_at: those known then")] = (
        "occurred_at"
    ),
) -> Span:
    """Read `from`, `to` and `by`."""
    if read_time("from", earlier) > read_time("to", later):
        raise RequestError("bad_parameter", "from is not later than to.", "/query/from")
    return Span(asked_moment(earlier, by).moment, asked_moment(later, by).moment)


@router.get("/rfm", dependencies=[_Reads])
async def rfm(
    platform: Platform, asked: AskedMoment, after: After, among: Annotated[Among, Depends(asked_among)]
) -> dict[str, Any]:
    """Boundaries, means, cells and the eight classes, now or as of any time: always exact.

    Over the orders of a store, category or channel a customer is who has such an order.
    """
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_rfm, platform, asked, among))


def _rfm(platform: Services, asked: Asked, among: Among) -> dict[str, Any]:
    database, currency = platform.database, platform.currency
    everybody = population(database, asked.moment, currency, from_facts=not asked.live, among=among)
    found = boundaries(database, everybody)
    return rfm_answer(found, grid(database, everybody, found), currency)


@router.get("/rfm/migration", dependencies=[_Reads])
async def moved(platform: Platform, span: Annotated[Span, Depends(asked_span)], after: After) -> dict[str, Any]:
    """Who moved from which class to which, of everybody with a counted order at either time; null is without one."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_moved, platform, span))


def _moved(platform: Services, span: Span) -> dict[str, Any]:
    moves = migration(platform.database, span.earlier, span.later, platform.currency)
    return migration_answer(span.earlier.at, span.later.at, moves, platform.currency)


@router.get("/rfm/boundaries", dependencies=[_Reads], responses=problem_answers("bad_cursor"))
async def kept(platform: Platform, after: After, limit: Limit, cursor: Cursor = None) -> dict[str, Any]:
    """The versions of what live scores and shares are held against, the newest first."""
    before = NEWEST if cursor is None else int(read_cursor(cursor, tuple[_Version])[0])
    await platform.arrived(after)
    found = await asyncio.to_thread(versions, platform.database, limit + 1, before)
    next_cursor = write_cursor((found[limit - 1].version,)) if len(found) > limit else None
    data = [version_answer(one, platform.currency) for one in found[:limit]]
    return await platform.fresh({"data": data, "next_cursor": next_cursor})


@router.post("/rfm:recompute")
async def recomputed(platform: Platform, after: After, _author: Annotated[str, _Operates]) -> dict[str, Any]:
    """Compute the boundaries now. Answers the version that holds: the last one if nothing moved."""
    await platform.arrived(after)
    renewed = await asyncio.to_thread(platform.boundaries.renew)
    return await platform.fresh(version_answer(renewed, platform.currency))
