"""A record's value is one event or many, and what went in comes out, byte for byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.bundle import MAX_BUNDLE_EVENTS, join, one_line, split
from schemas.decoding import decode_event
from schemas.errors import Rejected

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.decimals(allow_nan=False, allow_infinity=False).map(float)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)


@given(st.lists(EVENTS, min_size=1, max_size=20))
def test_what_is_joined_is_split_again(events):
    """split(join(x)) = x."""
    lines = [json.dumps(event).encode() for event in events]
    assert split(join(lines)) == lines


@given(EVENTS)
def test_a_printed_event_is_one_event(event):
    """Over many lines it is still one, and means the same, to the last digit."""
    printed = json.dumps(event, indent=2).encode()
    assert b"\n" not in one_line(printed)
    assert decode_event(one_line(printed)) == decode_event(printed)
    assert len(split(printed)) == 1


def test_one_line_keeps_the_spelling_of_numbers():
    """Decimals stay as written, and so do names that occur twice."""
    assert one_line(b'{\r\n "a": 1.50,\n "a": 1e2 }') == b'{"a":1.50,"a":1e2}'
    assert one_line(b'{"a": 1.50}') == b'{"a": 1.50}'


def test_what_is_no_json_has_no_one_line():
    """It is refused, not mended."""
    with pytest.raises(Rejected) as caught:
        one_line(b'{"a":\n')
    assert caught.value.code == "unreadable"


def test_blank_lines_and_carriage_returns_do_not_count():
    """NDJSON as tools write it."""
    assert split(b'\r\n{"a":1}\r\n\n  \n{"b":2}\n') == [b'{"a":1}', b'{"b":2}']
    assert split(b"") == split(b"\n \n") == []


def test_a_bad_line_spoils_no_other():
    """Each line stands for itself."""
    assert split(b'{"a":1}\n{oops\n{"b":2}') == [b'{"a":1}', b"{oops", b'{"b":2}']


def test_a_record_carries_a_hundred_events():
    """One more, and the record is refused as a whole."""
    assert len(split(b"{}\n" * MAX_BUNDLE_EVENTS)) == MAX_BUNDLE_EVENTS
    with pytest.raises(Rejected) as caught:
        split(b"{}\n" * (MAX_BUNDLE_EVENTS + 1))
    assert caught.value.code == "bundle_too_large"


@given(st.binary())
def test_any_value_is_split_or_refused(value):
    """Nothing but Rejected, whatever a channel publishes."""
    try:
        lines = split(value)
    except Rejected:
        return
    assert all(line.strip() == line != b"" for line in lines)
