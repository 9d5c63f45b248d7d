"""Replaying over a real ClickHouse, and a log that acknowledges at once: paced, on record, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
import pytest

from api.controlling import ControlWriter
from api.replaying import Asked, Replayer
from projections.database import Database
from projections.dead_letters import Buried, write_letters
from projections.log.records import Placed, Record
from schemas.dead_letter import DeadLetter
from schemas.door import Door
from schemas.errors import RequestError, Unavailable
from schemas.letter_filter import LetterFilter
from schemas.sources import Source
from tests.ingest.fakes import NOW
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

LETTERS = 25


@dataclass
class Log:
    """Acknowledges at once; `away` makes Kafka not answer for events."""

    records: list[Record] = field(default_factory=list)
    away: bool = False

    def partition_for(self, topic: str, key: bytes) -> int:
        return 2

    def publish(self, records: Sequence[Record], timeout: float) -> list[Placed]:
        if self.away and records[0].topic == "events":
            raise Unavailable("kafka", "gone")
        self.records += records
        return [Placed(each.topic, each.partition or 0, len(self.records)) for each in records]

    def events(self) -> list[str]:
        lines = [line for each in self.records if each.topic == "events" for line in each.value.splitlines()]
        return [orjson.loads(line)["event_id"] for line in lines]

    def states(self) -> list[str]:
        return [orjson.loads(each.value)["value"]["state"] for each in self.records if each.topic == "control"]


@pytest.fixture(scope="module")
def database(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """Letters of good events, and one that fails for good, in the middle."""
    database = Database(clickhouse_server.fresh_database())
    write_letters(database, [Buried(letter(n), 0, n, 0) for n in range(LETTERS)])
    yield database
    database.close()


def letter(number: int) -> DeadLetter:
    event = {
        "event_id": f"e{number:02}",
        "type": "product.viewed" if number != 12 else "nope",
        "occurred_at": "2026-11-22T00:00:00Z",
        "ids": {"member_id": "M"},
        "data": {"sku": "P"},
    }
    raw = orjson.dumps(event)
    at = NOW + timedelta(seconds=number)
    return DeadLetter("processing_failed", "", "Why.", "pos", None, "recorder", 0, at, raw, "events", 0, number)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def replayer(database: Database, log: Log, slept: list[float]) -> Replayer:
    return Replayer(
        database=database, producer=log, controls=ControlWriter(log, "control", 1.0), door=Door("CN"),
        sources={"pos": Source("pos")}, topic="events", rate=10, ack_timeout=1.0, clock=lambda: NOW, sleep=slept.append,
    )  # fmt: skip


def test_events_are_written_at_the_rate_and_in_their_order(replayer: Replayer, log: Log, slept: list[float]) -> None:
    """Ten a second: after each page it waits as long as that page may take."""
    found = replayer.replay(Asked(LetterFilter()), "ops")
    assert (found.matched, found.passing, found.failed) == (LETTERS, LETTERS - 1, 1)
    assert log.events() == [f"e{n:02}" for n in range(LETTERS) if n != 12]
    assert slept == [0.0, 1.0, 0.9]
    assert [(each.code, each.pointer) for each in found.failing] == [("unknown_type", "/type")]
    assert found.position["events"] == {2: 4}
    assert log.states() == ["begun", "done"]


def test_a_dry_run_writes_nothing(replayer: Replayer, log: Log) -> None:
    """Not even that it was."""
    found = replayer.replay(Asked(LetterFilter(), dry_run=True), "ops")
    assert (found.matched, found.passing, found.failed) == (LETTERS, LETTERS - 1, 1)
    assert log.records == []


def test_the_next_request_goes_on_where_one_ended(
    replayer: Replayer, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Until there is nothing left; letters that failed are behind it."""
    monkeypatch.setattr("api.replaying.MOST_AT_ONCE", 10)
    matched, after = 0, Asked(LetterFilter())
    while True:
        found = replayer.replay(after, "ops")
        matched += found.matched
        if found.last is None:
            break
        after = Asked(LetterFilter(), after=found.last)
    assert matched == LETTERS
    assert log.events() == [f"e{n:02}" for n in range(LETTERS) if n != 12]


def test_without_kafka_it_is_on_record_that_it_began(replayer: Replayer, log: Log) -> None:
    """The order can be given again."""
    log.away = True
    with pytest.raises(Unavailable):
        replayer.replay(Asked(LetterFilter()), "ops")
    assert log.states() == ["begun"]
    log.away = False
    assert replayer.replay(Asked(LetterFilter()), "ops").passing == LETTERS - 1


def test_one_replay_runs_at_a_time(replayer: Replayer) -> None:
    """Another is told to come again; a dry run disturbs nobody."""
    refused: list[str] = []

    def meanwhile(_: float) -> None:
        try:
            replayer.replay(Asked(LetterFilter()), "ops")
        except RequestError as error:
            refused.append(error.code)
        assert replayer.replay(Asked(LetterFilter(), dry_run=True), "ops").matched == LETTERS

    replayer.sleep = meanwhile
    replayer.replay(Asked(LetterFilter()), "ops")
    assert refused == ["rate_limited"] * 3
