"""The profiler: whoever was touched is folded anew from the facts. One statement for all of a round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from processors.records import Record, ranges
from processors.touched import touched_versions
from projections.database import Database
from projections.profiles import Terms, write_profiles
from projections.progress import PROFILER, write_ranges
from projections.resolution import AsOf

PERSONS_A_STATEMENT = 5_000


@dataclass(frozen=True, slots=True)
class Profiler:
    """One worker's profiler."""

    database: Database
    terms: Terms
    clock: Callable[[], datetime]

    def process(self, records: Sequence[Record]) -> None:
        """Fold everybody these records touch. Raises Unavailable; then do it again."""
        versions = list(touched_versions(records).items())
        for start in range(0, len(versions), PERSONS_A_STATEMENT):
            part = dict(versions[start : start + PERSONS_A_STATEMENT])
            write_profiles(self.database, part, AsOf(self.clock()), self.terms)
        write_ranges(self.database, PROFILER, ranges(records, len(versions), {}))
