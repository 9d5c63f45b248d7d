"""Query parameters: read the same way everywhere; a bad one is a 400 that names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.parameters import (
    asked_moment,
    awaited,
    from_micros,
    page_limit,
    read_cursor,
    read_time,
    write_cursor,
)
from projections.resolution import FOREVER
from schemas.errors import RequestError
from schemas.positions import encode

times = st.datetimes(datetime(1970, 1, 1), datetime(2260, 1, 1), timezones=st.just(UTC))


def refused(ask: object, *given: object) -> RequestError:
    with pytest.raises(RequestError) as raised:
        ask(*given)  # type: ignore[operator]
    return raised.value


@given(times, st.text(), st.text())
def test_a_cursor_leads_back_to_where_the_page_ended(at: datetime, event_id: str, source: str) -> None:
    """To the microsecond, whatever characters ids have; and it needs no escaping in a URL."""
    cursor = write_cursor((at, event_id, source))
    micros, *ids = read_cursor(cursor, tuple[int, str, str])
    assert (from_micros(micros), ids) == (at, [event_id, source])
    assert set(cursor) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@given(
    st.text() | st.binary().map(bytes.hex) | st.integers(-(2**63), 2**63 - 1).map(lambda n: write_cursor((n, "x", "y")))
)
def test_any_other_cursor_is_refused(text: str) -> None:
    """Never a 500: what this list did not give out is `bad_cursor`."""
    try:
        micros, *_ = read_cursor(text, tuple[int, str, str])
        from_micros(micros)
    except RequestError as error:
        assert (error.code, error.pointer) == ("bad_cursor", "/query/cursor")


@given(times, st.sampled_from(("Z", "+00:00", "+08:00", "-05:30")))
def test_times_are_read_with_their_offset(at: datetime, offset: str) -> None:
    """Also when a client forgot to escape the plus sign, which then arrives as a space."""
    hours, minutes = (0, 0) if offset == "Z" else (int(offset[:3]), int(offset[4:]))
    shift = timedelta(hours=hours, minutes=minutes if hours >= 0 else -minutes)
    written = at.replace(tzinfo=None).isoformat() + offset
    assert read_time("as_of", written) == at - shift
    assert read_time("as_of", written.replace("+", " ")) == at - shift


@pytest.mark.parametrize(
    "text", ["", "now", "2026-01-01", "2026-01-01T00:00:00", "1", "2300-01-01T00:00:00Z", "9" * 40]
)
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """The answer names the parameter."""
    assert refused(read_time, "as_of", text).pointer == "/query/as_of"


def test_as_of_looks_back_in_two_ways() -> None:
    """By occurrence with all that is known now, by receipt with what was known then; without it, live."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    by_occurrence, by_receipt = (
        asked_moment("2026-01-01T00:00:00Z"),
        asked_moment("2026-01-01T00:00:00Z", "received_at"),
    )
    assert (by_occurrence.moment.at, by_occurrence.moment.known, by_occurrence.live) == (at, FOREVER, False)
    assert (by_receipt.moment.at, by_receipt.moment.known) == (at, at)
    assert asked_moment().live
    assert refused(asked_moment, None, "arrival").pointer == "/query/by"


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.0", "", "ten", "٣", "9" * 30])
def test_a_limit_out_of_range_is_refused(limit: str) -> None:
    """A page has 1 to 200 rows."""
    assert refused(page_limit, limit).pointer == "/query/limit"


def test_limits_in_range_are_taken() -> None:
    """Both ends included."""
    assert [page_limit(text) for text in ("1", "50", "200")] == [1, 50, 200]


@pytest.mark.parametrize("timeout", ["-1", "31", "nan", "inf", "", "soon"])
def test_a_timeout_out_of_range_is_refused(timeout: str) -> None:
    """At most 30 seconds."""
    assert refused(awaited, [], timeout).pointer == "/query/timeout"


def test_several_positions_are_one() -> None:
    """`after` may be repeated: the furthest of each partition counts."""
    tokens = [encode({"events": {0: 5, 1: 1}}), encode({"events": {0: 3}, "dead_letters": {2: 9}})]
    assert awaited(tokens, "0.5").position == {"events": {0: 5, 1: 1}, "dead_letters": {2: 9}}
    assert refused(awaited, ["nonsense"]).code == "bad_parameter"
