"""ClickHouse as something a process depends on: it answers, and its schema is the one the code was written for."""

from __future__ import annotations

from projections.database import Address, Database
from projections.migrations import all_migrations
from schemas.health import Dependency

_SECONDS = 2.0


def clickhouse_dependency(address: Address) -> Dependency:
    """What `/readyz` says of ClickHouse; asked over a connection of its own, which gives up soon."""
    database = Database(address, readonly=True, timeout=_SECONDS)
    wanted = {each.name for each in all_migrations()}

    def complaint() -> str:
        applied = {row[0] for row in database.tuples("SELECT name FROM migrations")}
        missing = sorted(wanted - applied)
        return f"The schema is older than this release: {', '.join(missing)} is not applied." if missing else ""

    return Dependency("clickhouse", complaint, "clickhouse_unavailable")
