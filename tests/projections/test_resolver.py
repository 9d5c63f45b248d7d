"""The resolver's own promises: nothing is forgotten after a crash, and what is large or shared harms nobody else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from processors.resolver.step import Resolver
from projections.controls import Said, write_controls
from projections.database import Database
from projections.identity.explaining import explain
from projections.identity.keeping import lately
from projections.identity.reading import identities_of
from projections.log.records import Placed, Record
from projections.moments import AsOf
from schemas.control import Control
from schemas.errors import Unavailable
from tests.oracle.model import Logged
from tests.property.recording import TABLES, TOPICS, Kept, Recording, record
from tests.stack.servers import ClickHouse
from tests.strategies.histories import NOW

pytestmark = pytest.mark.clickhouse


@pytest.fixture(scope="module")
def shared_database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture
def database(shared_database: Database) -> Database:
    """An empty database."""
    for table in TABLES:
        shared_database.execute(f"TRUNCATE TABLE {table}")
    return shared_database


def seen(*groups: dict[str, Any], kind: str = "app.opened", start: int = 0) -> list[Logged]:
    """Events that name these identifiers, a second apart."""
    began = NOW - timedelta(days=1)
    return [
        Logged(
            "pos",
            {
                "event_id": f"{kind}-{number}",
                "type": kind,
                "occurred_at": (began + timedelta(seconds=number)).isoformat(),
                "ids": ids,
                "data": {},
            },
            0,
            number,
            0,
            began + timedelta(seconds=number),
        )
        for number, ids in enumerate(groups, start)
    ]


def record_all(database: Database, log: list[Logged]) -> Recording:
    return record(database, log, random.Random(1), fresh=False)


class Broken(Kept):
    """A log that does not answer."""

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        raise Unavailable("kafka", "gone")


def test_a_step_that_was_not_finished_is_finished_by_the_next(database: Database) -> None:
    """The roots were written, then the process died before anybody was touched: the next one touches them."""
    record_all(database, seen({"member_id": "M1"}, {"phone": "13800138001"}))
    pair = {"member_id": "M1", "phone": "13800138001"}
    record_all(database, seen(pair, start=9)).resolve()
    together = {"member_id:M1", "phone:+8613800138001"}
    record_all(database, seen(pair, kind="customer.unlinked", start=20))
    with pytest.raises(Unavailable):
        Resolver(database, Broken(), lambda: NOW, TOPICS.touched).resolve(together)
    log = Kept()
    Resolver(database, log, lambda: NOW, TOPICS.touched).resolve({"member_id:M9"})
    assert {each for line in log.lines(TOPICS.touched) for each in orjson.loads(line)} == together
    later = Kept()
    Resolver(database, later, lambda: NOW, TOPICS.touched).resolve({"member_id:M9"})
    assert later.records == []


def test_versions_only_grow(database: Database) -> None:
    """Each step has a greater version than all before it, whoever takes it."""
    versions = []
    for number in range(3):
        pair = {"member_id": f"M{number}", "phone": f"1380013800{number}"}
        record_all(database, seen(pair, start=10 * number)).resolve()
        versions.append(lately(database)[0])
    assert versions == sorted(set(versions))


def test_ten_thousand_identifiers_harm_nobody(database: Database) -> None:
    """A device seen with thousands joins nobody; one customer with thousands of browsers keeps what the rules allow."""
    tablet = [{"member_id": f"T{number}", "device_id": "tablet"} for number in range(3_000)]
    browsers = [{"user_id": "U1", "anonymous_id": f"b{number}"} for number in range(3_000)]
    chain = [{"phone": [f"{13900000000 + number}", f"{13900000001 + number}"]} for number in range(2_000)]
    other = [{"member_id": "M1", "phone": "13800138001"}]
    record_all(database, seen(*tablet, *browsers, *chain, *other)).resolve()
    _, members = identities_of(database, ["member_id:T7", "user_id:U1", "member_id:M1", "phone:+8613900000500"])
    sizes = {root.partition(":")[0]: len(those) for root, those in members.items()}
    assert sizes["member_id"] in {1, 2}
    assert {len(those) for root, those in members.items() if root.startswith("user_id")} == {21}
    assert all(len(those) <= 5 for root, those in members.items() if root.startswith("phone"))
    late = record_all(database, seen({"member_id": "T1", "device_id": "tablet", "email": "t@example.com"}, start=9_000))
    late.resolve()
    roots, members = identities_of(database, ["email:t@example.com"])
    assert sorted(members[roots["email:t@example.com"]]) == ["email:t@example.com", "member_id:T1"]


def test_a_blocked_value_joins_nobody_even_by_link(database: Database) -> None:
    """Rules from the control topic are those everybody is weighed by; the last version known holds."""
    control = Control(kind="identity_rules", value={"blocked": ["phone:+86138*"]}, author="ops")
    write_controls(database, [Said(control, 1, NOW - timedelta(hours=1))])
    pair = {"member_id": "M1", "phone": "13800138001"}
    record_all(database, [*seen(pair), *seen(pair, kind="customer.linked", start=5)]).resolve()
    assert identities_of(database, ["member_id:M1"])[1] == {"member_id:M1": ["member_id:M1"]}
    found = explain(database, "member_id:M1", AsOf(NOW, kept=True), 100)
    assert {(edge.kind, edge.rule) for edge in found.edges} == {("seen", "blocked_value"), ("linked", "blocked_value")}
    before = AsOf(NOW, NOW - timedelta(hours=2))
    assert {edge.rule for edge in explain(database, "member_id:M1", before, 100).edges} == {None}
