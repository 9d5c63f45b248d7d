"""RFM boundaries for live scores: kept for a while, since scoring one profile must not cost a pass over all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from projections.database import Database
from projections.resolution import AsOf
from projections.rfm import boundaries
from schemas.rfm import Boundaries

_KEEP = timedelta(seconds=30)


class BoundaryKeeper:
    """The present boundaries, at most `_KEEP` old (the contract allows 60 s). Safe to share between threads."""

    def __init__(self, database: Database, currency: str, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._currency = currency
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Boundaries | None = None

    def present(self) -> Boundaries:
        """Boundaries of now, or of a little before."""
        with self._lock:
            now = self._clock()
            if self._kept is None or not self._kept.customers or now - self._kept.at > _KEEP:
                self._kept = boundaries(self._database, AsOf(now), self._currency, from_facts=False)
            return self._kept

    def at(self, moment: AsOf) -> Boundaries:
        """The exact boundaries of a moment, from the facts."""
        return boundaries(self._database, moment, self._currency, from_facts=True)
