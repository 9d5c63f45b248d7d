"""Group commit: events of all requests in flight share bundles, so that Kafka has few records to write.

A bundle leaves when it is full; the others leave together, at once if nothing left within the last `linger` seconds,
else when they have passed. So a request that comes alone does not wait for company, and however many come one by
one, Kafka is asked at most once in that time: what it costs is paid by the request, not by the event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingest.admission import Admitted
from ingest.metrics import IngestMetrics
from ingest.outbox import Outbox, Place
from ingest.ports import Producer
from projections.log.records import Record
from schemas.bundle import (
    HEADER_SOURCE,
    HEADER_TAKEN,
    HEADER_VERSION,
    MAX_BUNDLE_BYTES,
    MAX_BUNDLE_EVENTS,
    join,
)
from schemas.times import format_time
from schemas.upcast import CURRENT_VERSION

_VERSION = str(CURRENT_VERSION).encode()


@dataclass(slots=True)
class _Bundle:
    """Events of one source and partition on their way into one record, under the key of the first."""

    key: bytes
    place: Place
    taken_at: datetime
    events: list[bytes] = field(default_factory=list)
    size: int = 0

    def has_room(self, raw: bytes) -> bool:
        return len(self.events) < MAX_BUNDLE_EVENTS and self.size + len(raw) < MAX_BUNDLE_BYTES

    def add(self, raw: bytes) -> None:
        self.events.append(raw)
        self.size += len(raw) + 1


class GroupCommit:
    """Packs events into bundles and sends them. Lives on one event loop."""

    def __init__(
        self,
        producer: Producer,
        outbox: Outbox,
        topic: str,
        linger: float,
        metrics: IngestMetrics,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._producer = producer
        self._outbox = outbox
        self._topic = topic
        self._linger = linger
        self._metrics = metrics
        self._clock = clock
        self._open: dict[tuple[str, int], _Bundle] = {}
        self._timer: asyncio.Handle | None = None
        self._flushed_at = float("-inf")

    def route(self, events: Sequence[Admitted]) -> list[int]:
        """Give each event's partition. Raises Unavailable while Kafka has not said how many there are."""
        return [self._producer.partition_for(self._topic, event.key) for event in events]

    def add(self, source: str, events: Sequence[Admitted], partitions: Sequence[int]) -> set[Place]:
        """Put events of one request into bundles; gives the places of all bundles they went into."""
        places = set()
        for event, partition in zip(events, partitions, strict=True):
            bundle = self._bundle_for((source, partition), event)
            bundle.add(event.raw)
            places.add(bundle.place)
            if len(bundle.events) == MAX_BUNDLE_EVENTS:
                self._ship((source, partition))
        self._schedule()
        return places

    def flush(self) -> None:
        """Send all open bundles now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._flushed_at = asyncio.get_running_loop().time()
        for destination in list(self._open):
            self._ship(destination)

    def _bundle_for(self, destination: tuple[str, int], event: Admitted) -> _Bundle:
        bundle = self._open.get(destination)
        if bundle is not None and not bundle.has_room(event.raw):
            self._ship(destination)
            bundle = None
        if bundle is None:
            bundle = _Bundle(event.key, asyncio.get_running_loop().create_future(), self._clock())
            self._open[destination] = bundle
        return bundle

    def _schedule(self) -> None:
        if not self._open or self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(max(loop.time(), self._flushed_at + self._linger), self.flush)

    def _ship(self, destination: tuple[str, int]) -> None:
        source, partition = destination
        bundle = self._open.pop(destination)
        taken_at = format_time(bundle.taken_at).encode()
        headers = ((HEADER_SOURCE, source.encode()), (HEADER_VERSION, _VERSION), (HEADER_TAKEN, taken_at))
        record = Record(self._topic, partition, bundle.key, join(bundle.events), headers)
        self._metrics.bundle_events.observe(len(bundle.events))
        self._outbox.send(record, bundle.place, bundle.size)
