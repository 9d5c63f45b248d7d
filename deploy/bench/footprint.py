"""What events leave behind: bytes in Kafka's log directory and in ClickHouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from projections.database import Database

_TABLES = """
SELECT sumIf(bytes_on_disk, table = 'events'), sum(bytes_on_disk), sumIf(rows, table = 'events')
FROM system.parts WHERE active AND database = currentDatabase()
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes on disk, compressed as they are, and how many rows of facts those of ClickHouse are for."""

    facts: int
    """Of the table of facts alone."""
    tables: int
    """Of everything."""
    rows: int


def stored(database: Database) -> Stored:
    """Now: what was merged and what was not yet."""
    return Stored(*database.tuples(_TABLES)[0])


def log_bytes(directory: Path, topic: str) -> int:
    """Bytes of a topic's records in the log directory of a broker: as they came, compressed if they were."""
    return sum(segment.stat().st_size for segment in directory.rglob(f"{topic}-*/*.log"))
