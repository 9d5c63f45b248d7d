"""The one door to Kafka's consumer for who keeps up with a topic of one partition, from its first record on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from projections.log.tidy import TidyClient
from schemas.errors import Unavailable
from schemas.source_register import Followed

_CONNECT_MS = 5000
_POLL_MS = 500
_MOST = 1000


class LogFollower:
    """Gives every record once, in order. For one thread; connects when first asked, and anew after a failure."""

    def __init__(self, bootstrap: str, topic: str, client_id: str) -> None:
        self._bootstrap, self._client_id = bootstrap.split(","), client_id
        self._place = TopicPartition(topic, 0)
        self._next = 0
        self._driver: KafkaConsumer | None = None

    def news(self, seconds: float) -> list[Followed]:
        """What comes next, as soon as it comes; none when nothing did for so long. Raises Unavailable."""
        with self._connected() as driver:
            return self._polled(driver, int(1000 * seconds))

    def all_news(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[Followed]:
        """All that was appended before this was called. Raises Unavailable, also when it takes longer than that."""
        with self._connected() as driver:
            end = driver.end_offsets([self._place])[self._place]
            deadline = clock() + seconds
            while self._next < end:
                if clock() > deadline:
                    raise Unavailable("kafka", "What operators said cannot be read in time.")
                yield from self._polled(driver, _POLL_MS)

    def close(self) -> None:
        """Disconnect."""
        driver, self._driver = self._driver, None
        if driver is not None:
            with suppress(KafkaError, OSError):
                driver.close(autocommit=False)

    def _polled(self, driver: KafkaConsumer, milliseconds: int) -> list[Followed]:
        records = driver.poll(timeout_ms=milliseconds, max_records=_MOST).get(self._place, [])
        self._next = driver.position(self._place)
        return [_followed(each) for each in records]

    @contextmanager
    def _connected(self) -> Iterator[KafkaConsumer]:
        try:
            if self._driver is None:
                self._driver = KafkaConsumer(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    enable_auto_commit=False,
                    allow_auto_create_topics=False,
                    auto_offset_reset="earliest",
                    bootstrap_timeout_ms=_CONNECT_MS,
                    metrics_enabled=False,
                    kafka_client=TidyClient,
                )
                self._driver.assign([self._place])
                self._driver.seek(self._place, self._next)
            yield self._driver
        except (KafkaError, OSError) as error:
            self.close()
            raise Unavailable("kafka", f"Kafka does not answer: {type(error).__name__}.") from error


def _followed(record: Any) -> Followed:
    moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Followed(record.offset, moment, record.key, record.value or b"")
