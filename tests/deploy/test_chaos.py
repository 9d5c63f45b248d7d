"""The parts of `cdp chaos`: blows by a seed, answers that are lost, and checks that see what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from random import Random
from urllib.parse import urlsplit

import pytest

from deploy.chaos.changes import Messages, contradictions
from deploy.chaos.dossiers import Terms, differing, misjudged
from deploy.chaos.facts import count_facts, gaps, letters
from deploy.chaos.plans import plans
from deploy.chaos.proxy import Proxy
from deploy.chaos.traffic import Traffic
from deploy.oracle.model import Json, Logged
from deploy.ports import pick
from projections.database import Database
from schemas.errors import Unavailable
from tests.stack.servers import ClickHouse

TERMS = Terms("CNY", "Asia/Shanghai", "CN")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_same_seed_deals_the_same_blows() -> None:
    """And every ten rounds have one of each kind."""
    assert list(islice(plans(7), 40)) == list(islice(plans(7), 40)) != list(islice(plans(8), 40))
    for start in range(0, 40, 10):
        ten = list(islice(plans(7), start, start + 10))
        assert {plan.victim for plan in ten if plan.kind == "kill"} >= {"kafka", "clickhouse", "processors"}
        assert sum(plan.kind in {"lose", "slow"} for plan in ten) == 1
        assert sum(plan.kind == "hang" for plan in ten) == 1


def test_the_same_seed_sends_the_same_events() -> None:
    """Those of different cohorts and sources name nobody in common."""

    def sent(source: str, cohort: int) -> list[Json]:
        traffic, found = Traffic(source, 7), []
        for _ in range(20):
            events, _ = traffic.batch(cohort, 6)
            traffic.acknowledged(cohort, events)
            found += events
        return found

    def named(events: list[Json]) -> set[str]:
        return {value for event in events for value in event.get("ids", {}).values()}

    assert sent("pos", 0) == sent("pos", 0)
    assert not named(sent("pos", 0)) & (named(sent("pos", 1)) | named(sent("shop", 0)))


@pytest.mark.clickhouse
async def test_an_insert_whose_answer_is_lost_is_written(clickhouse_server: ClickHouse) -> None:
    """The writer is told nothing, and the row is there; afterwards all is as before."""
    address = clickhouse_server.fresh_database()
    server, port = urlsplit(address.url), pick(())
    proxy = Proxy(server.hostname or "", server.port or 0, Random(1))
    async with proxy.listening(port):
        with closing(Database(replace(address, url=f"http://127.0.0.1:{port}"))) as through:
            told = await asyncio.to_thread(_until_lost, through, proxy)
            rows = await asyncio.to_thread(
                through.tuples, "SELECT DISTINCT event_id FROM retractions ORDER BY event_id"
            )
    assert rows == [(str(number),) for number in range(told + 1)]


def _until_lost(database: Database, proxy: Proxy) -> int:
    """Insert row by row until the answer to one is lost, and one more; which that was."""
    with proxy.acting("lose"):
        for number in range(9):
            try:
                _retract(database, number)
            except Unavailable:
                break
    assert proxy.lost  # the driver itself asks again before it gives up
    _retract(database, number + 1)
    return number + 1


def _retract(database: Database, number: int) -> None:
    columns = ("source", "event_id", "log_partition", "log_offset", "log_index")
    database.insert("retractions", dict(zip(columns, (["pos"], [str(number)], [0], [1], [0]), strict=True)))


@pytest.fixture(scope="module")
def wrong(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database in which about everything is wrong that can be."""
    database = Database(clickhouse_server.fresh_database())
    places = {"log_partition": [0, 0, 0, 0], "log_offset": [1, 2, 3, 3], "log_index": [0, 0, 0, 0]}
    database.insert("events", {"source": ["pos"] * 4, "event_id": ["twice", "twice", "again", "again"], **places})
    database.insert(
        "consumed",
        {
            "stage": ["recorder"] * 2, "topic": ["t"] * 2, "log_partition": [0, 0], "first": [0, 7], "last": [4, 9],
            "events": [1, 1], "watermark": [NOW] * 2, "produced": [[]] * 2,
        },
    )  # fmt: skip
    database.insert(
        "changes",
        {
            "kind": ["tag"] * 3, "key": ["k"] * 3, "root": ["r"] * 3, "sequence": [1, 2, 3], "person_id": ["p"] * 3,
            "change_id": ["one", "two", "two"], "before": ["null", '"a"', '"c"'], "after": ['"a"', '"b"', '"d"'],
            "at": [NOW] * 3, "cause": ["event"] * 3, "cause_ref": [""] * 3, "definition_version": [1] * 3,
            "log_partition": [0] * 3, "version": [1, 2, 3],
        },
    )  # fmt: skip
    yield database
    database.close()


@pytest.mark.clickhouse
def test_lost_and_doubled_facts_are_counted(wrong: Database) -> None:
    """A row that was written twice to its place is one fact; at two places it is two, unless one was retracted."""
    names = [("pos", name) for name in ("twice", "again", "gone")]
    counted = count_facts(wrong, names, names[:1])
    assert counted.lost == {("pos", "gone")}
    assert counted.doubled == {("pos", "twice")}
    assert counted.unknown == {("pos", "again")}
    assert letters(wrong) == set()


@pytest.mark.clickhouse
def test_gaps_of_the_ledger_are_found(wrong: Database) -> None:
    """Between ranges, behind the last, and in a partition nobody looked at."""
    assert gaps(wrong, {("t", 0): 12, ("t", 1): 3, ("u", 0): 0}) == [
        "t/0 from 5 to 7",
        "t/0 from 10 to 12",
        "t/1 from 0 to 3",
    ]


class Heard(Messages):
    """Messages that come in the parts given, one each time they are read on."""

    def __init__(self, parts: list[dict[str, set[bytes]]]) -> None:
        super().__init__("nowhere", "changes")
        self._parts = parts

    def read_on(self) -> None:
        """The next part."""
        self.said |= self._parts.pop(0) if self._parts else {}


@pytest.mark.clickhouse
def test_what_is_said_while_rows_are_read_is_no_contradiction(wrong: Database) -> None:
    """Neither of a change whose row was read before its message came, nor of a message whose row came after."""
    messages = Heard([{"two": {b"x"}}, {"one": {b"y"}, "new": {b"z"}}])
    assert not [each for each in contradictions(wrong, messages) if "said" in each]


@pytest.mark.clickhouse
def test_changes_that_contradict_each_other_are_found(wrong: Database) -> None:
    """A step left out, an id used twice, one never said, one said that is none, two words under one id."""
    messages = Heard([{"two": {b"x", b"y"}, "ghost": {b"z"}}])
    assert sorted(contradictions(wrong, messages)) == [
        "ghost was said and is no change",
        "one was never said",
        "tag:k of r is kept otherwise",
        "two does not follow the change before it",
        "two is several changes",
        "two says two things",
    ]


@pytest.mark.clickhouse
def test_profiles_and_memberships_that_are_not_the_oracles_are_named(wrong: Database) -> None:
    """Somebody of the log without a profile, and a segment without its member."""
    event = {
        "event_id": "e",
        "type": "app.opened",
        "occurred_at": NOW.isoformat(),
        "ids": {"member_id": "A"},
        "data": {},
    }
    log = [Logged("pos", event, 0, 0, 0, NOW)]
    library = {"segment": {"all": {"where": {"event": "app.opened"}}}, "tag": {}}
    assert differing(wrong, log, NOW, TERMS) == ["member_id:A: no profile"]
    assert misjudged(wrong, log, NOW, library, TERMS) == ["member_id:A: segment:all"]
