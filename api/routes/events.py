"""What became of one event: the flight recorder."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from api import flight_view
from api.addresses import segment
from api.flight_view import Beside
from api.letters_view import dead_letter
from api.parameters import After
from api.services import Platform, Services, requires
from api.stages import Standing
from projections.flight import Pipeline, changes_by, folded_at, voided_by
from projections.history import History, event_history
from projections.identity.people import people_of
from projections.moments import AsOf
from projections.resolution import person_of
from schemas.errors import NotFound, Unavailable
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_yet", "clickhouse_unavailable", "internal_error"
)
router = APIRouter(prefix="/v1", tags=["operation"], dependencies=[requires("operations")], responses=PROBLEMS)


@router.get("/events/{source}/{event_id}")
async def event(source: str, event_id: str, platform: Platform, after: After) -> dict[str, Any]:
    """Where an event is: in the log, whose, when each step happened, what it changed; those refused too.

    One that is acknowledged and not recorded yet is looked for in the log.
    """
    await platform.arrived(after)
    named = (segment(source), segment(event_id))
    standing = await platform.stages.standing()
    return await platform.fresh(await asyncio.to_thread(_followed, platform, named, standing))


def _followed(platform: Services, named: tuple[str, str], standing: Standing) -> dict[str, Any]:
    moment = AsOf(datetime.now(UTC), kept=True)
    found = event_history(platform.database, named, moment)
    if found is not None and found.claim is not None:
        return flight_view.recorded(*named, found, _beside(platform, named, found, moment))
    with suppress(Unavailable):  # without Kafka, what the rows say
        if unread := _unread(platform, named, standing, found):
            return unread
    if found is None:
        raise NotFound("No event with this id has been seen from this source (yet).")
    return flight_view.recorded(*named, found, Beside())


def _unread(
    platform: Services, named: tuple[str, str], standing: Standing, found: History | None
) -> dict[str, Any] | None:  # fmt: skip
    """The event as it waits in the log, or its letter, if it does."""
    if waiting := platform.unread.event(standing, *named):
        letters = [dead_letter(row) for row in found.letters] if found else []
        return flight_view.waiting(*named, platform.stages.topics.events, waiting, letters)
    letter = None if found else platform.unread.letter(standing, *named)
    return flight_view.dying(*named, letter) if letter else None


def _beside(platform: Services, named: tuple[str, str], found: History, moment: AsOf) -> Beside:
    database, topics = platform.database, platform.stages.topics
    if found.claim is None or found.fact is None:
        return Beside()
    place = found.claim.place
    taken_at = None
    with suppress(Unavailable):
        taken_at = platform.unread.taken_at((topics.events, place.partition), place.offset)
    members = people_of(database, [found.subject], moment) if found.subject else {}
    roots = {*members, *(each for many in members.values() for each in many)}
    known = str(moment.parameters()["known"])
    return Beside(
        person_id=person_of(database, found.subject, moment) if found.subject else None,
        taken_at=taken_at,
        folded_at=folded_at(database, Pipeline(topics.events, topics.identity, topics.touched), place),
        voided_by=voided_by(database, named, found.fact["batch"], known) if found.status == "voided" else (),
        changes=changes_by(database, named[1], roots) if roots else [],
    )
