"""Who is in a segment, or has a tag: now, from what is kept, or at a moment, computed from the facts."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from itertools import islice
from typing import Any

import orjson

from api.asking import library_of, members_at
from api.found import Found
from api.parameters import Asked
from api.services import Services
from projections.database import Row
from projections.memberships import members_page

_AT_ONCE = 2_000


def page_now(platform: Services, ref: str, place: int, limit: int, value: Any) -> list[Found]:
    """Members now, after a place."""
    rows = members_page(platform.database, ref, place, limit, value)
    return [_found(row) for row in rows]


def page_at(platform: Services, ref: str, asked: Asked, after: str, limit: int, value: Any) -> list[Found]:
    """Members at a moment, by person_id, after one: everybody is evaluated for each page."""
    found = (each for each in _all_at(platform, ref, asked, value) if each.person_id > after)
    return nsmallest(limit, found, key=lambda each: each.person_id)


def _found(row: Row) -> Found:
    return Found(row["root"], row["person"], orjson.loads(row["value"]), row["since"], row["place"])


def everybody_in(platform: Services, ref: str, asked: Asked, value: Any) -> Iterator[list[Found]]:
    """All members, some at a time."""
    if not asked.live:
        found = iter(_all_at(platform, ref, asked, value))
        while part := list(islice(found, _AT_ONCE)):
            yield part
        return
    place = 0
    while part := page_now(platform, ref, place, _AT_ONCE, value):
        yield part
        place = part[-1].place


def _all_at(platform: Services, ref: str, asked: Asked, value: Any) -> Iterator[Found]:
    for each in members_at(platform, library_of(platform, asked), ref, asked):
        if value is None or each.value == value:
            yield Found(each.root, each.person_id, each.value)
