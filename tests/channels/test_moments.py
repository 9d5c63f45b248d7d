"""When a message's event occurred."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.times import parse_time
from tests.channels.conftest import Client

# The test's clock stands at 2026-11-22T00:00:00Z.
AN_HOUR_AHEAD = {"timestamp": "2026-11-22T00:59:50Z", "sentAt": "2026-11-22T01:00:00Z"}


def message(**more: Any) -> dict[str, Any]:
    """A message with these times."""
    return {"type": "track", "event": "x", "userId": "u1", "messageId": "m1", **more}


def test_the_clock_of_the_device_does_not_matter(client: Client) -> None:
    """received - (sent - said): ten seconds before it was sent is ten seconds before we received it."""
    event = client.one("/v1/track", message(**AN_HOUR_AHEAD))
    assert parse_time(event["occurred_at"]).utc == parse_time("2026-11-21T23:59:50Z").utc
    assert event["time_derived"] is True


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"timestamp": "2026-11-20T00:00:00Z", "originalTimestamp": "2026-11-19T00:00:00Z"}, "2026-11-20T00:00:00Z"),
        ({"timestamp": None, "originalTimestamp": "2026-11-19T08:00:00+08:00"}, "2026-11-19T08:00:00+08:00"),
        ({"timestamp": "2026-11-20T00:00:00Z", "sentAt": "when it was sent"}, "2026-11-20T00:00:00Z"),
    ],
    ids=["timestamp", "originalTimestamp", "sentAt that is none"],
)
def test_without_sent_at_nothing_is_corrected(client: Client, times: dict[str, Any], said: str) -> None:
    """It is said as it was, by `timestamp`, else `originalTimestamp`, and is content."""
    event = client.one("/v1/track", message(**times))
    assert (event["occurred_at"], event.get("time_derived")) == (said, None)


def test_sent_at_is_the_items_else_the_envelopes(client: Client) -> None:
    """An item that was kept back has its own."""
    said = "2026-11-21T00:00:00Z"
    items = [message(timestamp=said), message(timestamp=said, sentAt="2026-11-21T00:00:02Z", messageId="m2")]
    events = client.take("/v1/batch", {"batch": items, "sentAt": "2026-11-21T00:00:05Z"})
    times = {event["event_id"]: parse_time(event["occurred_at"]).utc for event in events}
    assert times["m1"] == parse_time("2026-11-21T23:59:55Z").utc
    assert times["m2"] == parse_time("2026-11-21T23:59:58Z").utc


def test_a_message_without_time_occurred_when_it_came(client: Client) -> None:
    """And is known to have been told by the server."""
    event = client.one("/v1/track", message())
    assert (event["occurred_at"], event["time_derived"]) == ("2026-11-22T00:00:00Z", True)


def test_the_offset_is_kept(client: Client) -> None:
    """What was eight in the morning there stays so."""
    event = client.one("/v1/track", message(timestamp="2026-11-21T08:00:00+08:00", sentAt="2026-11-22T00:00:00Z"))
    assert event["occurred_at"] == "2026-11-21T08:00:00+08:00"


def test_limits_apply_after_correction(client: Client) -> None:
    """A device that lives in 2099 is believed as to how long ago; without sentAt it is not."""
    future = {"timestamp": "2099-01-01T00:00:00Z", "sentAt": "2099-01-01T00:00:01Z"}
    assert client.one("/v1/track", message(**future))["occurred_at"].startswith("2026-11-21T23:59:59")
    letter = client.letter("/v1/track", message(timestamp="2099-01-01T00:00:00Z"))
    assert (letter.code, letter.pointer) == ("time_out_of_range", "/timestamp")


@pytest.mark.parametrize(
    ("times", "code", "pointer"),
    [
        ({"timestamp": "yesterday"}, "invalid_time", "/timestamp"),
        ({"originalTimestamp": 1732233600}, "invalid_time", "/originalTimestamp"),
        ({"timestamp": "2026-11-22T08:00:00"}, "invalid_time", "/timestamp"),
        ({"timestamp": "0001-01-01T00:00:00Z", "sentAt": "9999-12-31T23:59:59Z"}, "time_out_of_range", "/timestamp"),
        ({"timestamp": "0001-01-01T00:00:00Z", "sentAt": "2026-11-22T00:00:00Z"}, "time_out_of_range", "/timestamp"),
    ],
    ids=["words", "a number", "no offset", "beyond all calendars", "before 1970"],
)
def test_times_that_are_none(client: Client, times: dict[str, Any], code: str, pointer: str) -> None:
    """The message is a dead letter that says where."""
    letter = client.letter("/v1/track", message(**times))
    assert (letter.code, letter.pointer, letter.event_id) == (code, pointer, "m1")


def test_sent_again_it_is_the_same_event(client: Client) -> None:
    """It differs in sentAt, so in corrected time; neither is content. A time that was simply said is."""
    first = client.admitted("/v1/track", message(**AN_HOUR_AHEAD))
    again = client.admitted("/v1/track", message(**{**AN_HOUR_AHEAD, "sentAt": "2026-11-22T01:03:00Z"}))
    assert first.occurred_at != again.occurred_at
    assert first.content_hash == again.content_hash

    said = [client.admitted("/v1/track", message(timestamp=f"2026-11-2{day}T00:00:00Z")) for day in (0, 1)]
    assert said[0].content_hash != said[1].content_hash
