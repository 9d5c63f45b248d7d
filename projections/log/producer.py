"""The one door to Kafka's producer.

One thread owns the driver: it makes it, feeds it, and replaces it after a failure, so callers never block on a
broker that is away. Within one driver retries neither repeat nor reorder (idempotent, acks=all). A driver that
gave a record up no longer knows which sequence numbers the broker has seen; its successor has a fresh producer id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Condition, Event, Thread
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import RecordMetadata

from projections.log.murmur import murmur2
from projections.log.records import OnDone, Outcome, Placed, Record
from schemas.errors import Unavailable

_BATCH_BYTES = 512 * 1024
_REQUEST_BYTES = 8 * 2**20
_CONNECT_SECONDS = 2.0
_RETRY_SECONDS = 0.1
_LOOK_SECONDS = 0.5
_LATE_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Job:
    """Records that are handed over together: between threads each hand-over costs more than the record."""

    records: Sequence[Record]
    on_done: Callable[[int, Outcome], None]
    """Called once for each record, with its place among them."""
    deadline: float
    open: set[int] = field(init=False)
    """The places of which nothing is known yet."""

    def __post_init__(self) -> None:
        self.open = set(range(len(self.records)))


class LogProducer:
    """Writes records to the log; thread-safe. Starts at once, whether Kafka answers or not.

    `topics` are those whose partitions are looked up ahead, for `partition_for`. A record that is not
    acknowledged within `delivery_timeout` seconds fails. `linger_ms` lets many small records
    share requests, and costs each lone one as much. What waits is not bounded here: kafka-python has no
    such bound, ingest counts its bytes, and `publish` waits for what it sent.
    """

    def __init__(
        self,
        bootstrap: str,
        client_id: str,
        *,
        topics: Sequence[str] = (),
        delivery_timeout: float = 10.0,
        linger_ms: int = 1,
    ) -> None:
        self._config = {**_config(bootstrap, client_id, delivery_timeout), "linger_ms": linger_ms}
        self._delivery_timeout = delivery_timeout
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._counts: dict[str, int] = {}
        self._unknown = set(topics)
        self._waiting: dict[_Job, None] = {}
        self._changed = Condition()
        self._driver: KafkaProducer | None = None
        self._failed: KafkaProducer | None = None
        self._closed = False
        self._thread = Thread(target=self._run, name=f"{client_id}-log", daemon=True)
        self._thread.start()

    def partition_for(self, topic: str, key: bytes) -> int:
        """Choose a key's partition without blocking. Raises Unavailable until Kafka has said how many there are."""
        return _hash(key) % self.partitions(topic)

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has, without blocking. Raises Unavailable until Kafka has said."""
        count = self._counts.get(topic)
        if count is None:
            with self._changed:
                self._unknown = self._unknown | {topic}
            raise Unavailable("kafka", "Kafka has not answered yet.")
        return count

    def send(self, record: Record, on_done: OnDone) -> None:
        """Hand a record over and return. `on_done` is called once, on another thread, and must not block."""
        self._hand_over([record], lambda _, outcome: on_done(outcome))

    def _hand_over(self, records: Sequence[Record], on_done: Callable[[int, Outcome], None]) -> None:
        job = _Job(records, on_done, time.monotonic() + self._delivery_timeout)
        with self._changed:
            closed = self._closed
            if not closed:
                self._waiting[job] = None
                self._jobs.put(job)
        if closed:
            for place in range(len(records)):
                on_done(place, Unavailable("kafka", "The producer is closed."))

    def publish(self, records: Sequence[Record], timeout: float) -> list[Placed]:
        """Write records and wait for all acks, at most `timeout` seconds; gives places in the same order.

        Raises Unavailable if one failed or is late. Some may be in the log all the same: publish all again.
        """
        outcomes: dict[int, Outcome] = {}
        all_done = Event()

        def note(place: int, outcome: Outcome) -> None:
            outcomes[place] = outcome
            if len(outcomes) == len(records):
                all_done.set()

        if records:
            self._hand_over(records, note)
            if not all_done.wait(timeout):
                raise Unavailable("kafka", f"Kafka did not acknowledge within {timeout:g} s.")
        return [_placed(outcomes[place]) for place in range(len(records))]

    def flush(self, timeout: float) -> bool:
        """Wait until everything handed over is acknowledged or failed; tell whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, timeout)

    def close(self, timeout: float = 10.0) -> None:
        """Flush, then stop. What is not acknowledged by then fails."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self.flush(timeout)
        self._thread.join(timeout)

    def _run(self) -> None:
        """Feed the driver until closed."""
        while (job := self._next()) is not None:
            self._feed(job)
        if self._driver is not None:
            _retire(self._driver, self._delivery_timeout)

    def _next(self) -> _Job | None:
        """Wait for a job; as long as partitions are unknown, ask for them in between."""
        while True:
            self._give_up_late()
            unknown = self._unknown - self._counts.keys()
            if unknown and self._jobs.empty():
                self._learn(unknown)
            with suppress(Empty):
                return self._jobs.get(timeout=_LOOK_SECONDS)

    def _give_up_late(self) -> None:
        """Fail what is late by itself: a driver whose InitProducerId was never answered waits for ever."""
        while (oldest := self._oldest()) and time.monotonic() > oldest.deadline + _LATE_SECONDS:
            self._failed = self._driver
            for place in tuple(oldest.open):
                self._finish(oldest, place, Unavailable("kafka", "Kafka did not acknowledge in time."))

    def _oldest(self) -> _Job | None:
        with self._changed:
            return next(iter(self._waiting), None)

    def _learn(self, topics: set[str]) -> None:
        try:
            driver = self._connected(time.monotonic() + _CONNECT_SECONDS)
            for topic in topics:
                self._counts[topic] = len(driver.partitions_for(topic))
        except (KafkaError, Unavailable) as error:
            log.warning("kafka_away", error=type(error).__name__)
            time.sleep(_RETRY_SECONDS)

    def _feed(self, job: _Job) -> None:
        for place, record in enumerate(job.records):
            if time.monotonic() < job.deadline:
                self._feed_one(job, place, record)
            else:
                self._finish(job, place, Unavailable("kafka", "Kafka did not take the record in time."))

    def _feed_one(self, job: _Job, place: int, record: Record) -> None:
        try:
            driver = self._connected(job.deadline)
            future = driver.send(
                record.topic, record.value, record.key, list(record.headers), partition=record.partition
            )
        except Unavailable as unavailable:
            self._finish(job, place, unavailable)
        except (KafkaError, ValueError) as error:
            self._finish(job, place, _unavailable(error))
        else:
            future.add_callback(self._acknowledged, job, place)
            future.add_errback(self._refused, job, place, driver)

    def _acknowledged(self, job: _Job, place: int, metadata: RecordMetadata) -> None:
        self._finish(job, place, Placed(metadata.topic, metadata.partition, metadata.offset))

    def _refused(self, job: _Job, place: int, driver: KafkaProducer, error: BaseException) -> None:
        self._failed = driver
        self._finish(job, place, _unavailable(error))

    def _finish(self, job: _Job, place: int, outcome: Outcome) -> None:
        """Tell what became of a record, the first time this is known."""
        with self._changed:
            if place not in job.open:
                return
            job.open.remove(place)
            is_last = not job.open
            if is_last:
                self._waiting.pop(job, None)
        try:
            job.on_done(place, outcome)
        finally:
            if is_last:
                with self._changed:
                    self._changed.notify_all()

    def _connected(self, deadline: float) -> KafkaProducer:
        """Give a driver that has not failed, connecting until the deadline. Raises Unavailable."""
        if self._driver is not None and self._driver is self._failed:
            Thread(target=_retire, args=(self._driver, self._delivery_timeout), daemon=True).start()
            self._driver = self._failed = None
        while self._driver is None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Unavailable("kafka", "Kafka does not answer.")
            try:
                self._driver = KafkaProducer(bootstrap_timeout_ms=1000 * min(left, _CONNECT_SECONDS), **self._config)
            except (KafkaError, OSError) as error:
                log.warning("kafka_away", error=type(error).__name__)
                time.sleep(min(left, _RETRY_SECONDS))
        return self._driver


def _config(bootstrap: str, client_id: str, delivery_timeout: float) -> dict[str, Any]:
    delivery_ms = max(1000, int(1000 * delivery_timeout))
    return {
        "bootstrap_servers": bootstrap.split(","),
        "client_id": client_id,
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "lz4",
        "batch_size": _BATCH_BYTES,
        "max_request_size": _REQUEST_BYTES,
        "max_block_ms": 2000,
        "request_timeout_ms": delivery_ms // 2,
        "delivery_timeout_ms": delivery_ms,
        "reconnect_backoff_max_ms": 1000,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


@lru_cache(maxsize=65536)
def _hash(key: bytes) -> int:
    """Cached: it takes microseconds, and customers come back."""
    return murmur2(key) & 0x7FFFFFFF


def _placed(outcome: Outcome) -> Placed:
    if isinstance(outcome, Unavailable):
        raise outcome
    return outcome


def _unavailable(error: BaseException) -> Unavailable:
    return Unavailable("kafka", f"Kafka did not take the record: {type(error).__name__}.")


def _retire(driver: KafkaProducer, timeout: float) -> None:
    """Let a driver finish what it holds; one that cannot is stopped.

    Its own close does not: it flushes first, and raises when that takes too long (kafka-python 3.0.12).
    """
    try:
        driver.close(timeout)
    except KafkaError:
        driver._sender.force_close()  # noqa: SLF001
