"""Figures of scorecards, in a real ClickHouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from projections import source_quality
from projections.database import Database
from projections.facts import Fact, write_facts
from projections.places import Place
from projections.seen_fields import SeenFields
from schemas.door import Door
from schemas.sources import Source
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
MANY = 5_000


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """One with many events of one source; every tenth names a field that the others do not, and all came twice."""
    seen = {"type": "page.viewed", "occurred_at": "2026-11-21T08:00:00Z", "ids": {"user_id": "u"}}
    events = [{**seen, "event_id": f"e{n}", "data": {"url": "/", **({"rare": 1} if n % 10 == 0 else {})}}
              for n in range(MANY)]  # fmt: skip
    door = Door("CN")
    facts = [
        Fact(door.admit(json.dumps(event).encode(), Source("app"), NOW), "events", Place(NOW, n % 4, n // 4, 0))
        for n, event in enumerate(events)
    ]
    with closing(Database(clickhouse_server.fresh_database())) as database:
        for _ in range(2):
            write_facts(database, facts, "CNY")
            SeenFields(database).note(facts)
        yield database


def test_each_event_counts_once(database: Database) -> None:
    """To the last one, though a crash had all of them written twice."""
    assert source_quality.facts(database, YESTERDAY)["app"]["events"] == MANY
    assert source_quality.facts(database, NOW + timedelta(seconds=1)) == {}


def test_fields_are_covered_and_seen_first(database: Database) -> None:
    """By type; within a per cent where there are many."""
    rows = source_quality.fields(database, "app", YESTERDAY)
    assert [row["field"] for row in rows] == ["", "rare", "url"]
    every, rare, url = (row["events"] for row in rows)
    assert rare == MANY / 10
    assert every == url == pytest.approx(MANY, rel=0.01)
    assert set(source_quality.first_seen(database, "app")) == {("page.viewed", name) for name in ("", "rare", "url")}
    assert source_quality.newly_seen(database, YESTERDAY) == {"app": 3}
    assert source_quality.newly_seen(database, NOW + timedelta(seconds=1)) == {}
