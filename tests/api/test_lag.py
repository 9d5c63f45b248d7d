"""Lag rows: how far the group is behind, in records and seconds, and in what state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.lag import LagReader
from projections.progress import Head
from tests.api.ledger import NOW, Log

EVENTS = ("events", 0)


class Watch:
    """A reader over a log of one partition, and the hands of its clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self.seconds = Log({EVENTS: 10}, {EVENTS: 10}), 0.0
        monkeypatch.setattr("api.lag.time.monotonic", lambda: self.seconds)
        self.reader = LagReader(self.log, "group", ("events",))

    def row(self, head: Head | None = None, seconds: float = 0.0) -> dict[str, Any]:
        self.seconds += seconds
        (row,) = self.reader.read({EVENTS: head} if head else {}, NOW)
        return row


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


def behind(seconds: float, last: int) -> Head:
    """A stage whose last record was appended that long ago."""
    return Head(last, NOW - timedelta(seconds=seconds))


def test_nothing_waits(watch: Watch) -> None:
    """No lag, no time to catch up, all well."""
    row = watch.row(behind(500, 9))
    assert row == {
        "group": "group", "topic": "events", "partition": 0, "committed": 10, "end": 10,
        "lag": 0, "lag_seconds": 0.0, "drain_seconds": 0.0, "state": "ok",
    }  # fmt: skip


def test_a_little_behind_is_well(watch: Watch) -> None:
    """Up to ten seconds; the lag in seconds is the age of the last record done."""
    watch.log.ends[EVENTS] = 14
    row = watch.row(behind(4.5, 9))
    assert (row["lag"], row["lag_seconds"], row["state"]) == (4, 4.5, "ok")


def test_far_behind_and_moving_says_how_long(watch: Watch) -> None:
    """The rate is what was committed since a second or more ago."""
    watch.log.ends[EVENTS] = 1010
    watch.row(behind(60, 9))
    watch.log.committed_offsets[EVENTS] = 110
    row = watch.row(behind(60, 109), seconds=2.0)
    assert (row["lag"], row["drain_seconds"], row["state"]) == (900, 18.0, "warn")


def test_far_behind_and_standing_is_stalled(watch: Watch) -> None:
    """A group with members that commits nothing."""
    watch.log.ends[EVENTS] = 1010
    watch.row(behind(60, 9))
    row = watch.row(behind(60, 9), seconds=2.0)
    assert (row["drain_seconds"], row["state"]) == (None, "stalled")


def test_nobody_reads(watch: Watch) -> None:
    """No members: that is the state, whatever the lag."""
    watch.log.members = ()
    assert watch.row()["state"] == "no_members"


def test_a_group_that_never_read_is_behind_from_the_start(watch: Watch) -> None:
    """No committed offset is offset 0, and nobody knows since when."""
    watch.log.committed_offsets = {}
    row = watch.row()
    assert (row["committed"], row["lag"], row["lag_seconds"], row["state"]) == (0, 10, None, "stalled")


def test_done_but_not_yet_committed_is_no_age(watch: Watch) -> None:
    """Offsets are committed twice a second: what is done already does not count as waiting."""
    watch.log.committed_offsets[EVENTS] = 5
    row = watch.row(behind(60, 9))
    assert (row["lag"], row["lag_seconds"], row["state"]) == (5, 0.0, "ok")
