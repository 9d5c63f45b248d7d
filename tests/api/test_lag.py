"""Lag rows: how far the group is behind, in records and seconds, and what that comes from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.lag import Lag, LagWatch, Look
from projections.progress import Head
from schemas.errors import Unavailable
from tests.api.ledger import NOW, Log

EVENTS = ("events", 0)


class Watch:
    """A watch over a log of one partition of ten records, all done; and the hands of its clock."""

    def __init__(self) -> None:
        self.log, self.now = Log({EVENTS: 10}, {EVENTS: 10}), 0.0
        self.watch = LagWatch(
            self.log, self.log, "group", ("events",), 10.0, lambda: NOW + timedelta(seconds=self.now), lambda: self.now
        )

    def append(self, records: int, age: float = 0.0) -> None:
        """More records, the first of which is that old."""
        end = self.log.ends[EVENTS]
        self.log.appended[EVENTS, end] = NOW + timedelta(seconds=self.now - age)
        self.log.ends[EVENTS] = end + records

    def look(self, head: Head | None = None, seconds: float = 0.0) -> Look:
        self.now += seconds
        return self.watch.look({EVENTS: head} if head else {})

    def row(self, head: Head | None = None, seconds: float = 0.0) -> Lag:
        (row,) = self.look(head, seconds).rows
        return row


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_nothing_waits(watch: Watch) -> None:
    """No lag, no time to catch up, all well; and no record is read for that."""
    shown = watch.row(Head(9, NOW)).shown("group")
    assert shown == {
        "group": "group", "topic": "events", "partition": 0, "committed": 10, "end": 10,
        "lag": 0, "lag_seconds": 0.0, "drain_seconds": 0.0, "state": "ok",
        "rate_in": None, "rate_out": None, "oldest_at": None,
        "retention_seconds": None, "deleted_in_seconds": None, "deleted_unread": 0,
    }  # fmt: skip
    assert watch.log.read == []


def test_seconds_are_the_age_of_the_oldest_that_waits(watch: Watch) -> None:
    """By the time Kafka keeps with that record, however long before it anything else happened."""
    watch.append(4, age=4.5)
    row = watch.row(Head(9, NOW - timedelta(hours=5)))
    assert (row.lag, row.seconds, row.state) == (4, 4.5, "ok")
    assert row.oldest_at == NOW - timedelta(seconds=4.5)


def test_the_oldest_is_read_once(watch: Watch) -> None:
    """While it stays the oldest its age grows without asking Kafka again."""
    watch.append(4, age=1.0)
    assert [watch.row().seconds, watch.row(seconds=5).seconds] == [1.0, 6.0]
    assert watch.log.read == [{EVENTS: 10}]


def test_a_record_that_cannot_be_read_in_time_has_no_age(watch: Watch) -> None:
    """Then seconds are unknown, not zero."""
    watch.append(4)
    watch.log.appended.clear()
    row = watch.row()
    assert (row.lag, row.seconds, row.state) == (4, None, "ok")


def test_rates_and_how_long_it_takes(watch: Watch) -> None:
    """What comes counts against what is done: 100 in and 400 out a second drain 900 in three seconds."""
    watch.append(1_200, age=60)
    watch.row()
    watch.append(200)
    watch.log.committed_offsets[EVENTS] = 810
    shown = watch.row(seconds=2.0).shown("group")
    assert (shown["rate_in"], shown["rate_out"]) == (100.0, 400.0)
    assert (shown["lag"], shown["drain_seconds"]) == (600, 2.0)


def test_what_comes_faster_than_it_is_done_never_drains(watch: Watch) -> None:
    """Null says so; a guess would be wrong."""
    watch.append(100)
    watch.row()
    watch.append(100)
    watch.log.committed_offsets[EVENTS] = 20
    assert watch.row(seconds=2.0).shown("group")["drain_seconds"] is None


def test_a_group_that_never_read_is_behind_from_the_first_record_there_is(watch: Watch) -> None:
    """No committed offset is that of the oldest record kept, and its age is the lag."""
    watch.log.committed_offsets = {}
    watch.log.begins[EVENTS] = 3
    watch.log.appended[EVENTS, 3] = NOW - timedelta(seconds=70)
    row = watch.row()
    assert (row.committed, row.lag, row.seconds, row.deleted_unread) == (3, 7, 70.0, 0)


def test_done_but_not_yet_committed_is_no_age(watch: Watch) -> None:
    """Offsets are committed twice a second: what the ledger has as done does not count as waiting."""
    watch.log.committed_offsets[EVENTS] = 5
    row = watch.row(Head(9, NOW - timedelta(seconds=60)))
    assert (row.lag, row.seconds, row.state, row.next) == (5, 0.0, "ok", 10)


def test_retention_against_lag(watch: Watch) -> None:
    """How long until the oldest that waits is deleted, and how many were deleted before they were done."""
    watch.log.kept["events"] = 100.0
    watch.log.committed_offsets[EVENTS] = 2
    watch.log.begins[EVENTS] = 6
    watch.log.appended[EVENTS, 6] = NOW - timedelta(seconds=70)
    row = watch.row()
    assert (row.kept_seconds, row.deleted_in, row.deleted_unread) == (100.0, 30.0, 4)


def test_a_stalled_partition_is_known_after_half_a_minute(watch: Watch) -> None:
    """Not sooner, for a step may take its time; looks in between, however many, change nothing."""
    watch.append(100)
    states = {}
    for _ in range(70):
        states[watch.now] = watch.row(seconds=0.5).state
    assert {state for at, state in states.items() if at <= 10} == {"ok"}
    assert {state for at, state in states.items() if 10 < at <= 26} == {"warn"}
    assert states[35.0 - 0.5] == "stalled"


def test_kafka_away_is_no_lag(watch: Watch) -> None:
    """It is an error: the answer is 503, not a row that looks well."""
    watch.log.away = True
    with pytest.raises(Unavailable):
        watch.row()
