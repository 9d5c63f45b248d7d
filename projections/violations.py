"""Broken contracts that were only counted, as rows: which event, where in it, and what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from projections.database import Database
from projections.facts import Fact
from schemas.contracts.judging import Violation

_MOST_AN_EVENT = 20


def write_violations(database: Database, found: Sequence[tuple[Fact, Violation]]) -> None:
    """Append what facts break; the same again is the same row. Of one event the first twenty are kept."""
    kept = _first(found)
    if not kept:
        return
    facts = [fact for fact, _ in kept]
    database.insert(
        "violations",
        {
            "source": [fact.event.source for fact in facts],
            "type": [fact.event.type for fact in facts],
            "pointer": [broken.pointer for _, broken in kept],
            "message": [broken.message for _, broken in kept],
            "received_at": [fact.place.received_at for fact in facts],
            "log_partition": [fact.place.partition for fact in facts],
            "log_offset": [fact.place.offset for fact in facts],
            "log_index": [fact.place.index for fact in facts],
        },
    )


def _first(found: Sequence[tuple[Fact, Violation]]) -> list[tuple[Fact, Violation]]:
    seen: dict[object, int] = {}
    kept = []
    for fact, broken in found:
        seen[fact.place] = seen.get(fact.place, 0) + 1
        if seen[fact.place] <= _MOST_AN_EVENT:
            kept.append((fact, broken))
    return kept
