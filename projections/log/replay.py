"""The log read once more: the records of a topic between offsets, with the places and times they have there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from projections.log.tidy import TidyClient
from schemas.errors import Unavailable

_CONNECT_MS = 5_000
_POLL_MS = 500
_SILENT_SECONDS = 30.0
_RECORDS_A_POLL, _RECORDS_AT_ONCE, _BYTES_AT_ONCE = 250, 500, 4 * 2**20
Offsets = Mapping[int, int]
"""Partition to an offset."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One record; `appended_at` is the broker's append time."""

    topic: str
    partition: int
    offset: int
    appended_at: datetime
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict)


class LogReplay:
    """Reads one topic, outside any group: nobody's offsets move. For one thread.

    Every method raises Unavailable when Kafka does not answer.
    """

    def __init__(self, bootstrap: str, topic: str) -> None:
        """Connect, and ask which partitions there are."""
        self._topic = topic
        with _mapped():
            self._driver = KafkaConsumer(
                bootstrap_servers=bootstrap.split(","),
                client_id="cdp-replay",
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                auto_offset_reset="none",
                bootstrap_timeout_ms=_CONNECT_MS,
                max_partition_fetch_bytes=4 * 2**20,
                metrics_enabled=False,
                kafka_client=TidyClient,
            )
            self._places = [TopicPartition(topic, index) for index in self._driver.partitions_for_topic(topic) or ()]

    def begins(self) -> dict[int, int]:
        """The offset of each partition's first record."""
        with _mapped():
            return {place.partition: at for place, at in self._driver.beginning_offsets(self._places).items()}

    def ends(self) -> dict[int, int]:
        """The offset each partition's next record will have."""
        with _mapped():
            return {place.partition: at for place, at in self._driver.end_offsets(self._places).items()}

    def read(self, starts: Offsets, ends: Offsets) -> Iterator[list[Fetched]]:
        """What lies from `starts` to before `ends`, some at a time, each partition in its order."""
        spans = {place: (starts.get(place.partition, 0), ends.get(place.partition, 0)) for place in self._places}
        left = {place: end for place, (start, end) in spans.items() if start < end}
        with _mapped():
            self._driver.assign(list(left))
            for place in left:
                self._driver.seek(place, spans[place][0])
        heard = time.monotonic()
        found: list[Fetched] = []
        while left:
            with _mapped():
                polled = self._driver.poll(timeout_ms=_POLL_MS, max_records=_RECORDS_A_POLL)
                done = [place for place, end in left.items() if self._driver.position(place) >= end]
            new = [_fetched(each) for place, some in polled.items() for each in some if each.offset < left[place]]
            heard = time.monotonic() if new else heard
            found += new
            if len(found) >= _RECORDS_AT_ONCE or sum(len(each.value or b"") for each in found) >= _BYTES_AT_ONCE:
                yield found
                found, heard = [], time.monotonic()  # what was done with them took its time
            if time.monotonic() - heard > _SILENT_SECONDS:
                raise Unavailable("kafka", f"Kafka sends nothing of {self._topic}.")
            left = {place: end for place, end in left.items() if place not in done}
            with _mapped():
                self._driver.pause(*done)
        if found:
            yield found

    def close(self) -> None:
        """Disconnect."""
        with _mapped():
            self._driver.close(autocommit=False)


def _fetched(record: Any) -> Fetched:
    return Fetched(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        appended_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        key=record.key,
        value=record.value,
        headers={name: value for name, value in record.headers if value is not None},
    )


@contextmanager
def _mapped() -> Iterator[None]:
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable("kafka", f"Kafka does not answer: {type(error).__name__}.") from error
