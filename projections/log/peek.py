"""The one door to Kafka's consumer for who only wants to look at some records: a few, anywhere, committing nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from projections.log.tidy import TidyClient
from schemas.errors import Unavailable

_PARTITION_BYTES = 256 * 1024
"""What a partition may give at once, so that a look at all of them stays small. A larger batch still comes, alone."""


@dataclass(frozen=True, slots=True)
class Peeked:
    """A record that was looked at; `appended_at` is the time Kafka keeps with it."""

    offset: int
    appended_at: datetime
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)


class LogPeek:
    """Looks at records; thread-safe. Connects when first asked, anew after a failure. Raises Unavailable."""

    def __init__(self, bootstrap: str, *, client_id: str, timeout: float = 3.0) -> None:
        """`timeout`: seconds after which a look gives what it has seen until then."""
        self._bootstrap, self._client_id, self._timeout = bootstrap, client_id, timeout
        self._one_at_a_time = Lock()
        self._driver: KafkaConsumer | None = None

    def first(self, places: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], Peeked]:
        """The record at each of these offsets, or the next there is. What did not come in time is left out."""
        wanted = {TopicPartition(*place): offset for place, offset in places.items()}
        found: dict[tuple[str, int], Peeked] = {}
        with self._looking(wanted) as driver:
            for place, records in self._polled(driver):
                found[place.topic, place.partition] = _peeked(records[0])
                driver.pause(place)
                if len(found) == len(wanted):
                    break
        return found

    def sample(self, place: tuple[str, int], offset: int, most: int) -> list[Peeked]:
        """Some `most` records from an offset on; fewer where the log ends, or when the time is up."""
        found: list[Peeked] = []
        with self._looking({TopicPartition(*place): offset}) as driver:
            (end,) = driver.end_offsets(driver.assignment()).values()
            for _, records in self._polled(driver):
                found += map(_peeked, records)
                if len(found) >= most or found[-1].offset + 1 >= end:
                    break
        return found[:most]

    def close(self) -> None:
        """Disconnect."""
        with self._one_at_a_time:
            self._drop()

    def _polled(self, driver: KafkaConsumer) -> Iterator[tuple[TopicPartition, list[Any]]]:
        """What comes within the time, partition by partition."""
        deadline = time.monotonic() + self._timeout
        while (left := deadline - time.monotonic()) > 0:
            yield from driver.poll(timeout_ms=int(1000 * min(left, 0.5))).items()

    @contextmanager
    def _looking(self, places: Mapping[TopicPartition, int]) -> Iterator[KafkaConsumer]:
        """A driver that stands at these offsets, for one thread at a time."""
        with self._one_at_a_time:
            try:
                self._driver = self._driver or self._connected()
                self._driver.assign(list(places))
                self._driver.resume(*places)  # the look before paused them
                for place, offset in places.items():
                    self._driver.seek(place, offset)
                yield self._driver
            except (KafkaError, OSError) as error:
                self._drop()
                raise Unavailable("kafka", f"Kafka does not answer: {type(error).__name__}.") from error

    def _connected(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap.split(","),
            client_id=self._client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # what retention took away meanwhile is passed over
            allow_auto_create_topics=False,
            enable_incremental_fetch_sessions=False,  # each look is at other places
            max_partition_fetch_bytes=_PARTITION_BYTES,
            fetch_max_wait_ms=100,
            check_crcs=False,
            bootstrap_timeout_ms=int(1000 * self._timeout),
            request_timeout_ms=int(1000 * self._timeout),
            metrics_enabled=False,
            kafka_client=TidyClient,
        )

    def _drop(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            with suppress(KafkaError, OSError):
                driver.close(autocommit=False)


def _peeked(record: Any) -> Peeked:
    moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    headers = {name: value for name, value in record.headers if value is not None}
    return Peeked(record.offset, moment, record.key, record.value or b"", headers)
