"""Letters become events again: patched, judged as at the door, and never against what is recorded."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from api.bundling import bundles
from api.mending import Bench, Failing, Mended
from projections.claims import Claim
from projections.places import Place
from schemas.bundle import MAX_BUNDLE_EVENTS
from schemas.door import Door
from schemas.patching import Patch
from schemas.sources import Source
from tests.ingest.fakes import NOW

SOURCES = {name: Source(name) for name in ("pos", "shop")}
EVENT = {
    "event_id": "e1",
    "type": "product.viewed",
    "occurred_at": "2026-11-22T00:00:00Z",
    "ids": {"member_id": "M1"},
    "data": {"sku": "P-1"},
}


def bench(*operations: dict[str, Any]) -> Bench:
    return Bench(Door("CN"), SOURCES, Patch(operations) if operations else None)


def letter(event: Any = EVENT, **more: Any) -> dict[str, Any]:
    original = event if isinstance(event, bytes) else orjson.dumps(event)
    said = {"letter_id": "log-0-0-0", "code": "unreadable", "source": "pos", "event_id": "", "version": ""}
    return {**said, "format": "", "truncated": 0, "original": original, **more}


def mended(at: Bench, *letters: dict[str, Any]) -> list[Mended]:
    found = [at.mend(each, NOW) for each in letters]
    assert not any(isinstance(each, Failing) for each in found), found
    return [one for each in found for one in each]  # type: ignore[union-attr]


def test_without_a_patch_the_very_bytes_go_on() -> None:
    """On one line: amounts as they were written."""
    raw = b'{\n "event_id": "e1", "type": "custom.x", "occurred_at": "2026-11-22T00:00:00Z",\n "ids": {"member_id": "M"}, "data": {"n": 1.10}}'  # noqa: E501 -- two lines are the point
    (one,) = mended(bench(), letter(raw))
    assert b"\n" not in one.raw
    assert b"1.10" in one.raw


CASES: list[tuple[dict[str, Any], str, str]] = [
    (letter({**EVENT, "type": "nope"}), "unknown_type", "/type"),
    (letter(source="nobody"), "unknown_source", ""),
    (letter(source=""), "unknown_source", ""),
    (letter(truncated=1), "unreadable", ""),
    (letter(format="segment"), "unreadable", ""),
    (letter(version="one"), "unknown_version", ""),
    (letter(b"{"), "unreadable", ""),
    (letter(b"\xff"), "unreadable", ""),
]


@pytest.mark.parametrize(("dead", "code", "pointer"), CASES)
def test_what_the_door_refuses_still_fails(dead: dict[str, Any], code: str, pointer: str) -> None:
    """With code and pointer of now, not of then."""
    found = bench().mend(dead, NOW)
    assert isinstance(found, Failing)
    assert (found.letter_id, found.code, found.pointer) == ("log-0-0-0", code, pointer)


def test_a_record_with_too_many_events_is_replayed_event_by_event() -> None:
    """Ingest would have cut it into bundles, too; one bad event keeps the letter back."""
    lines = [orjson.dumps({**EVENT, "event_id": f"e{n}"}) for n in range(150)]
    found = mended(bench(), letter(b"\n".join(lines), code="bundle_too_large"))
    assert [each.event.event_id for each in found] == [f"e{n}" for n in range(150)]
    assert isinstance(bench().mend(letter(b"\n".join([*lines, b"{}"]), code="bundle_too_large"), NOW), Failing)


def test_what_stands_stands() -> None:
    """The same content again is no conflict; another under a recorded id is; of two letters the first is taken."""
    at = bench()
    (one,) = mended(at, letter())
    claims = {("pos", "e1"): [Claim(one.event.content_hash, "k", Place(NOW, 0, 0, 0))]}
    other = letter({**EVENT, "data": {"sku": "P-2"}})
    assert at.settle(letter(), [one], claims) is None
    refused = at.settle(other, mended(at, other), claims)
    assert refused is not None
    assert (refused.code, refused.pointer, refused.event_id) == ("id_conflict", "/event_id", "e1")
    fresh = bench()
    assert fresh.settle(letter(), mended(fresh, letter()), {}) is None
    assert fresh.settle(other, mended(fresh, other), {}) is not None
    assert fresh.settle(letter(), mended(fresh, letter()), {}) is None


def test_bundles_say_where_their_events_come_from() -> None:
    """Of one source, version and partition each; in order; no more than a record may hold."""
    letters = [letter({**EVENT, "event_id": f"e{n}"}, letter_id=f"ingest-0-{n}-0") for n in range(250)]
    letters += [letter({**EVENT, "event_id": "s"}, letter_id="log-1-1-1", source="shop")]
    found = bundles(mended(bench(), *letters), "events", "r1", lambda topic, key: 3)
    assert [len(each.value.split(b"\n")) for each in found] == [MAX_BUNDLE_EVENTS, MAX_BUNDLE_EVENTS, 50, 1]
    headers = [dict(each.headers) for each in found]
    assert [each["source"] for each in headers] == [b"pos", b"pos", b"pos", b"shop"]
    assert {each["replay"] for each in headers} == {b"r1"}
    named = [one for each in headers for one in each["letters"].split(b",")]
    assert named == [each["letter_id"].encode() for each in letters]
    assert {(each.topic, each.partition, each.key) for each in found} == {("events", 3, b"member_id:M1")}
