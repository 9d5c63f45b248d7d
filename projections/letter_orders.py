"""What operators ordered of dead letters, and carrying out a purge."""

from __future__ import annotations

from datetime import UTC, datetime

from projections.controls import Said, said_of
from projections.database import Database, time_parameter

_EPOCH = datetime.fromtimestamp(0, UTC)
# Of a replay, which is said twice, what was said last.
_ORDERS = """
SELECT toString(kind) AS kind, key, version, value, author, received_at, rejected FROM controls
WHERE kind IN ('replay', 'purge', 'breaker') AND version < {before:UInt64}
  AND version IN (SELECT max(version) FROM controls WHERE kind IN ('replay', 'purge') GROUP BY kind, key
                  UNION ALL SELECT version FROM controls WHERE kind = 'breaker')
ORDER BY version DESC LIMIT 1 BY version LIMIT {limit:UInt32}
"""
_PURGED = """
SELECT max(parseDateTime64BestEffort(JSONExtractString(value, 'before'), 3, 'UTC')) AS before
FROM controls WHERE kind = 'purge'
"""
_PURGE = """
ALTER TABLE dead_letters DELETE WHERE received_at < {before:DateTime64(6, 'UTC')} SETTINGS mutations_sync = 1
"""


def orders_said(database: Database, before: int, limit: int) -> list[Said]:
    """Replays, purges and words to go on before a version, the newest first."""
    return [said_of(row) for row in database.rows(_ORDERS, {"before": before, "limit": limit})]


def purge_letters(database: Database, before: datetime) -> None:
    """Delete the letters that were received before that time. Done again, it changes nothing."""
    database.execute(_PURGE, {"before": time_parameter(before)})


def purged_before(database: Database) -> datetime:
    """Letters received before that time are gone for good, also when the topic is read again."""
    row = database.one(_PURGED)
    return max(row["before"], _EPOCH) if row and row["before"] else _EPOCH
