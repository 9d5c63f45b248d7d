"""A server that is not there yet is waited for, not died of."""

from __future__ import annotations

import socket

import pytest

from projections.database import Address, Database
from schemas.errors import Unavailable


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.clickhouse
def test_a_database_may_be_named_before_its_server_is_up() -> None:
    """Nothing is asked when a Database is made; a statement then says Unavailable, which steps wait out."""
    database = Database(Address(f"http://127.0.0.1:{_unused_port()}", "cdp"))
    assert not database.answers()
    with pytest.raises(Unavailable):
        database.rows("SELECT 1")
    database.close()
