"""The profiler: whoever was touched is folded anew from the facts, then everything is evaluated that is defined.

One statement for all of a round each. A person is always touched in the partition of its root, so one worker alone
decides what holds of it; passes over everybody come in steps through the same partitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from processors.profiler.memberships import Memberships
from processors.records import Record, by_partition, ranges
from processors.touched import Touched, touched
from projections.database import Database
from projections.profiles import Terms, write_profiles
from projections.progress import PROFILER, write_ranges
from projections.resolution import AsOf

PERSONS_A_STATEMENT = 5_000


def _nobody(_persons: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Profiler:
    """One worker's profiler."""

    database: Database
    terms: Terms
    clock: Callable[[], datetime]
    memberships: Memberships
    looked_at: Callable[[int], None] = _nobody
    """Told how many persons a round was for."""

    def forget(self) -> None:
        """Others may have had the partitions meanwhile."""
        self.memberships.forget()

    def process(self, records: Sequence[Record]) -> None:
        """Look at everybody these records touch. Raises Unavailable; then do it again."""
        self.memberships.begin(records)
        found, steps = touched(records)
        whom = list(found.items())
        for start in range(0, len(whom), PERSONS_A_STATEMENT):
            self._look_at(dict(whom[start : start + PERSONS_A_STATEMENT]))
        self.looked_at(len(whom))
        last = {place[1]: group[-1].offset + 1 for place, group in by_partition(records).items()}
        for step in steps:
            self.memberships.take(step, last[step.partition])
        write_ranges(self.database, PROFILER, ranges(records, len(whom), {}))

    def _look_at(self, whom: dict[str, Touched]) -> None:
        """Fold those whose facts may have changed, and evaluate all."""
        versions = {root: each.version for root, each in whom.items() if each.is_folded}
        persons = write_profiles(self.database, versions, AsOf(self.clock()), self.terms, beside=whom)
        self.memberships.look_at(whom, persons)
