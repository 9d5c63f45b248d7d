"""What LogProducer adds to the driver: deadlines of its own, and another driver after a failure."""

from __future__ import annotations

from threading import Event

import pytest
from kafka.errors import KafkaTimeoutError
from kafka.future import Future

from projections.log import producer as door
from projections.log.producer import LogProducer
from projections.log.records import Placed, Record
from schemas.errors import Unavailable

RECORD = Record("t", None, b"key", b"value")


class Metadata:
    """Where the driver says a record lies."""

    topic, partition, offset = "t", 0, 7


class Driver:
    """A driver that acknowledges at once; the first of all never does and cannot be closed, as one was seen to."""

    made: list[Driver]
    stopped: Event

    def __init__(self, **_: object) -> None:
        self.mute = not self.made
        self.made.append(self)
        self._sender = self

    def partitions_for(self, _topic: str) -> set[int]:
        return {0, 1, 2}

    def send(self, *_: object, **__: object) -> Future:
        future = Future()
        return future if self.mute else future.success(Metadata())

    def close(self, _timeout: float) -> None:
        if self.mute:
            raise KafkaTimeoutError

    def force_close(self) -> None:
        self.stopped.set()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> LogProducer:
    """Give a producer over such drivers."""
    Driver.made, Driver.stopped = [], Event()
    monkeypatch.setattr(door, "KafkaProducer", Driver)
    return LogProducer("nowhere:9", "test", topics=["t"], delivery_timeout=0.05)


def test_a_driver_that_hangs_is_replaced(log: LogProducer) -> None:
    """Its records fail by themselves, it is stopped by force, and the next record goes through another."""
    with pytest.raises(Unavailable, match="in time"):
        log.publish([RECORD, RECORD], 10)
    assert log.flush(0)
    assert log.publish([RECORD], 10) == [Placed("t", 0, 7)]
    assert Driver.stopped.wait(10)
    log.close()


def test_a_closed_producer_says_so(log: LogProducer) -> None:
    """Nothing is taken that would never be sent."""
    log.close()
    with pytest.raises(Unavailable, match="closed"):
        log.publish([RECORD], 1)


def test_partitions_are_those_of_any_kafka_client() -> None:
    """Values of murmur2 of Apache Kafka's own test (UtilsTest.testMurmur2)."""
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    assert {key: door._hash(key) for key in known} == {key: value & 0x7FFFFFFF for key, value in known.items()}
