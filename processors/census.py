"""What compares customers with each other: boundaries are renewed by the clock, and everybody looked at again.

It also sees to it that everybody was evaluated by the definitions, and in the way, of this version of the platform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from processors.passing import Passing
from processors.records import Record
from processors.touched import Log
from projections.boundary_versions import renew_boundaries
from projections.cuts import find_cuts, write_cuts
from projections.database import Database
from projections.evaluating import Asked
from projections.library import Library, as_ref
from projections.moments import AsOf
from projections.passes import passed_library, passed_population, unfinished
from projections.profiles import Terms
from projections.programs import Programs

_RENEW_EVERY = timedelta(seconds=45)


@dataclass(slots=True)
class Census:
    """Several workers may do so at once: whoever comes first, the others find it done."""

    database: Database
    log: Log
    touched_topic: str
    terms: Terms
    clock: Callable[[], datetime]
    hysteresis: Decimal = Decimal(0)
    interval: float = 5.0
    ack_timeout: float = 30.0
    programs: Programs = field(init=False)
    _renewed: datetime | None = None

    def __post_init__(self) -> None:
        """Nothing is asked yet."""
        self.programs = Programs(self.database)

    def process(self, _records: Sequence[Record]) -> None:
        """Renew what is old or missing, and have everybody looked at. Raises Unavailable; then do it again."""
        now = self.clock()
        self.programs.renew()
        library = self.programs.library
        is_due = self._renewed is None or now - self._renewed >= _RENEW_EVERY
        limited = [ref for ref in library.limited if is_due or ref not in self.programs.cuts]
        if is_due:
            renew_boundaries(self.database, self.terms.currency, now, cause="schedule", hysteresis=self.hysteresis)
        if limited:
            self._cut(limited, now)
        if is_due or limited:
            self._look(library, now)
        self._renewed = now if is_due else self._renewed

    def _cut(self, limited: Sequence[str], now: datetime) -> None:
        """Find where segments with a limit end, and say so where that is another place."""
        programs = self.programs
        asked = Asked(AsOf(now, kept=True), self.terms, programs.boundaries)
        wanted = {as_ref(ref) for ref in limited}
        found = find_cuts(self.database, programs.library.live, wanted, asked)
        moved = {ref: cut for ref, cut in found.items() if programs.cuts.get(ref) != cut}
        write_cuts(self.database, moved, {ref: programs.library.version_of(ref) for ref in moved}, now)

    def _look(self, library: Library, now: datetime) -> None:
        """Begin the passes that are due."""
        passing = Passing(self.database, self.log, self.touched_topic, self.ack_timeout)
        if library.fingerprint != passed_library(self.database):
            passing.begin("definition", "platform", (), library, now)
        self.programs.renew()
        newest = self.programs.population_version
        if not library.of_population or newest <= passed_population(self.database):
            return
        if not any(each.cause == "population" for each in unfinished(self.database)):
            passing.begin("population", str(newest), library.of_population, library, now)
