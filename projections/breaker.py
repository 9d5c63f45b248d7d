"""What the recorder's breaker remembers: how many events were taken and refused lately, and where it holds.

The good ones are in the ledger (`consumed`); a row of `refused` is written for a record before its letters are, so
neither a restart nor another worker begins to count anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from projections.database import Database, Row, time_parameter
from projections.progress import RECORDER

RecordPlace = tuple[int, int]
"""Partition and offset."""

_NEVER = datetime.fromtimestamp(0, UTC)
_MOST_ROWS = 100_000
_TAKEN = """
SELECT watermark, sum(events) FROM consumed
WHERE stage = {stage:String} AND topic = {topic:String} AND events > 0
  AND watermark > {since:DateTime64(6, 'UTC')} AND watermark <= {until:DateTime64(6, 'UTC')}
GROUP BY watermark ORDER BY watermark DESC LIMIT {most:UInt32}
"""
_REFUSED = """
SELECT received_at, log_partition, log_offset, events FROM refused
WHERE received_at > {since:DateTime64(6, 'UTC')} AND received_at <= {until:DateTime64(6, 'UTC')}
ORDER BY received_at DESC LIMIT 1 BY log_partition, log_offset LIMIT {most:UInt32}
"""
_RESUMED = """
SELECT received_at, JSONExtractFloat(value, 'seconds') FROM controls WHERE kind = 'breaker'
ORDER BY version DESC LIMIT 100
"""
_HOLDS = """
SELECT log_partition, log_offset, any(received_at) AS received_at, min(held_at) AS since,
       argMax(toString(reason), held_at) AS reason, argMax(events, held_at) AS events,
       argMax(refused, held_at) AS refused, argMax(codes, held_at) AS codes
FROM holds
WHERE (log_partition, log_offset) NOT IN (
    SELECT holds.log_partition, holds.log_offset FROM holds
    INNER JOIN (SELECT log_partition, max(last) AS head FROM heads
                WHERE stage = {stage:String} AND topic = {topic:String} GROUP BY log_partition) AS done
    ON done.log_partition = holds.log_partition
    WHERE holds.log_offset <= done.head)
GROUP BY log_partition, log_offset
ORDER BY log_partition, log_offset
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events were taken and refused at one moment of the log."""

    at: datetime
    taken: int
    refused: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The refused events of one record."""

    at: datetime
    place: RecordPlace
    events: int


@dataclass(frozen=True, slots=True)
class Hold:
    """The record before which the recorder stands, and why."""

    place: RecordPlace
    received_at: datetime
    held_at: datetime
    reason: str
    events: int
    refused: int
    codes: Mapping[str, int] = field(default_factory=dict)


def tallies(
    database: Database, topic: str, since: datetime, until: datetime, besides: AbstractSet[RecordPlace]
) -> list[Tally]:
    """What the recorders made of the log after `since`, up to `until`; without the records that are looked at now."""
    asked = {
        "stage": RECORDER,
        "topic": topic,
        "since": time_parameter(since),
        "until": time_parameter(until),
        "most": _MOST_ROWS,
    }
    found = [Tally(at, events, 0) for at, events in database.tuples(_TAKEN, asked)]
    refused = database.tuples(_REFUSED, asked)
    return found + [Tally(at, 0, events) for at, *place, events in refused if tuple(place) not in besides]


def write_refused(database: Database, refused: Sequence[Refused]) -> None:
    """Count refused events; the same record again is the same row."""
    database.insert(
        "refused",
        {
            "received_at": [each.at for each in refused],
            "log_partition": [each.place[0] for each in refused],
            "log_offset": [each.place[1] for each in refused],
            "events": [each.events for each in refused],
        },
    )


def write_holds(database: Database, holds: Sequence[Hold]) -> None:
    """Say that the recorder stands before these records."""
    database.insert(
        "holds",
        {
            "log_partition": [each.place[0] for each in holds],
            "log_offset": [each.place[1] for each in holds],
            "received_at": [each.received_at for each in holds],
            "held_at": [each.held_at for each in holds],
            "reason": [each.reason for each in holds],
            "events": [each.events for each in holds],
            "refused": [each.refused for each in holds],
            "codes": [dict(each.codes) for each in holds],
        },
    )


def open_holds(database: Database, topic: str) -> list[Row]:
    """Where recorders stand now: those of the holds that no recorder has passed."""
    return database.rows(_HOLDS, {"stage": RECORDER, "topic": topic})


def resumed_until(database: Database) -> datetime:
    """What was appended up to that moment goes past the breaker, by an operator's word; the epoch before the first."""
    said = database.tuples(_RESUMED)
    return max((at + timedelta(seconds=seconds) for at, seconds in said), default=_NEVER)
