"""RFM boundaries for live scores: kept for a while, since scoring one profile must not cost a pass over all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from projections.boundary_versions import Versioned, latest_boundaries, renew_boundaries
from projections.database import Database
from projections.moments import AsOf
from projections.rfm import boundaries, population
from schemas.rfm import Boundaries, settled

_KEEP = timedelta(seconds=30)
"""A version is at most as old when it is looked up, and at most as long looked at: together 60 s."""


class BoundaryKeeper:
    """The present boundaries, at most 60 s old as the contract allows. Safe to share between threads.

    They are those of the version in force when that is young enough, so that dossiers, segments and tags agree; else
    what a new version would say. `writable` is where versions are written: `database` may be unable to.
    """

    def __init__(
        self,
        database: Database,
        currency: str,
        clock: Callable[[], datetime],
        *,
        writable: Database | None = None,
        hysteresis: Decimal = Decimal(0),
    ) -> None:
        self._database = database
        self._writable = writable or database
        self._currency = currency
        self._clock = clock
        self._hysteresis = hysteresis
        self._lock = threading.Lock()
        self._kept: Boundaries | None = None
        self._looked_at = datetime.min.replace(tzinfo=UTC)

    def present(self) -> Boundaries:
        """Boundaries of now, or of a little before."""
        with self._lock:
            now = self._clock()
            if self._kept is None or not self._kept.customers or now - self._looked_at > _KEEP:
                self._kept, self._looked_at = self._found(now), now
            return self._kept

    def _found(self, now: datetime) -> Boundaries:
        latest = latest_boundaries(self._database)
        kept = None if latest is None else latest.boundaries
        if kept is not None and kept.customers and now - kept.at <= _KEEP:
            return kept
        return settled(kept, self._exact(AsOf(now, kept=True), from_facts=False), self._hysteresis)

    def at(self, moment: AsOf) -> Boundaries:
        """The exact boundaries of a moment, from the facts."""
        return self._exact(moment, from_facts=True)

    def renew(self) -> Versioned:
        """Compute a version now, on demand, and give what holds."""
        with self._lock:
            self._kept = None
            return renew_boundaries(
                self._writable, self._currency, self._clock(), cause="demand", hysteresis=self._hysteresis
            )

    def _exact(self, moment: AsOf, *, from_facts: bool) -> Boundaries:
        return boundaries(self._database, population(self._database, moment, self._currency, from_facts=from_facts))
