"""Group commit: who shares a bundle, and when it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ingest.admission import Admitted
from ingest.buffer import Buffer
from ingest.group_commit import GroupCommit
from ingest.metrics import IngestMetrics
from ingest.outbox import Outbox
from ingest.refusals import RetryLater
from schemas.bundle import MAX_BUNDLE_BYTES
from tests.ingest.fakes import FakeLog

LONG = 60.0
"""A linger that no test waits for."""


def run(log: FakeLog, story: Callable[[GroupCommit], Awaitable[None]], linger: float = LONG) -> None:
    """Tell a story of a group commit over this log."""

    async def tell() -> None:
        metrics = IngestMetrics()
        outbox = Outbox(log, Buffer(2**22, metrics), metrics)
        await story(GroupCommit(log, outbox, "events", linger, metrics))

    asyncio.run(tell())


def events(count: int, size: int = 10) -> list[Admitted]:
    """Give events of one customer."""
    return [Admitted(b"k", b"x" * size) for _ in range(count)]


def test_a_lone_request_does_not_wait(log: FakeLog) -> None:
    """Nothing is on its way, so the bundle leaves at once, however long the linger."""

    async def story(commit: GroupCommit) -> None:
        places = commit.add("pos", events(3), [0] * 3)
        await asyncio.wait_for(next(iter(places)), 1)

    run(log, story)
    assert [record.value.count(b"x" * 10) for record in log.records] == [3]


def test_requests_that_come_shortly_after_share_a_bundle(log: FakeLog) -> None:
    """For the linger after a write events gather; they leave together when it is over."""

    async def story(commit: GroupCommit) -> None:
        await asyncio.wait_for(commit.add("pos", events(1), [0]).pop(), 1)
        first, second = commit.add("pos", events(1), [0]), commit.add("pos", events(1), [0])
        assert first == second
        assert len(log.records) == 1
        await asyncio.wait_for(first.pop(), 1)

    run(log, story, linger=0.05)
    assert [record.value.count(b"\n") + 1 for record in log.records] == [1, 2]


def test_the_linger_ends_without_an_ack(log: FakeLog) -> None:
    """A slow broker does not hold bundles back for longer."""

    async def story(commit: GroupCommit) -> None:
        log.silent = True
        commit.add("pos", events(1), [0])
        await asyncio.sleep(0)
        log.silent = False
        await asyncio.wait_for(commit.add("pos", events(1), [0]).pop(), 1)

    run(log, story, linger=0.001)


def test_bundles_are_bounded(log: FakeLog) -> None:
    """100 events, 512 KiB, one source, one partition."""

    async def story(commit: GroupCommit) -> None:
        places = commit.add("pos", events(250), [0] * 250)
        places |= commit.add("pos", events(40, 32 * 1024), [1] * 40)
        places |= commit.add("web", events(1), [0])
        await asyncio.wait(places)

    run(log, story)
    assert max(len(record.value) for record in log.records) <= MAX_BUNDLE_BYTES
    counts = [(record.partition, record.value.count(b"\n") + 1) for record in log.records]
    assert sorted(counts) == [(0, 1), (0, 50), (0, 100), (0, 100), (1, 10), (1, 15), (1, 15)]


def test_the_buffer_takes_one_request_whatever_its_size() -> None:
    """Else it could never pass; a second one waits."""
    buffer = Buffer(10, IngestMetrics())
    buffer.reserve(100)
    with pytest.raises(RetryLater):
        buffer.reserve(1)
    buffer.release(100)
    buffer.reserve(1)
