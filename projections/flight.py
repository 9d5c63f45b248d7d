"""When an event had come how far, what it changed, and what else was sent under its id."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from projections.claims import EventId, id_hash
from projections.database import Database, Row
from projections.places import Place
from projections.progress import PROFILER, RECORDER, RESOLVER, merge, produced_by
from projections.statements import statement

_DONE_AT = """
SELECT done_at FROM consumed
WHERE stage = {stage:String} AND topic = {topic:String} AND log_partition = {partition:UInt16}
  AND last >= {offset:UInt64}
ORDER BY stage, topic, log_partition, last LIMIT 1
"""
_CHANGES = """
SELECT change_id, person_id, toString(kind) AS kind, key, before, after, at, toString(cause) AS cause, cause_ref,
       definition_version
FROM changes
WHERE cause = 'event' AND cause_ref = {event_id:String} AND root IN {roots:Array(String)}
ORDER BY at, change_id LIMIT 1 BY change_id LIMIT 200
"""
_REPETITIONS = """
SELECT received_at, log_partition, log_offset, log_index FROM repetitions
WHERE id_hash = {id_hash:UInt64} AND source = {source:String} AND event_id = {event_id:String}
ORDER BY received_at, log_partition, log_offset, log_index
LIMIT 1 BY log_partition, log_offset, log_index LIMIT 200
"""
_REPAIRS = """
SELECT letter_id, replay_id, toString(source) AS source, event_id, received_at, log_partition, log_offset, log_index
FROM repairs
WHERE source = {source:String} AND event_id = {event_id:String}
ORDER BY received_at, log_partition, log_offset, log_index
LIMIT 1 BY log_partition, log_offset, log_index LIMIT 200
"""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The topics an event's consequences go through."""

    events: str
    identity: str
    touched: str


def folded_at(database: Database, topics: Pipeline, place: Place) -> datetime | None:
    """When the profiles of all whom a recorded event's chunk touched had been folded; None: not yet, or not known."""
    written = produced_by(database, RECORDER, (topics.events, place.partition), place.offset)
    if written is None:
        return None
    weighed = [
        produced_by(database, RESOLVER, where, offset)
        for where, offset in written.items()
        if where[0] == topics.identity
    ]
    if None in weighed:
        return None
    touched = merge([written, *(each for each in weighed if each)])
    done = [
        _done_at(database, PROFILER, where, offset) for where, offset in touched.items() if where[0] == topics.touched
    ]
    known = [each for each in done if each is not None]
    return max(known) if known and len(known) == len(done) else None


def _done_at(database: Database, stage: str, where: tuple[str, int], offset: int) -> datetime | None:
    asked = {"stage": stage, "topic": where[0], "partition": where[1], "offset": offset}
    row = database.one(_DONE_AT, asked)
    return row["done_at"] if row else None


def changes_by(database: Database, event_id: str, roots: Collection[str]) -> list[Row]:
    """What was put down to an event, of a person with these identifiers."""
    return database.rows(_CHANGES, {"event_id": event_id, "roots": sorted(roots)})


def repetitions_of(database: Database, event_id: EventId) -> list[Row]:
    """Where the same event was sent again; kept for 90 days."""
    asked = {"id_hash": id_hash(*event_id), "source": event_id[0], "event_id": event_id[1]}
    return database.rows(_REPETITIONS, asked)


def repairs_of(database: Database, event_id: EventId) -> list[Row]:
    """Where it was replayed from dead letters."""
    return database.rows(_REPAIRS, {"source": event_id[0], "event_id": event_id[1]})


def voided_by(database: Database, event_id: EventId, batch: str, known: str) -> list[str]:
    """The voids that name it, by event or batch."""
    asked = {"source": event_id[0], "event_id": event_id[1], "batch": batch, "known": known}
    return [each for (each,) in database.tuples(statement("voided_by"), asked)]
