"""The one door to Kafka's consumer, for who only looks on: what is written from now on, and what lies somewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from projections.log.tidy import TidyClient
from schemas.errors import Unavailable

_CONNECT_MS = 5000
_POLL_MS = 200
_FETCH_BYTES = 8 * 2**20


class LogTail:
    """All partitions of one topic, from where they ended when it was made. For one thread.

    Every method raises Unavailable when Kafka does not answer.
    """

    def __init__(self, bootstrap: str, topic: str) -> None:
        """Connect, and note where the topic ends."""
        with _mapped():
            self._driver = KafkaConsumer(**_config(bootstrap))
            places = [TopicPartition(topic, index) for index in self._driver.partitions_for_topic(topic) or ()]
            self._driver.assign(places)
            for place, end in self._driver.end_offsets(places).items():
                self._driver.seek(place, end)

    def values(self, timeout: float) -> list[bytes]:
        """The values of the next records, in each partition's order; none when `timeout` seconds brought none."""
        with _mapped():
            found = self._driver.poll(timeout_ms=int(1000 * timeout), max_records=5000)
        return [record.value for records in found.values() for record in records]

    def close(self) -> None:
        """Disconnect."""
        with _mapped():
            self._driver.close(autocommit=False)


@dataclass(frozen=True, slots=True)
class Lying:
    """A record where it lies."""

    topic: str
    partition: int
    offset: int
    appended_at: datetime
    value: bytes
    headers: Mapping[str, bytes]


def read_spans(
    bootstrap: str, spans: Mapping[tuple[str, int], tuple[int, int]], seconds: float, most_bytes: int
) -> Iterator[Lying]:
    """The records of some partitions from an offset up to before another, until the time or the bytes are used up.

    What was not reached by then is left out. Raises Unavailable when Kafka does not answer.
    """
    waiting = {TopicPartition(*place): span for place, span in spans.items() if span[0] < span[1]}
    if not waiting:
        return
    deadline, read = time.monotonic() + seconds, 0
    with _mapped():
        driver = KafkaConsumer(**_config(bootstrap), max_partition_fetch_bytes=_FETCH_BYTES)
        try:
            driver.assign(list(waiting))
            for place, (first, _) in waiting.items():
                driver.seek(place, first)
            while waiting and time.monotonic() < deadline and read < most_bytes:
                for place, records in driver.poll(timeout_ms=_POLL_MS, max_records=500).items():
                    for record in records:
                        if record.offset < waiting.get(place, (0, 0))[1]:
                            read += len(record.value or b"")
                            yield _lying(record)
                    if place in waiting and records[-1].offset + 1 >= waiting[place][1]:
                        del waiting[place]
                        driver.pause(place)
        finally:
            driver.close(autocommit=False)


def _lying(record: Any) -> Lying:
    return Lying(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        appended_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        value=record.value or b"",
        headers={name: value for name, value in record.headers if value is not None},
    )


def _config(bootstrap: str) -> dict[str, Any]:
    return {
        "bootstrap_servers": bootstrap.split(","),
        "client_id": "cdp-tail",
        "enable_auto_commit": False,
        "allow_auto_create_topics": False,
        "bootstrap_timeout_ms": _CONNECT_MS,
        "metrics_enabled": False,
        "kafka_client": TidyClient,
    }


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable("kafka", f"Kafka does not answer: {type(error).__name__}.") from error
