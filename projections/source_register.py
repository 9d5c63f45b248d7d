"""The register of sources as ClickHouse has it: what the governor kept of keys and contracts."""

from __future__ import annotations

from collections.abc import Mapping

from projections.controls import said_of
from projections.database import Database
from schemas.source_register import SourceRegister
from schemas.sources import Source

_SAID = """
SELECT toString(kind) AS kind, key, version, value, author, received_at, rejected FROM controls
WHERE kind IN ('write_key', 'contract')
ORDER BY version LIMIT 1 BY version
"""


def register_of(database: Database, settled: Mapping[str, Source]) -> SourceRegister:
    """All that was said of sources, beside those that the settings declare. Raises Unavailable."""
    register = SourceRegister(settled)
    for said in map(said_of, database.rows(_SAID)):
        register.take(said.control, said.version, said.received_at)
    return register
