"""Room on the disk: ingest refuses while Kafka and ClickHouse, on the same machine, still have enough to go on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ingest.metrics import IngestMetrics
from ingest.refusals import RetryLater

_RETRY_SECONDS = 15.0


class Room:
    """Remembers for `keep` seconds how much the disk of a directory has free; `least` 0 = never refuse."""

    def __init__(
        self,
        free: Callable[[], int],
        least: int,
        now: Callable[[], float],
        metrics: IngestMetrics,
        keep: float = 1.0,
    ) -> None:
        self._free, self._least, self._now, self._metrics, self._keep = free, least, now, metrics, keep
        self._seen: tuple[int, float] | None = None

    def require(self) -> None:
        """Raise RetryLater `disk_nearly_full` when too little is free; there is room again by itself."""
        if complaint := self.complaint():
            raise RetryLater("disk_nearly_full", complaint, _RETRY_SECONDS)

    def complaint(self) -> str:
        """Say what is wrong; '' when there is room."""
        if not self._least or self._left() >= self._least:
            return ""
        return f"The platform's disk has less than {self._least >> 20} MiB free; no events are taken."

    def _left(self) -> int:
        now = self._now()
        if self._seen is None or now - self._seen[1] > self._keep:
            self._seen = (self._free(), now)
            self._metrics.disk_free_bytes.set(self._seen[0])
        return self._seen[0]


def free_bytes(directory: Path) -> int:
    """What the disk of a directory has left for us; of one that is not there yet, that of the nearest above it."""
    existing = next(path for path in (directory, *directory.resolve().parents) if path.exists())
    return shutil.disk_usage(existing).free
