"""Hot keys: who fills a partition, without saying who it is."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from api.hot_keys import HotKeys, fingerprint
from api.lag import Lag
from projections.log.peek import Peeked
from projections.progress import TopicPartition
from tests.api.ledger import NOW, TOPICS

SECRET = b"secret"
ROW = Lag(("events", 3), 5, 105, 5, 100, 8.0, NOW, "warn", None, 0, None, None)


class Waiting:
    """Records that wait, and how often they were looked at."""

    def __init__(self, *records: Peeked) -> None:
        self.records, self.asked = records, list[tuple[TopicPartition, int]]()

    def sample(self, place: TopicPartition, offset: int, most: int) -> list[Peeked]:
        self.asked.append((place, offset))
        return list(self.records)[:most]


def event(offset: int, *phones: str) -> Peeked:
    lines = [orjson.dumps({"event_id": phone, "ids": {"phone": phone}}) for phone in phones]
    return Peeked(offset, NOW, b"key", b"\n".join(lines), {"source": b"pos"})


def hot(waiting: Waiting, row: Lag = ROW) -> list[dict[str, object]]:
    return HotKeys(waiting, TOPICS, SECRET, "CN", lambda: 0.0).of([row]).get(row.place, [])


def test_who_fills_a_partition_is_told_by_type_source_and_share():
    """Every event of a bundle counts; however the phone is written, it is the same. Who is there once is not hot."""
    found = hot(Waiting(event(5, "138 0013 8000", "+8613800138000"), event(6, "13800138000", "13900139000")))
    print_of = fingerprint(SECRET, "phone:+8613800138000")
    assert found == [{"fingerprint": print_of, "type": "phone", "source": "pos", "share": 0.75, "offset": 5}]
    assert b"138" not in orjson.dumps(found).replace(print_of.encode(), b"")


def test_a_fingerprint_cannot_be_tried_out_without_the_secret():
    """It is a keyed hash: with another key it is another."""
    assert fingerprint(b"a", "phone:+8613800138000") != fingerprint(b"b", "phone:+8613800138000")
    assert len(fingerprint(SECRET, "x")) == 12


@pytest.mark.parametrize(
    ("topic", "value", "kind"),
    [
        ("touched", {"touch": [["member_id:M1", []]]}, "member_id"),
        ("touched", {"flip": ["member_id:M1"]}, "member_id"),
        ("identity", {"weigh": ["member_id:M1"], "touch": [["phone:1", []]]}, "member_id"),
        ("letters", {"code": "unreadable"}, "source"),
        ("control", {}, "definition"),
    ],
)
def test_every_topic_is_understood(topic: str, value: object, kind: str):
    """What its records are about is counted, wherever it stands in them."""
    records = [Peeked(offset, NOW, b"pos", orjson.dumps(value)) for offset in (5, 6)]
    assert kind in {each["type"] for each in hot(Waiting(*records), replace(ROW, place=(topic, 0)))}


@pytest.mark.parametrize("value", [b"", b"\xff", b"[1]", b'{"ids": 7}', b'{"ids": {"nope": "x"}}', b"{" * 100, b"1\n2"])
def test_a_record_that_cannot_be_read_is_nobodys(value: bytes):
    """Whatever stands in the log, lag can be asked."""
    assert hot(Waiting(Peeked(5, NOW, None, value), Peeked(6, NOW, None, value))) == []


def test_only_what_waits_for_a_while_is_looked_at_and_not_each_time():
    """Once in ten seconds, the four partitions furthest behind."""
    waiting, now = Waiting(event(5, "13800138000")), [0.0]
    keys = HotKeys(waiting, TOPICS, SECRET, "CN", lambda: now[0])
    rows = [replace(ROW, place=("events", n), end=105 + n) for n in range(6)]
    keys.of([*rows, replace(ROW, place=("events", 9), seconds=0.4), replace(ROW, place=("events", 8), next=105)])
    keys.of(rows)
    assert sorted(waiting.asked) == [(("events", n), 5) for n in (2, 3, 4, 5)]
    now[0] = 10.0
    keys.of(rows[5:])
    assert len(waiting.asked) == 5
