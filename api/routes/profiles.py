"""The customer dossier, its timeline and its orders."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.addresses import segment
from api.asking import held_at
from api.dossier import Shown, dossier
from api.held_view import held
from api.parameters import After, Asked, AskedMoment, Cursor, Limit, from_micros, read_cursor, read_time, write_cursor
from api.services import Platform, Services, requires
from api.views import event, order
from projections.identity.explaining import explain
from projections.memberships import held_of
from projections.orders import LATEST_ORDER, OrderCursor, orders_of
from projections.profiles import current_profile, fold_profile
from projections.timeline import EventCursor, Selection, timeline
from schemas.errors import NotFound
from schemas.http.description import problem_answers
from schemas.rfm import Boundaries
from schemas.times import format_time

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable", "internal_error"
)
router = APIRouter(prefix="/v1", tags=["profiles"], dependencies=[requires("profiles")], responses=PROBLEMS)


class Lookup(BaseModel):
    """Whom to look up, outside the URL."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=500, description="an address, such as phone:+8613800138000")]


@router.get("/profiles/{address}")
async def profile(address: str, platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """The dossier of the customer an address names (also person:{id}); 404 before the first fact."""
    await platform.arrived(after)
    found = await asyncio.to_thread(_dossier, platform, segment(address), asked)
    return await platform.fresh(found)


@router.post("/profiles:lookup")
async def lookup(said: Lookup, platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """The same, with the address in the body: personal data stays out of URLs."""
    await platform.arrived(after)
    found = await asyncio.to_thread(_dossier, platform, said.id, asked)
    return await platform.fresh(found)


def _dossier(platform: Services, address: str, asked: Asked) -> dict[str, Any]:
    subject = platform.book.subject(address)
    if asked.live:
        row = current_profile(platform.database, subject)
    else:
        row = fold_profile(platform.database, subject, asked.moment, platform.terms)
    if row is None:
        raise NotFound("Nothing is known of this customer (yet).")
    boundaries = None
    if row["orders_count"]:
        boundaries = platform.boundaries.present() if asked.live else platform.boundaries.at(asked.moment)
    shown = Shown(asked.moment.at, platform.currency, boundaries, platform.terms.zone, platform.book.region)
    found = dossier(row, platform.book.identifiers(row["members"]), shown)
    found |= held(_holds(platform, row["root"], asked, boundaries))
    return found | _former(platform, address, subject, asked, row["person_id"])


def _holds(platform: Services, root: str, asked: Asked, boundaries: Boundaries | None) -> dict[str, Any]:
    """What segments and tags hold: now as kept, at a moment by the definitions of today or of then."""
    if asked.live:
        return {each.ref: each.value for each in held_of(platform.database, root)}
    return held_at(platform, [root], asked, boundaries).get(root, {})


def _former(platform: Services, address: str, subject: str, asked: Asked, person_id: str) -> dict[str, Any]:
    """Asked for by a former id: since when its person is this one."""
    if not address.startswith("person:") or address.lower() == f"person:{person_id}":
        return {}
    former = explain(platform.database, subject, asked.moment, 0).former
    since = next((since for root, _, since in former if root == subject), None)
    return {
        "former": {
            "person_id": address.removeprefix("person:").lower(),
            "since": format_time(since) if since else None,
        }
    }


@router.get("/profiles/{address}/events")
async def events(  # noqa: PLR0913, PLR0917 -- one argument a query parameter
    address: str,
    platform: Platform,
    asked: AskedMoment,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    type: Annotated[str, Query(description="a type, or order.* for all of a kind")] = "",  # noqa: A002 -- its public name
    from_: Annotated[str | None, Query(alias="from", description="from this time on (RFC 3339)")] = None,
    to: Annotated[str | None, Query(description="before this time (RFC 3339)")] = None,
) -> dict[str, Any]:
    """The customer's timeline, newest first; 404 for somebody unknown."""
    selection = _selection(type, from_, to)
    start = _event_cursor(cursor)
    await platform.arrived(after)
    rows = await asyncio.to_thread(_events, platform, segment(address), asked, selection, start, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = write_cursor((last["occurred_at"], last["event_id"], last["source"])) if last else None
    return await platform.fresh(
        {"data": [event(row, platform.currency) for row in rows[:limit]], "next_cursor": next_cursor}
    )


def _events(
    platform: Services, address: str, asked: Asked, selection: Selection, start: EventCursor, limit: int
) -> Any:
    subject = platform.book.subject(address)
    rows = timeline(platform.database, subject, asked.moment, selection, start, limit)
    _known(platform, subject, asked, found=bool(rows))
    return rows


def _known(platform: Services, subject: str, asked: Asked, *, found: bool) -> None:
    """Somebody of whom nothing is known is not found, even where the page asked for is empty."""
    if not found and fold_profile(platform.database, subject, asked.moment, platform.terms) is None:
        raise NotFound("Nothing is known of this customer (yet).")


def _selection(kind: str, begin: str | None, end: str | None) -> Selection:
    bounds: dict[str, datetime] = {}
    if begin is not None:
        bounds["begin"] = read_time("from", begin)
    if end is not None:
        bounds["end"] = read_time("to", end)
    return Selection(type=kind, **bounds)


def _event_cursor(cursor: str | None) -> EventCursor:
    if cursor is None:
        return EventCursor()
    micros, event_id, source = read_cursor(cursor, tuple[int, str, str])
    return EventCursor(from_micros(micros), event_id, source)


@router.get("/profiles/{address}/orders")
async def orders(
    address: str, platform: Platform, asked: AskedMoment, after: After, limit: Limit, cursor: Cursor = None
) -> dict[str, Any]:
    """The customer's orders, latest first, each folded from all its events."""
    start = _order_cursor(cursor)
    await platform.arrived(after)
    rows = await asyncio.to_thread(_orders, platform, segment(address), asked, start, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = write_cursor((last["sorted_at"], last["key"])) if last else None
    return await platform.fresh({"data": [order(row) for row in rows[:limit]], "next_cursor": next_cursor})


def _orders(platform: Services, address: str, asked: Asked, start: OrderCursor, limit: int) -> Any:
    subject = platform.book.subject(address)
    rows = orders_of(platform.database, subject, asked.moment, platform.terms, start, limit)
    _known(platform, subject, asked, found=bool(rows))
    return rows


def _order_cursor(cursor: str | None) -> OrderCursor:
    if cursor is None:
        return LATEST_ORDER
    micros, key = read_cursor(cursor, tuple[int, str])
    return OrderCursor(from_micros(micros), key)
