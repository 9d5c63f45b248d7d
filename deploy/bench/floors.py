"""What the machine can do at best: bare statements over the same facts, against which the figures are held."""

from __future__ import annotations

import time

from projections.database import Database

# One pass over all facts by subject with a few aggregates: less than this no evaluation of everybody can take.
_AGGREGATE = """
SELECT count() FROM (
    SELECT subject, count() AS facts, max(occurred_at) AS last_at, sumIf(amount, type = 'order.completed') AS spent,
           countIf(type = 'page.viewed' AND occurred_at > now() - INTERVAL 30 DAY) AS viewed
    FROM events GROUP BY subject
)
"""
_SCAN = "SELECT count() FROM events WHERE type = 'order.completed' AND occurred_at > now() - INTERVAL 30 DAY"


def aggregate_seconds(database: Database) -> float:
    """One aggregate pass over all facts by subject; the best of three."""
    return min(_seconds(database, _AGGREGATE) for _ in range(3))


def scan_seconds(database: Database) -> float:
    """One count over all facts with a condition; the best of three."""
    return min(_seconds(database, _SCAN) for _ in range(3))


def _seconds(database: Database, sql: str) -> float:
    began = time.monotonic()
    database.tuples(sql)
    return time.monotonic() - began
