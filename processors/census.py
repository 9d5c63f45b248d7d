"""What compares customers with each other: boundaries are renewed by the clock, and everybody looked at again.

It also sees to it that everybody was evaluated by the definitions, and in the way, of this version of the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from processors.passing import Passing
from processors.records import Record
from processors.touched import Log
from projections.boundary_versions import latest_boundaries, renew_boundaries
from projections.database import Database
from projections.library import library_at
from projections.passes import passed_library, unfinished

_RENEW_EVERY = timedelta(seconds=45)


@dataclass(slots=True)
class Census:
    """Several workers may do so at once: whoever comes first, the others find it done."""

    database: Database
    log: Log
    touched_topic: str
    currency: str
    clock: Callable[[], datetime]
    hysteresis: Decimal = Decimal(0)
    interval: float = 5.0
    ack_timeout: float = 30.0
    _renewed: datetime | None = None

    def process(self, _records: Sequence[Record]) -> None:
        """Renew what is old. Raises Unavailable; then do it again."""
        now = self.clock()
        if self._renewed is not None and now - self._renewed < _RENEW_EVERY:
            return
        library = library_at(self.database)
        passing = Passing(self.database, self.log, self.touched_topic, self.ack_timeout)
        if library.fingerprint != passed_library(self.database):
            passing.begin("definition", "platform", (), library, now)
        before = latest_boundaries(self.database)
        kept = renew_boundaries(self.database, self.currency, now, cause="schedule", hysteresis=self.hysteresis)
        is_new = before is None or kept.version != before.version
        if is_new and library.of_population and not self._is_passing():
            passing.begin("population", str(kept.version), library.of_population, library, now)
        self._renewed = now

    def _is_passing(self) -> bool:
        """Whether everybody is being looked at for boundaries already: its later steps see the newest."""
        return False if self._renewed is None else any(each.cause == "population" for each in unfinished(self.database))
