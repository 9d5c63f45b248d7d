"""A recorder over a real ClickHouse: too much refused holds it, through restarts, until somebody says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from processors.holding import Held
from processors.recorder.breaker import Breaker, Limits
from processors.recorder.step import Recorder
from processors.records import Record
from projections.breaker import open_holds
from projections.controls import Said, write_controls
from projections.database import Database
from schemas.control import Control
from schemas.dead_letter import decode
from tests.property.recording import CURRENCY, DOOR, SOURCES, TOPICS, Kept
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RUN = 10


@pytest.fixture
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture
def log() -> Kept:
    return Kept()


def worker(database: Database, log: Kept) -> Recorder:
    """A worker that has just started."""
    limits = Limits(events=1_000, ratio=0.5, run=RUN, within=timedelta(hours=1))
    return Recorder(database, log, DOOR, SOURCES, CURRENCY, TOPICS, Breaker(database, "events", limits, lambda: NOW))


def records(count: int, kind: str = "nope", begin: int = 0) -> list[Record]:
    """One event each, a second after the other."""
    said = {"type": kind, "occurred_at": "2026-11-21T00:00:00Z", "ids": {"member_id": "M"}, "data": {"sku": "P"}}
    return [
        Record(
            "events", 0, n, NOW + timedelta(seconds=n), None, orjson.dumps({"event_id": f"e{n}", **said}),
            {"source": next(iter(SOURCES)).encode()},
        )
        for n in range(begin, begin + count)
    ]  # fmt: skip


def letters(log: Kept) -> set[int]:
    """The offsets that became dead letters."""
    return {decode(line).offset or 0 for line in log.lines(TOPICS.dead_letters)}


def drained(database: Database, log: Kept, poison: list[Record], size: int) -> int:
    """How many records workers get through that take so many at a time and are restarted after each."""
    done = 0
    for _ in poison:
        try:
            worker(database, log).process(poison[done : done + size])
        except Held:
            return done
        done += size
    return done


@pytest.mark.parametrize("size", [1, 3, 50])
def test_no_restart_drains_the_log_into_dead_letters(database: Database, log: Kept, size: int) -> None:
    """At most a run of poison becomes letters; where it stands can be seen; good events do not pass it by."""
    poison = records(50)
    done = drained(database, log, poison, size)
    assert done == len(letters(log)) <= RUN
    [hold] = open_holds(database, "events")
    assert (hold["log_offset"], hold["reason"], set(hold["codes"])) == (done, "run", {"unknown_type"})
    with pytest.raises(Held):
        worker(database, log).process([*poison[done : done + RUN + 1], *records(5, "product.viewed", 60)])


def test_one_word_lets_everything_up_to_then_through(database: Database, log: Kept) -> None:
    """And what comes later is watched again."""
    poison = records(50)
    with pytest.raises(Held):
        worker(database, log).process(poison)
    assert letters(log) == set()
    said = Control(kind="breaker", value={"seconds": 5}, author="ops")
    write_controls(database, [Said(said, 1, poison[-1].appended_at)])
    worker(database, log).process(poison)
    assert letters(log) == set(range(50))
    assert open_holds(database, "events") == []
    worker(database, log).process(records(5, begin=50))
    assert len(letters(log)) == 55
    with pytest.raises(Held):
        worker(database, log).process(records(RUN + 1, begin=60))


def test_after_the_mending_nothing_is_needed(database: Database, log: Kept) -> None:
    """The next version of the code takes the very records the last one was held at."""
    held = records(50)
    with pytest.raises(Held):
        worker(database, log).process(held)
    worker(database, log).process(records(50, "product.viewed"))
    assert open_holds(database, "events") == []
    assert letters(log) == set()
    assert database.tuples("SELECT uniqExact(event_id) FROM events") == [(50,)]


def test_records_that_cannot_be_processed_hold_it_too(database: Database, log: Kept) -> None:
    """A release that fails at every record must not give all of them up, one by one."""
    poison = records(50, "product.viewed")
    for record in poison[:RUN]:
        worker(database, log).give_up(record)
    with pytest.raises(Held):
        worker(database, log).give_up(poison[RUN])
    assert letters(log) == set(range(RUN))
    assert dict(open_holds(database, "events")[0]["codes"]) == {"processing_failed": 1}


def test_an_id_said_twice_is_no_poison(database: Database, log: Kept) -> None:
    """A channel that imports changed rows under old ids gets its letters, and stops nobody."""
    worker(database, log).process(records(50, "product.viewed"))
    changed = [
        replace(
            each, partition=1, appended_at=NOW + timedelta(hours=1), value=(each.value or b"").replace(b'"P"', b'"Q"')
        )
        for each in records(50, "product.viewed")
    ]
    worker(database, log).process(changed)
    assert [decode(line).code for line in log.lines(TOPICS.dead_letters)] == ["id_conflict"] * 50
