"""What no figure can be below: bare statements over the same facts, and what evaluating one customer takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from deploy.attaching import Attached
from deploy.bench.scale import Doors, address_of
from deploy.rebuilding.steps import replayed
from projections.database import Database
from projections.evaluating import Asked, evaluate
from projections.moments import AsOf
from projections.programs import Programs
from schemas.bundle import split

# One pass over all facts by subject with a few aggregates: less than this no evaluation of everybody can take.
_AGGREGATE = """
SELECT count() FROM (
    SELECT subject, count() AS facts, max(occurred_at) AS last_at, sumIf(amount, type = 'order.completed') AS spent,
           countIf(type = 'page.viewed' AND occurred_at > now() - INTERVAL 30 DAY) AS viewed
    FROM events GROUP BY subject
)
"""
# One pass over all dossiers: less than this nothing that compares everybody with everybody can take.
_PROFILES = "SELECT count(), sum(orders_count), sum(net_amount), max(last_order_at) FROM profiles"
_SCAN = "SELECT count() FROM events WHERE type = 'order.completed' AND occurred_at > now() - INTERVAL 30 DAY"


def aggregate(database: Database) -> None:
    """One aggregate pass over all facts by subject."""
    database.tuples(_AGGREGATE)


def aggregate_seconds(database: Database) -> float:
    """How long that takes."""
    return _best(lambda: aggregate(database))


def scan_seconds(database: Database) -> float:
    """One count over all facts with a condition."""
    return _best(lambda: database.tuples(_SCAN))


def profiles_seconds(database: Database) -> float:
    """One pass over a few columns of all dossiers."""
    return _best(lambda: database.tuples(_PROFILES))


def log_seconds(attached: Attached) -> float:
    """All records of the events topic fetched, and cut into events."""

    def read() -> None:
        for records, _ in replayed(attached, "events", {}):
            for record in records:
                split(record.value or b"")

    return _best(read)


def one_customer_seconds(doors: Doors) -> float:
    """One customer evaluated by all definitions, as the profiler does it: what a round costs whoever is in it."""
    with closing(Database(doors.clickhouse, brief=True)) as database:
        programs = Programs(database)
        programs.renew()
        asked = Asked(AsOf(datetime.now(UTC), kept=True), doors.terms, programs.boundaries)
        one = address_of(0)
        return _best(lambda: evaluate(database, programs.program(), {one: [one]}, asked))


def _best(statement: Callable[[], object]) -> float:
    """The seconds of the best of three."""
    return min(timed(statement) for _ in range(3))


def timed(work: Callable[[], object]) -> float:
    """The seconds it takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
