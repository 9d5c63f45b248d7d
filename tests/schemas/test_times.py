"""Times: an instant and its offset in, UTC out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidValue
from schemas.times import format_time, parse_time

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(9998, 12, 30), timezones=ZONES)


@given(TIMES)
def test_every_time_survives(moment):
    """Instant and offset are kept, and what is printed reads as the same instant."""
    read = parse_time(moment.isoformat())
    assert read.utc == moment
    assert timedelta(minutes=read.offset) == moment.utcoffset()
    assert parse_time(format_time(read.utc)) == (moment, 0)


@given(st.text(max_size=40))
def test_text_is_a_time_or_refused(text):
    """Nothing but InvalidValue."""
    try:
        parse_time(text)
    except InvalidValue as error:
        assert error.code == "invalid_time"


@pytest.mark.parametrize(
    ("text", "printed", "offset"),
    [
        ("2026-11-22T08:00:00+08:00", "2026-11-22T00:00:00Z", 480),
        ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z", 0),
        ("2026-11-22t08:00:00z", "2026-11-22T08:00:00Z", 0),
        ("2026-11-22 08:00:00-00:00", "2026-11-22T08:00:00Z", 0),
        ("2026-11-22T08:00:00.5-03:30", "2026-11-22T11:30:00.5Z", -210),
        ("2026-11-22T08:00:00.123456789Z", "2026-11-22T08:00:00.123456Z", 0),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", 0),
        ("1998-12-31T23:59:60Z", "1998-12-31T23:59:59.999999Z", 0),
        ("1999-01-01T07:59:60.5+08:00", "1998-12-31T23:59:59.999999Z", 480),
    ],
)
def test_times_that_are_read(text, printed, offset):
    """RFC 3339 in all its spellings; a leap second keeps its day."""
    assert (format_time(parse_time(text).utc), parse_time(text).offset) == (printed, offset)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-11-22",
        "2026-11-22T08:00:00",
        "2026-11-22T08:00Z",
        "20261122T080000Z",
        "2026-W47-7T08:00:00Z",
        "2026-11-31T08:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T08:60:00Z",
        "2026-11-22T08:00:61Z",
        "2026-11-22T08:00:00+24:00",
        "2026-11-22T08:00:00+08:60",
        "2026-11-22T08:00:00+0800",
        "2026-11-22T08:00:00,5Z",
        "2026-11-22T08:00:00.Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00Z",
        "\uff12\uff10\uff12\uff16-11-22T08:00:00Z",
        "2026-11-22T08:00:00Z\n",
        1763769600,
        None,
        True,
        [],
        datetime(2026, 11, 22, tzinfo=UTC),
    ],
)
def test_times_that_are_refused(value):
    """No offset, no such day, another format, another type."""
    with pytest.raises(InvalidValue) as caught:
        parse_time(value)
    assert caught.value.code == "invalid_time"


def test_the_advice_names_a_missing_offset():
    """The most common mistake has its own sentence."""
    with pytest.raises(InvalidValue, match="offset"):
        parse_time("2026-11-22T08:00:00")
