"""One database for the histories of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from projections.database import Database
from tests.stack.servers import ClickHouse


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database for one history at a time."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()
