"""Whatever is sent, over HTTP or straight to Kafka: a clear answer or a dead letter; others unharmed, workers alive."""

from __future__ import annotations

import asyncio
import gzip
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer  # type: ignore[import-untyped]

from tests.conftest import StartPlatform
from tests.e2e.events import completed, viewed
from tests.stack.platforms import Json, Platform

pytestmark = pytest.mark.platform

KIB = 1024
Write = Callable[..., str]


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Iterator[Platform]:
    """One platform, whose processes are the same at the end as at the beginning."""
    platform = start_platform()
    before = {each.name: each.pid for each in (platform.ingest, platform.api, *platform.workers)}
    yield platform
    dead = [each.name for each in (platform.ingest, platform.api, *platform.workers) if not each.alive]
    assert dead == []
    assert {each.name: each.pid for each in (platform.ingest, platform.api, *platform.workers)} == before


def letters(platform: Platform, after: str, **filters: str) -> list[Json]:
    """Dead letters, newest first."""
    found: list[Json] = platform.ask("/v1/dead-letters", after=after, limit="200", **filters)["data"]
    return found


BODIES = {
    "truncated gzip": (
        gzip.compress(orjson.dumps(viewed("M1", "gz")))[:-9],
        {"Content-Encoding": "gzip"},
        400,
        "unreadable_body",
    ),
    "no gzip at all": (b"{}", {"Content-Encoding": "gzip"}, 400, "unreadable_body"),
    "gzip bomb": (gzip.compress(b" " * (64 * KIB * KIB)), {"Content-Encoding": "gzip"}, 413, "payload_too_large"),
    "another encoding": (b"{}", {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
    "5 MiB": (b" " * (5 * KIB * KIB), {}, 413, "payload_too_large"),
    "empty": (b"", {}, 400, "unreadable_body"),
    "an empty list": (b"[]", {}, 400, "unreadable_body"),
    "half a JSON": (b'{"event_id": ', {}, 400, "unreadable_body"),
    "a number": (b"1", {}, 400, "unreadable_body"),
    "nested without end": (b"[" * 100_000, {}, 400, "unreadable_body"),
    "5,001 events": (b"[" + b",".join([b"{}"] * 5001) + b"]", {}, 413, "too_many_events"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_request_that_cannot_be_read_is_refused_as_a_whole(platform: Platform, name: str) -> None:
    """Problem+json with a code of the list; nothing of it enters the log."""
    content, headers, status, code = BODIES[name]
    answer = platform.post(content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def with_data(**data: Any) -> Json:
    return viewed("M1", "bad", data={"sku": "P-9", **data})


EVENTS: dict[str, tuple[bytes, str, str]] = {
    "1 MiB": (orjson.dumps(with_data(text="x" * KIB * KIB)), "too_large", ""),
    "half a surrogate pair": (orjson.dumps(with_data(text="@")).replace(b'"@"', b'"\\ud800"'), "unreadable", ""),
    "NaN": (orjson.dumps(with_data(text="@")).replace(b'"@"', b"NaN"), "unreadable", ""),
    "a number beyond all": (orjson.dumps(with_data(text="@")).replace(b'"@"', b"1e999"), "unreadable", ""),
    "deep nesting": (orjson.dumps(with_data(text="@")).replace(b'"@"', b"[" * 30 + b"]" * 30), "too_deep", ""),
    "no object": (b"[1]", "invalid_type", ""),
    "a list as type": (orjson.dumps({**with_data(), "type": []}), "invalid_type", "/type"),
    "a number as data": (orjson.dumps({**with_data(), "data": 1}), "invalid_type", "/data"),
    "unknown type": (orjson.dumps({**with_data(), "type": "order.dreamt"}), "unknown_type", "/type"),
    "unknown field": (orjson.dumps({**with_data(), "surprise": 1}), "unknown_field", "/surprise"),
    "no time": (
        orjson.dumps({k: v for k, v in with_data().items() if k != "occurred_at"}),
        "missing_field",
        "/occurred_at",
    ),
    "a time without offset": (
        orjson.dumps({**with_data(), "occurred_at": "2026-01-01T00:00:00"}),
        "invalid_time",
        "/occurred_at",
    ),
    "a far future": (
        orjson.dumps({**with_data(), "occurred_at": "2199-01-01T00:00:00Z"}),
        "time_out_of_range",
        "/occurred_at",
    ),
    "nobody": (orjson.dumps({**with_data(), "ids": {"phone": ["", "0", None]}}), "no_identifier", "/ids"),
    "a long event_id": (orjson.dumps({**with_data(), "event_id": "x" * 201}), "invalid_value", "/event_id"),
    "NUL in an id": (orjson.dumps({**with_data(), "ids": {"member_id": "a\0b"}}), "invalid_value", "/ids/member_id"),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_bad_event_is_a_dead_letter_and_its_neighbours_are_recorded(platform: Platform, name: str) -> None:
    """The answer says which, why and where; the letter has the bytes; the events before and after count."""
    raw, code, pointer = EVENTS[name]
    who = f"near {name}"
    good = [orjson.dumps(viewed(who, f"{name}:{n}")) for n in (1, 2)]
    answer = platform.post(b"\n".join([good[0], raw, good[1]]), headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert (said["accepted"], said["rejected"]) == (2, 1)
    assert [(e["index"], e["code"], e["pointer"]) for e in said["errors"]] == [(1, code, pointer)]
    newest = letters(platform, said["position"], source="pos", code=code)[0]
    assert (newest["code"], newest["pointer"], newest["origin"]) == (code, pointer, "ingest")
    assert (newest["topic"], newest["partition"], newest["offset"]) == (None, None, None)
    kept = newest["original"].encode()
    assert kept == raw[: len(kept)]
    assert len(kept) == len(raw)
    profile = platform.ask(f"/v1/profiles/member_id:{who}", after=said["position"])
    assert profile["interactions"]["count"] == 2


def test_bytes_that_are_no_text_are_kept_as_base64(platform: Platform) -> None:
    """An NDJSON line that is not UTF-8 is one rejected event."""
    answer = platform.post(b'{"event_id": "\xff"}', headers={"Content-Type": "application/x-ndjson"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_encoding")
    newest = letters(platform, answer.json()["position"], code="invalid_encoding")[0]
    assert (newest["encoding"], newest["original"]) == ("base64", "eyJldmVudF9pZCI6ICL/In0=")


Written = tuple[bytes | None, dict[str, Any]]


@pytest.fixture
def write(platform: Platform) -> Write:
    """Writes records to the events topic as a foreign client; gives the position behind them."""

    async def written(records: Sequence[Written], compression: str | None) -> str:
        ends: dict[int, int] = {}
        async with AIOKafkaProducer(bootstrap_servers=platform.kafka.address, compression_type=compression) as producer:
            for value, more in records:
                headers = more.get("headers", [("source", b"kiosk")])
                sent = await producer.send(platform.topic("events"), value, key=more.get("key"), headers=headers)
                placed = await sent
                ends[placed.partition] = max(placed.offset, ends.get(placed.partition, -1))
        return platform.position(events=ends)

    return lambda *records, compression=None: asyncio.run(written(records, compression))


def raw(event: Json) -> bytes:
    return orjson.dumps(event)


GARBAGE: dict[str, tuple[bytes | None, dict[str, Any], list[str]]] = {
    "empty": (b"", {}, ["unreadable"]),
    "a tombstone": (None, {"key": b"member_id:M1"}, ["unreadable"]),
    "binary": (bytes(range(128, 256)), {}, ["unreadable", "invalid_encoding"]),
    "101 events": (b"\n".join(raw(viewed("G", f"g{n}")) for n in range(101)), {}, ["bundle_too_large"]),
    "no source": (raw(viewed("G", "none")), {"headers": []}, ["unknown_source"]),
    "an undeclared source": (raw(viewed("G", "other")), {"headers": [("source", b"nobody")]}, ["unknown_source"]),
    "a source that is no text": (
        raw(viewed("G", "binary")),
        {"headers": [("source", b"\xff\xfe")]},
        ["unknown_source"],
    ),
    "a bad version": (raw(viewed("G", "v")), {"headers": [("source", b"kiosk"), ("v", b"one")]}, ["unknown_version"]),
    "a version to come": (
        raw(viewed("G", "v2")),
        {"headers": [("source", b"kiosk"), ("v", b"99")]},
        ["unknown_version"],
    ),
    "a great event": (raw(viewed("G", "big", data={"sku": "x" * 900 * KIB})), {}, ["too_large"]),
    "half a surrogate pair": (raw(viewed("G", "@")).replace(b"@", b"\\udfff"), {}, ["unreadable"]),
    "an event of no type": (b'{"event_id": "typeless"}', {}, ["missing_field", "unknown_type"]),
    "a NUL in the source": (raw(viewed("G", "nul")), {"headers": [("source", b"kiosk\0")]}, ["unknown_source"]),
    "a great source": (raw(viewed("G", "long")), {"headers": [("source", b"k" * 10_000)]}, ["unknown_source"]),
}


def test_garbage_on_the_topic_is_a_dead_letter_each(platform: Platform, write: Write) -> None:
    """What a channel wrote past ingest: one letter a record, with place and bytes; good records around it count."""
    written = []
    for number, (value, more, _) in enumerate(GARBAGE.values()):
        written += [(value, more), (raw(viewed("survivor", f"after {number}")), {})]
    position = write(*written)
    found = letters(platform, position)
    for name, (value, _, codes) in GARBAGE.items():
        mine = [
            each
            for each in found
            if each["origin"] == "recorder" and bytes_of(each) == (value or b"") and each["code"] in codes
        ]
        assert len(mine) >= 1, (name, [(each["code"], each["original"][:40]) for each in found])
        assert mine[0]["topic"] == platform.topic("events")
        assert isinstance(mine[0]["offset"], int)
    profile = platform.ask("/v1/profiles/member_id:survivor", after=position)
    assert profile["interactions"]["count"] == len(GARBAGE)


def bytes_of(letter: Json) -> bytes:
    return b64decode(letter["original"]) if letter.get("encoding") else str(letter["original"]).encode()


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
def test_every_compression_is_read_with_and_without_a_key(platform: Platform, write: Write, codec: str | None) -> None:
    """What Kafka clients may use, the processors read; a key is a hint only, wrong or missing."""
    who = f"by {codec}"
    lines = b"\n".join(raw(viewed(who, f"{codec}:{n}")) for n in range(3))
    keys = [{}, {"key": b"nonsense"}, {"key": b"\xff"}, {"key": b""}]
    records = [(raw(viewed(who, f"{codec}:key {n}")), key) for n, key in enumerate(keys)]
    position = write((lines, {}), *records, compression=codec)
    assert platform.ask(f"/v1/profiles/member_id:{who}", after=position)["interactions"]["count"] == 3 + len(keys)


def test_ids_of_all_kinds_of_characters_come_back(platform: Platform) -> None:
    """Quotes, slashes, wildcards and emoji in ids are characters like any other."""
    nasty = ["it's", 'say "x"', "a\\b", "a/b", "a%2Fb", "{x:String}", "' OR 1=1 --", "中文🦊", "a?b#c&d", "%00", "+1 2"]
    position = platform.send(*[viewed(who, f"nasty {who}") for who in nasty])
    for who in nasty:
        found = platform.http.post(
            f"{platform.api_url}/v1/profiles:lookup",
            params={"after": position, "timeout": "30"},
            json={"id": f"member_id:{who}"},
            headers={"Authorization": "Bearer all"},
        )
        assert found.status_code == 200, (who, found.text)
        assert found.json()["identifiers"] == [{"type": "member_id", "value": who}]
        assert found.json()["interactions"]["count"] == 1


def test_after_all_that_orders_still_count(platform: Platform) -> None:
    """The platform is well."""
    position = platform.send(completed("well", "1", "12.50"))
    assert platform.ask("/v1/profiles/member_id:well", after=position)["orders"]["net_amount"] == "12.50"
