"""The facts of CDNOW in a database."""

from __future__ import annotations

import json

from projections.database import Database
from projections.facts import Fact, write_facts
from projections.places import Place
from schemas.door import Door
from schemas.sources import Source
from tests.oracle.cdnow import cdnow
from tests.stack.servers import ClickHouse

CURRENCY = "USD"


def load_purchases(server: ClickHouse) -> Database:
    """A database with nothing else in it."""
    database, door, source = Database(server.fresh_database()), Door("CN"), Source("cdnow")
    facts = [
        Fact(
            door.admit(json.dumps(one.event).encode(), source, one.received_at),
            "events",
            Place(one.received_at, one.partition, one.offset, one.index),
        )
        for one in cdnow()
    ]
    write_facts(database, facts, CURRENCY)
    return database
