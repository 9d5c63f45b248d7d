"""Everybody evaluated: what is begun as the platform itself begins it, and how long until the last pass is through."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.bench.mixed import Mixed
from deploy.bench.scale import Doors
from processors.passing import Passing
from projections.database import Database, time_parameter
from projections.library import library_at
from projections.log.producer import LogProducer
from projections.log.records import Record
from projections.passes import unfinished
from projections.progress import GOVERNOR, heads
from schemas.control import Control
from schemas.errors import Unavailable
from schemas.topics import catalogue

_LOOK = 0.1
_ACK_SECONDS = 30.0
_COUNTS = """
SELECT (SELECT count() FROM profiles FINAL WHERE present = 1) AS customers,
       (SELECT count() FROM events) AS facts,
       (SELECT sum(length(held)) FROM memberships FINAL) AS memberships,
       (SELECT count() FROM changes) AS changes
"""
_PASSES = (
    "SELECT toString(cause) AS cause, count() FROM passes WHERE begun_at >= {since:DateTime64(6, 'UTC')} GROUP BY cause"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    customers: int
    facts: int
    memberships: int
    changes: int


def counts(database: Database) -> Counts:
    """Now."""
    return Counts(*database.tuples(_COUNTS)[0])


def passes_since(database: Database, moment: datetime) -> dict[str, int]:
    """How many passes over everybody have begun since, by cause."""
    return dict(database.tuples(_PASSES, {"since": time_parameter(moment)}))


def define(database: Database, doors: Doors, definitions: Sequence[Mixed], advance: Callable[[float], None]) -> float:
    """Say all of them at once; the seconds from the first record until everybody is evaluated by the last."""
    topic = catalogue(doors.topic_prefix)["control"].name
    said = [Control(kind=each.kind, key=each.key, value=each.body, author="bench") for each in definitions]
    records = [Record(topic, 0, f"{each.kind}/{each.key}".encode(), each.model_dump_json().encode()) for each in said]
    with closing(LogProducer(doors.kafka, "cdp-bench")) as log:
        began = time.monotonic()
        last = max(placed.offset for placed in log.publish(records, _ACK_SECONDS))
    while _governed(database, topic) < last:
        time.sleep(_LOOK)
    await_passes(database, advance)
    return time.monotonic() - began


def reevaluate(database: Database, doors: Doors, advance: Callable[[float], None]) -> float:
    """Have everybody evaluated by everything that is defined; the seconds until that is done."""
    topic = catalogue(doors.topic_prefix)["touched"].name
    with closing(LogProducer(doors.kafka, "cdp-bench", topics=(topic,))) as log:
        _await_partitions(log, topic)
        began = time.monotonic()
        passing = Passing(database, log, topic)
        passing.begin("definition", "platform", (), library_at(database), datetime.now(UTC))
    await_passes(database, advance)
    return time.monotonic() - began


def await_passes(database: Database, advance: Callable[[float], None]) -> None:
    """Return when no definition waits for anybody; tells `advance` the share that is done more, of 1 in all."""
    done = 0.0
    while going := [each for each in unfinished(database) if each.cause == "definition"]:
        share = sum(each.done for each in going) / sum(each.steps for each in going)
        advance(max(share - done, 0.0))
        done = max(share, done)
        time.sleep(_LOOK)


def _governed(database: Database, topic: str) -> int:
    """The last offset the governor has done; -1 before the first."""
    found = heads(database).get(GOVERNOR, {}).get((topic, 0))
    return -1 if found is None else found.last


def _await_partitions(log: LogProducer, topic: str) -> None:
    deadline = time.monotonic() + _ACK_SECONDS
    while True:
        try:
            log.partitions(topic)
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK)
        else:
            return
