"""What the resolver has to do: identifiers of new sightings, and of those whose time came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from projections.database import Database, Given, names, time_parameter
from projections.identity.reading import first_places
from projections.places import Place
from projections.statements import statement
from schemas.event import Event

_LINKS = ("customer.linked", "customer.unlinked")
_VOIDED = "event.voided"
_SEEN = "ids Array(String), occurred_at DateTime64(6, 'UTC'), event_id String, source String"


def unweighed(database: Database, events: Sequence[Event]) -> set[str]:
    """The identifiers that some events name together and nobody has weighed yet. Links are weighed each time."""
    several = [event for event in events if len(event.ids) > 1 and event.type != _VOIDED]
    links = {each.address for event in several if event.type in _LINKS for each in event.ids}
    seen: dict[tuple[str, ...], tuple[datetime, str, str]] = {}
    for event in several:
        if event.type not in _LINKS:
            ids = tuple(each.address for each in event.ids)
            moment = (event.occurred_at, event.event_id, event.source)
            seen[ids] = min(moment, seen.get(ids, moment))
    if not seen:
        return links
    rows = [(ids, time_parameter(at), event_id, source) for ids, (at, event_id, source) in seen.items()]
    return links | {row[0] for row in database.tuples(statement("unweighed"), tables={"seen": Given(_SEEN, rows)})}


def due_sightings(database: Database, since: datetime, until: datetime) -> set[str]:
    """The identifiers named together by events dated ahead whose time came after `since`, up to `until`."""
    span = {"since": time_parameter(since), "until": time_parameter(until)}
    return {row[0] for row in database.tuples(statement("sightings_due"), span)}


def roots_of(
    database: Database, subjects: Iterable[str], new: AbstractSet[Place] = frozenset()
) -> tuple[dict[str, str], set[str]]:
    """The roots now of some subjects; and those of them that are joined and stand first in the log at a `new` place.

    The latter may have become the member of their person that is first in the log.
    """
    wanted = set(subjects)
    if not wanted:
        return {}, set()
    joined = dict(database.tuples(statement("roots_of"), tables=names(wanted)))
    first = {each for each, place in first_places(database, joined).items() if place in new} if new else set()
    return {each: joined.get(each, each) for each in wanted}, first
