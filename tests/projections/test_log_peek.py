"""Looking at single records of a real log: where one asks, with the time Kafka keeps, and nothing committed."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from projections.log.admin import LogAdmin, Readers
from projections.log.peek import LogPeek
from projections.log.producer import LogProducer
from projections.log.records import Record
from schemas.errors import Unavailable
from schemas.topics import catalogue
from tests.stack.servers import Kafka

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def prefix(kafka_server: Kafka) -> str:
    """Topics with five records in each of the events' first three partitions; those of the third are large."""
    prefix = kafka_server.fresh_prefix()
    events = catalogue(prefix)["events"].name
    records = [
        Record(events, partition, b"key", os.urandom(300_000 if partition == 2 else 10), (("source", b"pos"),))
        for _ in range(5)
        for partition in range(3)
    ]
    with closing(LogProducer(kafka_server.address, "test")) as producer:
        producer.publish(records, 30)
    return prefix


@pytest.fixture
def peek(kafka_server: Kafka) -> Iterator[LogPeek]:
    with closing(LogPeek(kafka_server.address, client_id="test", timeout=10)) as peek:
        yield peek


@pytest.fixture(scope="module")
def admin(kafka_server: Kafka) -> Iterator[LogAdmin]:
    with closing(LogAdmin(kafka_server.address, timeout=20)) as admin:
        yield admin


def test_the_record_at_an_offset(peek: LogPeek, prefix: str) -> None:
    """Of many partitions at once, large records too; again and again, forwards and back."""
    events = catalogue(prefix)["events"].name
    for offset in (3, 1, 4, 4):
        found = peek.first({(events, partition): offset for partition in range(3)})
        assert {place: record.offset for place, record in found.items()} == {(events, p): offset for p in range(3)}
        assert all(abs((datetime.now(UTC) - record.appended_at).total_seconds()) < 600 for record in found.values())


def test_some_records_from_an_offset_on(peek: LogPeek, prefix: str) -> None:
    """No more than asked for, no more than there are, with their headers."""
    events = catalogue(prefix)["events"].name
    assert [record.offset for record in peek.sample((events, 2), 1, 3)] == [1, 2, 3]
    rest = peek.sample((events, 0), 3, 100)
    assert [record.offset for record in rest] == [3, 4]
    assert rest[0].headers == {"source": b"pos"}


def test_what_is_not_there_is_left_out(kafka_server: Kafka, prefix: str) -> None:
    """A look ends when its time is up."""
    events = catalogue(prefix)["events"].name
    with closing(LogPeek(kafka_server.address, client_id="test", timeout=2)) as hasty:
        assert set(hasty.first({(events, 0): 0, (events, 7): 0})) == {(events, 0)}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_nobody_there_is_unavailable() -> None:
    """No other error leaves the door."""
    peek = LogPeek("127.0.0.1:1", client_id="test", timeout=0.2)
    with pytest.raises(Unavailable):
        peek.first({("events", 0): 0})
    gc.collect()  # the driver leaves a socket open when it cannot connect; better seen here than by another test


def test_what_kafka_lacks_is_said(admin: LogAdmin, prefix: str) -> None:
    """Topics that are missing are named; with all of them there is nothing to say."""
    there = [topic.name for topic in catalogue(prefix).values()]
    assert admin.complaint(there) == ""
    assert admin.complaint([*there, "none.such"]) == "Kafka has no topic none.such."


def test_how_long_topics_are_kept(admin: LogAdmin, prefix: str) -> None:
    """As the broker has it, which may be other than the catalogue says."""
    topics = catalogue(prefix)
    assert admin.retention([topics["events"].name, topics["touched"].name]) == {
        topics["events"].name: None, topics["touched"].name: 7 * 86400.0,
    }  # fmt: skip


def test_a_group_nobody_is_in_has_no_readers(admin: LogAdmin) -> None:
    """That is an answer, no error."""
    assert admin.readers("nobody") == Readers([], frozenset())
