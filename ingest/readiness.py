"""Whether Kafka answers, asked at most once in a while however often ingest is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Readiness:
    """Remembers what `probe` (which may block) said for `keep` seconds; callers meanwhile share one probe."""

    def __init__(self, probe: Callable[[], bool], now: Callable[[], float], keep: float = 2.0) -> None:
        self._probe = probe
        self._now = now
        self._keep = keep
        self._lock = asyncio.Lock()
        self._said: tuple[bool, float] | None = None

    async def ready(self) -> bool:
        """Tell whether events can be taken."""
        async with self._lock:
            if self._said is None or self._now() - self._said[1] > self._keep:
                self._said = (await asyncio.to_thread(self._probe), self._now())
            return self._said[0]
