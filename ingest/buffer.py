"""The bound on what waits for Kafka: bytes, from when a request's events are let in until their ack."""

from __future__ import annotations

from ingest.metrics import IngestMetrics
from ingest.refusals import RetryLater


class Buffer:
    """Counts bytes up to a limit."""

    def __init__(self, limit: int, metrics: IngestMetrics) -> None:
        self._limit = limit
        self._metrics = metrics
        self._used = 0

    def reserve(self, size: int) -> None:
        """Take room for a whole request, or raise RetryLater `buffer_full`. When nothing waits, any request fits."""
        if self._used and self._used + size > self._limit:
            raise RetryLater("buffer_full", "More is waiting for Kafka than may wait.")
        self._add(size)

    def release(self, size: int) -> None:
        """Give room back."""
        self._add(-size)

    def _add(self, size: int) -> None:
        self._used += size
        self._metrics.buffer_bytes.set(self._used)
