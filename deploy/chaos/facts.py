"""Whether each event of the log is a fact exactly once, each conflict a dead letter, and each range in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from projections.database import Database

EventId = tuple[str, str]
"""Source and event_id."""
Place = tuple[str, int]

# Every place at which a fact stands; a row written again lies at the place it had.
_STANDING = """
SELECT toString(source), event_id, count()
FROM (
    SELECT DISTINCT source, event_id, log_partition, log_offset, log_index FROM events
    WHERE (source, event_id, log_partition, log_offset, log_index) NOT IN (
        SELECT source, event_id, log_partition, log_offset, log_index FROM retractions)
)
GROUP BY source, event_id
"""
_LETTERS = "SELECT DISTINCT toString(code), toString(source), event_id FROM dead_letters"
_LEDGER = """
SELECT toString(topic), log_partition, first, last FROM consumed WHERE stage != 'clock' ORDER BY first, last
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Facts against what was acknowledged."""

    lost: frozenset[EventId]
    doubled: frozenset[EventId]
    unknown: frozenset[EventId]
    """Facts nobody sent."""


def count_facts(database: Database, acknowledged: Iterable[EventId], log: Iterable[EventId]) -> Counted:
    """Look for every event: each that was acknowledged once, and none that is not in the log."""
    standing = {(source, event_id): count for source, event_id, count in database.tuples(_STANDING)}
    return Counted(
        frozenset(set(acknowledged) - standing.keys()),
        frozenset(each for each, count in standing.items() if count > 1),
        frozenset(standing.keys() - set(log)),
    )


def letters(database: Database) -> set[tuple[str, str, str]]:
    """What there are dead letters of: (code, source, event_id)."""
    return {(code, source, event_id) for code, source, event_id in database.tuples(_LETTERS)}


def gaps(database: Database, ends: Mapping[Place, int]) -> list[str]:
    """Ranges of topics that no stage says it has done, up to where they end."""
    found: list[str] = []
    reached: dict[Place, int] = {}
    for topic, partition, first, last in database.tuples(_LEDGER):
        place = topic, partition
        if first > reached.get(place, 0):
            found.append(f"{topic}/{partition} from {reached.get(place, 0)} to {first}")
        reached[place] = max(last + 1, reached.get(place, 0))
    missing = {place: end for place, end in ends.items() if reached.get(place, 0) < end}
    return found + [
        f"{topic}/{partition} from {reached.get((topic, partition), 0)} to {end}"
        for (topic, partition), end in sorted(missing.items())
    ]
