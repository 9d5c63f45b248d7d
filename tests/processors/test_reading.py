"""Bundles to candidates: whatever a channel writes, each event is admitted or refused on its own."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.recorder.reading import Read, failed, read
from schemas.bundle import MAX_BUNDLE_EVENTS
from tests.processors.records import DOOR, SOURCES, event, record

SCRAPS = st.sampled_from(
    (event(), event("e2", a=1), b"{}", b"{", b"[]", b"null", b"\xff", b'{"event_id": "x"}', b"\n", b"")
)
VALUES = st.none() | st.binary(max_size=60) | st.lists(SCRAPS, max_size=6).map(b"\n".join)
HEADERS = st.fixed_dictionaries(
    {
        "source": st.sampled_from((b"pos", b"pos", b"", b"nobody", b"\xff")),
        "v": st.sampled_from((b"", b"1", b"x", b"99")),
    }
)


def taken(*records) -> Read:
    return read(records, DOOR, SOURCES)


def test_a_bundle_keeps_its_order() -> None:
    """Each event has its index within the record, and its own bytes."""
    found = taken(record(event("e1") + b"\n\n" + event("e2"), offset=7, partition=2))
    places = [
        (each.id, each.fact.place.partition, each.fact.place.offset, each.fact.place.index) for each in found.candidates
    ]
    assert places == [(("pos", "e1"), 2, 7, 0), (("pos", "e2"), 2, 7, 1)]
    assert [each.raw for each in found.candidates] == [event("e1"), event("e2")]


def test_a_bad_event_harms_no_other() -> None:
    """It becomes a letter that knows where it lay, what it said and who it would have been."""
    bad = b'{"event_id": "e2", "type": "nope"}'
    found = taken(record(b"\n".join([event("e1"), bad, event("e3")]), offset=4, partition=1))
    assert [each.id[1] for each in found.candidates] == ["e1", "e3"]
    (letter,) = found.letters
    assert (letter.code, letter.event_id, letter.original) == ("unknown_type", "e2", bad)
    assert (letter.topic, letter.partition, letter.offset, letter.index) == ("events", 1, 4, 1)
    assert (letter.source, letter.origin) == ("pos", "recorder")


@pytest.mark.parametrize(
    ("value", "headers", "code"),
    [
        (None, {}, "unreadable"),
        (b"", {}, "unreadable"),
        (b" \n\t\n", {}, "unreadable"),
        (event(), {"source": b""}, "unknown_source"),
        (event(), {"source": b"nobody"}, "unknown_source"),
        (event(), {"v": b"one"}, "unknown_version"),
        (event(), {"v": b"\xd9\xa1"}, "unknown_version"),
        (event(), {"v": b"7"}, "unknown_version"),
        (b"\n".join([event()] * (MAX_BUNDLE_EVENTS + 1)), {}, "bundle_too_large"),
    ],
)
def test_a_record_that_cannot_be_read_is_one_letter(value: bytes | None, headers: dict[str, bytes], code: str) -> None:
    """Its bytes are kept, and it holds up nothing."""
    found = taken(record(value, headers=headers), record(event("next"), offset=1))
    assert [each.id[1] for each in found.candidates] == ["next"]
    assert [(letter.code, letter.original) for letter in found.letters] == [(code, value or b"")]


def test_a_bundle_of_nobody_is_a_letter_an_event() -> None:
    """Each with its id and place, so that each can be found and replayed."""
    found = taken(record(event("e1") + b"\n" + event("e2"), headers={"source": b"nobody", "v": b"0"}))
    assert [(each.event_id, each.index, each.original) for each in found.letters] == [
        ("e1", 0, event("e1")), ("e2", 1, event("e2")),
    ]  # fmt: skip
    assert {each.version for each in found.letters} == {"0"}


def test_an_event_alone_keeps_its_very_bytes() -> None:
    """However it is printed."""
    printed = orjson.dumps({"event_id": "e1", "type": "nope"}, option=orjson.OPT_INDENT_2) + b"\n"
    (letter,) = taken(record(printed)).letters
    assert (letter.code, letter.event_id, letter.original) == ("unknown_type", "e1", printed)


def test_a_replayed_record_says_which_letters_it_comes_from() -> None:
    """By place, whether its events are taken or refused again; headers that do not fit say nothing."""
    value = event("e1") + b"\n" + b'{"event_id": "e2"}'
    headers = {"replay": b"r1", "letters": b"log-1-2-3,ingest-0-4-0"}
    said = taken(record(value, offset=7, headers=headers)).repairs
    assert [(each.letter_id, each.replay_id, each.source, each.event_id, each.place.index) for each in said] == [
        ("log-1-2-3", "r1", "pos", "e1", 0), ("ingest-0-4-0", "r1", "pos", "e2", 1),
    ]  # fmt: skip
    assert taken(record(event("e1"), headers=headers)).repairs == []
    assert [each.letter_id for each in failed(record(value, headers=headers)).repairs] == ["log-1-2-3", "ingest-0-4-0"]


def test_what_cannot_be_processed_is_a_letter_an_event() -> None:
    """With its id."""
    found = failed(record(event("e1") + b"\n" + event("e2")))
    assert [(each.code, each.event_id) for each in found.letters] == [
        ("processing_failed", "e1"), ("processing_failed", "e2"),
    ]  # fmt: skip
    assert [each.original for each in failed(record(b"")).letters] == [b""]


@given(st.lists(st.tuples(VALUES, HEADERS), max_size=5))
def test_nothing_a_channel_writes_is_lost_or_raises(written: list[tuple[bytes | None, dict[str, bytes]]]) -> None:
    """Every record gives at least a candidate or a letter, at places of its own."""
    found = taken(*(record(value, offset, headers=headers) for offset, (value, headers) in enumerate(written)))
    candidates = [(each.fact.place.offset, each.fact.place.index) for each in found.candidates]
    places = candidates + [(letter.offset, letter.index) for letter in found.letters]
    assert len(set(places)) == len(places)
    assert {offset for offset, _ in places} == set(range(len(written)))
