"""Bundles to candidates: whatever a channel writes, each event is admitted or refused on its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.recorder.reading import Read, read
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


@given(st.lists(st.tuples(VALUES, HEADERS), max_size=5))
def test_nothing_a_channel_writes_is_lost_or_raises(written: list[tuple[bytes | None, dict[str, bytes]]]) -> None:
    """Every record gives at least a candidate or a letter, at places of its own."""
    found = taken(*(record(value, offset, headers=headers) for offset, (value, headers) in enumerate(written)))
    candidates = [(each.fact.place.offset, each.fact.place.index) for each in found.candidates]
    places = candidates + [(letter.offset, letter.index) for letter in found.letters]
    assert len(set(places)) == len(places)
    assert {offset for offset, _ in places} == set(range(len(written)))
