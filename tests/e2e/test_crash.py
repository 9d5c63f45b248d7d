"""Nothing acknowledged is lost and nothing counts twice, whoever is killed while events come in."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition

from projections.log.admin import LogAdmin
from tests.e2e.channel import Channel, Sent
from tests.stack.platforms import Json, Platform
from tests.stack.processes import Process, stop_all
from tests.stack.servers import embedded_clickhouse, embedded_kafka
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

_SOME = 150
"""Events acknowledged before and after each blow."""


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Platform]:
    """A platform on servers of its own: they are killed too."""
    kafka, clickhouse = embedded_kafka(tmp_path), embedded_clickhouse(tmp_path)
    assert kafka.process
    assert clickhouse.process
    servers = [kafka.process, clickhouse.process]
    for each in servers:
        each.spawn()
    for each in servers:
        each.await_ready()
    platform = Platform(kafka, clickhouse, tmp_path, {})
    platform.start()
    yield platform
    platform.close()
    stop_all(servers)


class Blows:
    """What happens to the platform while the channel sends."""

    def __init__(self, platform: Platform, channel: Channel) -> None:
        self._platform, self._channel = platform, channel

    def all(self) -> list[Callable[[], None]]:
        return [
            self.worker,
            self.worker_asked_to_end,
            self.clickhouse,
            self.ingest,
            self.kafka,
            self.second_worker,
            self.api,
        ]

    def worker(self) -> None:
        """kill -9 of the processors."""
        self._kill(self._platform.workers[0])

    def api(self) -> None:
        """kill -9 of the API: it holds nothing."""
        self._kill(self._platform.api)

    def ingest(self) -> None:
        """kill -9 of ingest, requests in flight."""
        self._kill(self._platform.ingest)

    def clickhouse(self) -> None:
        """kill -9 of ClickHouse; it stays away for a while, and the processors wait for it."""
        server, worker = self._platform.clickhouse.process, self._platform.workers[0]
        assert server
        until(lambda: worker.alive, "a worker lives", 1)
        pid = worker.pid
        server.kill()
        self._flow()
        server.start()
        self._flow()
        assert (worker.alive, worker.pid) == (True, pid)

    def kafka(self) -> None:
        """kill -9 of the broker; channels are told 503 until it is back."""
        server = self._platform.kafka.process
        assert server
        failed = self._channel.failed
        server.kill()
        until(lambda: self._channel.failed > failed, "the channel is refused")
        server.start()
        self._flow()

    def worker_asked_to_end(self) -> None:
        """SIGTERM in the middle of batches."""
        worker = self._platform.workers[0]
        worker.stop()
        self._flow()
        worker.start()

    def second_worker(self) -> None:
        """A second worker joins, the first is killed, is back, and the second leaves."""
        second = self._platform.start_worker()
        self._flow()
        self._kill(self._platform.workers[0])
        second.stop()
        self._platform.workers.remove(second)

    def _kill(self, victim: Process) -> None:
        victim.kill()
        if victim is not self._platform.ingest:
            self._flow()
        victim.start()

    def _flow(self) -> None:
        """Wait until some more events are acknowledged."""
        before = self._channel.sent.count
        until(lambda: self._channel.sent.count >= before + _SOME, "events are acknowledged")


def ends(platform: Platform) -> str:
    """The position behind everything in the log."""
    events, letters = platform.topic("events"), platform.topic("dead_letters")
    with closing(LogAdmin(platform.kafka.address, timeout=20)) as admin:
        found = admin.end_offsets([events, letters])
    of = lambda topic: {p: end - 1 for (name, p), end in found.items() if name == topic and end}  # noqa: E731
    return platform.position(events=of(events), dead_letters=of(letters))


def arrived(platform: Platform, position: str) -> bool:
    """Whether the processors are through."""
    return platform.get("/v1/rfm", after=position).status_code == 200


def timeline(platform: Platform, who: str) -> list[str]:
    """Every event of a customer, page by page."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = platform.ask(f"/v1/profiles/member_id:{who}/events", limit="200", **cursor)
        found += [event["event_id"] for event in page["data"]]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def check_customers(platform: Platform, sent: Sent) -> None:
    """Timelines name each event once; counts and sums are those of what was sent."""
    for who, events in sent.events.items():
        told = timeline(platform, who)
        assert len(told) == len(set(told)), f"{who}: told twice"
        assert set(told) == events, (who, set(told) ^ events)
        profile = platform.ask(f"/v1/profiles/member_id:{who}")
        assert profile["orders"]["count"] == sent.orders[who], who
        assert Decimal(profile["orders"]["net_amount"]) == sent.money[who], who
        assert profile["interactions"]["count"] == len(events) - sent.orders[who], who


def check_population(rfm: Json, sent: Sent) -> None:
    """The sums over everybody, live or from the facts."""
    assert rfm["customers"] == len(sent.orders)
    assert rfm["orders"] == sum(sent.orders.values())
    assert Decimal(rfm["net_amount"]) == sum(sent.money.values())


def check_letters(platform: Platform, sent: Sent) -> None:
    """Each event that said something else under a known id is a letter, and nothing else is."""
    found: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = platform.ask("/v1/dead-letters", limit="200", **cursor)
        assert {letter["code"] for letter in page["data"]} <= {"id_conflict"}
        found |= {letter["event_id"] for letter in page["data"]}
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == sent.conflicts
    assert platform.get("/v1/profiles/member_id:impostor").status_code == 404


def check_ledger(platform: Platform) -> None:
    """The stages' ledger covers every record of the log without a gap."""
    with closing(LogAdmin(platform.kafka.address, timeout=20)) as admin, closing(platform.database()) as database:
        end = admin.end_offsets([platform.topic(role) for role in ("events", "identity", "touched", "dead_letters")])
        rows = database.tuples(
            "SELECT toString(topic), log_partition, first, last FROM consumed WHERE stage != 'clock' ORDER BY first"
        )
    reached: dict[tuple[str, int], int] = {}
    for topic, partition, first, last in rows:
        assert first <= reached.get((topic, partition), 0), f"a gap before {first} of {topic}/{partition}"
        reached[topic, partition] = max(last + 1, reached.get((topic, partition), 0))
    assert reached == {place: offset for place, offset in end.items() if offset}


def said(platform: Platform) -> list[Json]:
    """Every message of the changes topic, repeats included."""
    consumer = KafkaConsumer(bootstrap_servers=platform.kafka.address, group_id=None, enable_auto_commit=False)
    with closing(consumer):
        topic = platform.topic("changes")
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[Json] = []
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(1000).values():
                found += [orjson.loads(record.value) for record in records]
        return found


def check_changes(platform: Platform) -> None:
    """Each change of a tag follows the one before, was said under one id, and states are what the changes come to."""
    with closing(platform.database()) as database:
        rows = database.rows(
            "SELECT root, kind, key, before, after, change_id FROM changes FINAL ORDER BY root, kind, key, sequence"
        )
        held = database.tuples("SELECT root, held FROM memberships FINAL")
    last: dict[tuple[str, str], str] = {}
    for row in rows:
        place = (row["root"], f"{row['kind']}:{row['key']}")
        assert row["before"] == last.get(place, "null" if row["kind"] == "tag" else "false"), row
        assert row["after"] != row["before"], row
        last[place] = row["after"]
    states = {(root, each["ref"]): each["value"] for root, all_held in held for each in all_held}
    assert states == {place: value for place, value in last.items() if value not in ("null", "false")}
    messages = said(platform)
    assert {each["change_id"] for each in messages} == {row["change_id"] for row in rows}
    assert len(rows) == len({row["change_id"] for row in rows})
    assert len({orjson.dumps(each) for each in messages}) == len(rows), "one id says two things"
    assert all(each["cause"] for each in messages)


def test_nothing_is_lost_or_doubled_whoever_dies(private: Platform) -> None:
    """Each process is killed in turn while a channel sends, repeats and contradicts itself; then all is right."""
    seed = int(os.environ.get("CDP_TEST_SEED", random.randrange(2**32)))
    print(f"CDP_TEST_SEED={seed}")  # noqa: T201 -- shown when the test fails
    with Channel(private.ingest_url, "pos", seed) as channel:
        blows = Blows(private, channel)
        order = blows.all()
        random.Random(seed).shuffle(order)
        for blow in order:
            print(f"{channel.sent.count} events; {blow.__doc__}")  # noqa: T201 -- the same
            blow()
    assert channel.sent.conflicts
    position = ends(private)
    until(lambda: arrived(private, position), "everything is recorded and folded")
    check_population(private.ask("/v1/rfm"), channel.sent)
    check_population(private.ask("/v1/rfm", as_of="2099-01-01T00:00:00Z"), channel.sent)
    check_customers(private, channel.sent)
    check_letters(private, channel.sent)
    check_ledger(private)
    check_changes(private)
