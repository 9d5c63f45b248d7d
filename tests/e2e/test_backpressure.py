"""A server that stops answering for a while: memory stays bounded, nothing is lost, then all is caught up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psutil  # type: ignore[import-untyped]
import pytest

from projections.log.admin import LogAdmin
from tests.conftest import StartPlatform
from tests.e2e.events import viewed
from tests.stack.platforms import Platform
from tests.stack.processes import Process
from tests.stack.waiting import until

pytestmark = pytest.mark.platform
_MIB = 2**20
_REQUESTS, _EVENTS = 10, 2_500


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """A platform that gives up on Kafka after two seconds."""
    return start_platform(CDP_INGEST__ACK_TIMEOUT="2")


@contextmanager
def stopped(process: Process | None) -> Iterator[None]:
    """Within the block the server is there and does not answer."""
    if process is None:
        pytest.skip("servers in containers are not ours to stop")
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def lag(platform: Platform) -> int:
    """How many records of events nobody has acknowledged."""
    with closing(LogAdmin(platform.kafka.address, timeout=20)) as admin:
        done = admin.committed(platform.group)
        return sum(end - done.get(place, 0) for place, end in admin.end_offsets([platform.topic("events")]).items())


def await_arrival(platform: Platform, position: str) -> None:
    until(lambda: platform.get("/v1/rfm", after=position).status_code == 200, "caught up", 120)


def test_while_clickhouse_does_not_answer_events_wait_in_kafka(platform: Platform) -> None:
    """Ingest goes on, lag grows and the worker holds little of it; it lives on, and catches up."""
    platform.ask("/v1/rfm", after=platform.send(viewed("B0", "first")))
    worker = platform.workers[0]
    pid, before = worker.pid, psutil.Process(worker.pid).memory_info().rss
    positions = []
    with stopped(platform.clickhouse.process):
        for request in range(_REQUESTS):
            events = [viewed(f"B{request}", f"slow-{request}-{number}") for number in range(_EVENTS)]
            positions.append(platform.send(*events))
        assert lag(platform) > 100
        grown = psutil.Process(pid).memory_info().rss - before
    assert grown < 200 * _MIB
    for position in positions:
        await_arrival(platform, position)
    assert (worker.alive, worker.pid) == (True, pid)
    until(lambda: lag(platform) == 0, "all is acknowledged")
    told = platform.ask("/v1/profiles/member_id:B3")
    assert told["interactions"]["count"] == _EVENTS


def test_while_kafka_does_not_answer_nothing_counts_as_accepted(platform: Platform) -> None:
    """503 and when to come back; sent again later the events are there once, whatever became of the first attempt."""
    event = viewed("K1", "kafka-away")
    with stopped(platform.kafka.process):
        answer = platform.post([event])
        assert (answer.status_code, answer.json()["code"]) == (503, "kafka_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        until(lambda: platform.http.get(f"{platform.ingest_url}/readyz").status_code == 503, "readyz says so")
    until(lambda: platform.post([event]).status_code == 202, "Kafka is back")
    position = platform.send(event)
    await_arrival(platform, position)
    assert platform.ask("/v1/profiles/member_id:K1")["interactions"]["count"] == 1
