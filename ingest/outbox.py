"""Between the event loop and the producer: records go out, places come back, room in the buffer is kept."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from ingest.buffer import Buffer
from ingest.metrics import IngestMetrics
from ingest.ports import Producer
from projections.log.records import Outcome, Placed, Record

Place = asyncio.Future[Outcome]


class Outbox:
    """Sends records whose room is reserved. Lives on one event loop."""

    def __init__(self, producer: Producer, buffer: Buffer, metrics: IngestMetrics) -> None:
        self._producer = producer
        self._buffer = buffer
        self._metrics = metrics

    def send(self, record: Record, place: Place, size: int) -> None:
        """Hand a record to the producer; when Kafka answers, `place` is set and `size` bytes of room given back."""
        loop, started = asyncio.get_running_loop(), time.perf_counter()

        def settle(outcome: Outcome) -> None:
            self._buffer.release(size)
            if isinstance(outcome, Placed):
                self._metrics.ack_seconds.observe(time.perf_counter() - started)
            if not place.done():
                place.set_result(outcome)

        def on_done(outcome: Outcome) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits for this ack any more
                loop.call_soon_threadsafe(settle, outcome)

        self._producer.send(record, on_done)
