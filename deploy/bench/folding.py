"""Profiles of everybody, folded as the profiler folds them, in large parts and two at a time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from projections.database import Database
from projections.moments import AsOf
from projections.profiles import Terms, write_profiles

_PERSONS_A_PART = 20_000
_THREADS = 2
_SUBJECTS = "SELECT DISTINCT subject FROM subject_places ORDER BY subject_hash"


def fold_everybody(database: Database, terms: Terms, now: datetime, advance: Callable[[float], None]) -> None:
    """Write them as version 0, so that whatever is touched later comes after; tells `advance` how many are done."""
    subjects = [row[0] for row in database.tuples(_SUBJECTS)]
    parts = [subjects[start : start + _PERSONS_A_PART] for start in range(0, len(subjects), _PERSONS_A_PART)]

    def fold(part: list[str]) -> int:
        write_profiles(database, dict.fromkeys(part, 0), AsOf(now), terms)
        return len(part)

    with ThreadPoolExecutor(_THREADS) as pool:
        for done in pool.map(fold, parts):
            advance(done)
