"""What the code writes and what the tables hold are one: columns and types, after all migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from projections.claims import retract, write_claims
from projections.database import Database
from projections.dead_letters import Buried, write_letters
from projections.facts import Fact, fact_row, write_facts
from projections.migrations import MigrationChanged, all_migrations, migrate
from projections.places import Place
from projections.profiles import PROFILE_COLUMNS, Terms, fold_parameters
from projections.progress import RECORDER, Range, write_ranges
from projections.resolution import AsOf, Resolution
from projections.statements import statement
from schemas.dead_letter import DeadLetter
from schemas.door import Door
from schemas.sources import Source
from tests.stack.servers import ClickHouse

FROZEN = Path(__file__).with_name("migrations.sha256")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
EVENT = b"""{"event_id": "e1", "type": "order.paid", "occurred_at": "2026-11-22T00:00:00Z", "ids": {"member_id": "M1"},
             "data": {"order_id": "1", "currency": "CNY", "amount": "1.5"}}"""
FACT = Fact(Door("CN").admit(EVENT, Source("pos"), NOW), "events", Place(NOW, 1, 2, 3))
LETTER = DeadLetter("unreadable", "", "Why.", "pos", None, "recorder", 0, NOW, b"\xff", "events", 1, 2)


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with the newest schema, and nothing in it."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


def columns(database: Database, table: str) -> dict[str, str]:
    """Name and type of each column one may insert into, in order."""
    rows = database.rows(
        "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
        " AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position",
        {"table": table},
    )
    return {row["name"]: row["type"] for row in rows}


def bare(kind: str) -> str:
    """A type without how it is kept, and without the names of a tuple's parts: what has to agree with a query's."""
    return re.sub(r"\b[a-z]\w* (?=[A-Z])", "", re.sub(r"LowCardinality\((\w+)\)", r"\1", kind))


def defaults(database: Database, table: str) -> set[str]:
    """Columns the server fills in itself."""
    rows = database.rows(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
        " AND default_kind = 'DEFAULT'",
        {"table": table},
    )
    return {row["name"] for row in rows}


def test_applied_migrations_are_frozen() -> None:
    """A migration that is listed never changes; a new one is added to the list by whoever writes it."""
    lines = FROZEN.read_text().splitlines()
    listed = {name: checksum for checksum, name in map(str.split, lines)}
    assert {each.name: each.checksum for each in all_migrations()} == listed


@pytest.mark.clickhouse
def test_a_changed_migration_is_refused(clickhouse_server: ClickHouse) -> None:
    """A database that got another text under the same name is not touched."""
    address = clickhouse_server.fresh_database()
    assert migrate(address) == []
    database = Database(address)
    database.insert(
        "migrations",
        {"name": ["0001_log.sql"], "checksum": ["other"], "applied_at": [datetime(2100, 1, 1, tzinfo=UTC)]},
    )
    database.execute("OPTIMIZE TABLE migrations FINAL")
    database.close()
    with pytest.raises(MigrationChanged, match=r"0001_log\.sql"):
        migrate(address)


@pytest.mark.clickhouse
def test_a_fact_fills_every_column(database: Database) -> None:
    """A row of a fact names all columns of `events` but those the server fills in."""
    assert list(fact_row(FACT, "CNY")) == [
        c for c in columns(database, "events") if c not in defaults(database, "events")
    ]


@pytest.mark.clickhouse
def test_everything_written_is_read_back(database: Database) -> None:
    """Facts, claims, retractions, letters and ranges go in as the code writes them, no column left to chance."""
    write_facts(database, [FACT], "CNY")
    write_claims(database, [FACT])
    retract(database, [(("pos", "e1"), FACT.place)])
    write_letters(database, [Buried(LETTER, 0, 7, 1)])
    write_ranges(database, RECORDER, [Range("events", 1, 2, 2, 1, NOW, {("touched", 3): 4})])
    for table in ("events", "claims", "retractions", "dead_letters", "consumed"):
        assert database.rows(f"SELECT count() AS n FROM {table}") == [{"n": 1}], table
    place = {"log_partition": 1, "log_offset": 2, "log_index": 3}
    for table in ("events", "claims", "retractions"):
        assert database.one(f"SELECT log_partition, log_offset, log_index FROM {table}") == place
    letter = database.one(
        "SELECT letter_id, source, received_at, letter_partition, letter_offset, letter_index FROM dead_letters"
    )
    assert letter == {
        "letter_id": "log-1-2-0", "source": "pos", "received_at": NOW,
        "letter_partition": 0, "letter_offset": 7, "letter_index": 1,
    }  # fmt: skip
    produced = database.rows(
        "SELECT p.topic AS topic, p.partition AS partition, p.offset AS offset FROM consumed ARRAY JOIN produced AS p"
    )
    assert produced == [{"topic": "touched", "partition": 3, "offset": 4}]


@pytest.mark.clickhouse
def test_the_fold_yields_what_profiles_hold(database: Database) -> None:
    """`fold.sql` answers with the columns of `profiles`, in their order and of types that hold the same values."""
    held = columns(database, "profiles")
    assert tuple(held) == PROFILE_COLUMNS
    nobody = Resolution({}, [], [])
    described = database.rows(
        f"DESCRIBE ({statement('fold')})", fold_parameters(AsOf(NOW), Terms("CNY")), nobody.tables()
    )
    yielded = {row["name"]: bare(row["type"]) for row in described}
    assert list(yielded) == list(held)
    assert yielded == {name: bare(kind) for name, kind in held.items()}
