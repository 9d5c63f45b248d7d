"""The claims of made-up facts, so that looking for repetitions costs what it costs beside as many real ones."""

from __future__ import annotations

import time

from projections.database import Database

# Their hashes are other than the recorder's, and as evenly spread: nothing it looks for is among them.
_CLAIM = """
INSERT INTO claims (id_hash, source, event_id, content_hash, hash_version, key, received_at, topic,
                    log_partition, log_offset, log_index)
SELECT cityHash64(source, event_id), source, event_id, content_hash, hash_version, key, received_at, topic,
       log_partition, log_offset, log_index
FROM events
"""
_MERGING = "SELECT count() FROM system.merges"
_LOOK, _PATIENCE = 0.5, 120.0


def claim_facts(database: Database) -> None:
    """Stake a claim for every fact there is."""
    database.execute(_CLAIM)


def await_merges(database: Database) -> None:
    """Return when ClickHouse has nothing left to merge, or not for two minutes: it would count as others' work."""
    deadline = time.monotonic() + _PATIENCE
    while database.tuples(_MERGING)[0][0] and time.monotonic() < deadline:
        time.sleep(_LOOK)
