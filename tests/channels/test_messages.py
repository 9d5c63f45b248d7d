"""What messages mean, but for e-commerce."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from schemas.door import MAX_EVENT_BYTES
from tests.channels.conftest import Client

WHO = {"userId": "u1", "messageId": "m1"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Signed Up", "custom.signed_up"),
        ("signedUp", "custom.signed_up"),
        ("  signed-UP! ", "custom.signed_up"),
        ("HTTPServer Error 500", "custom.http_server_error_500"),
        ("Order Placed", "custom.order_placed"),
        ("点击按钮", "custom.xn--89qr92bkkkc68a"),
        ("Ｆｕｌｌ Width", "custom.full_width"),  # noqa: RUF001 -- wide letters are what is tested
    ],
)
def test_any_other_track_is_custom(client: Client, name: str, kind: str) -> None:
    """custom.<snake_case>; its properties are its data, unchanged; its name as sent stands in the context."""
    properties = {"Plan": "pro", "n": 1.10, "deep": [{"x": None}]}
    event = client.one("/v1/track", {"event": name, "properties": properties, **WHO})
    assert (event["type"], event["data"], event["context"]["event"]) == (kind, properties, name)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ({"properties": {"url": "https://a.b/c", "title": "C"}}, {"url": "https://a.b/c", "title": "C"}),
        ({"context": {"page": {"url": "https://a.b/d"}}}, {"url": "https://a.b/d"}),
        ({"name": "Home", "category": "Shop", "properties": {"url": None}}, {"name": "Home", "category": "Shop"}),
        ({"name": None, "category": None, "properties": {"query": 5}}, {"query": "5"}),
    ],
)
def test_a_page(client: Client, message: dict[str, Any], data: dict[str, Any]) -> None:
    """Its address stands in properties or in the context; its name beside or among them."""
    event = client.one("/v1/page", {**message, **WHO})
    assert (event["type"], event["data"]) == ("page.viewed", data)


def test_a_screen(client: Client) -> None:
    """As a page, in an app."""
    event = client.one("/v1/screen", {"name": "Cart", "properties": {"items": 2}, **WHO})
    assert (event["type"], event["data"]) == ("screen.viewed", {"name": "Cart", "items": 2})


def test_the_context_is_kept(client: Client) -> None:
    """With what else has no place; a campaign is known by its name, as in native events."""
    context = {"ip": "10.0.0.1", "campaign": {"name": "11.11", "source": "wechat"}}
    event = client.one("/v1/track", {"event": "x", "sentAt": "2026-11-22T00:00:00Z", "context": context, **WHO})
    assert event["context"] == {
        "ip": "10.0.0.1",
        "campaign": "11.11",
        "utm": {"name": "11.11", "source": "wechat"},
        "event": "x",
        "sentAt": "2026-11-22T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("message", "channel"),
    [
        ({"channel": "server"}, "server"),
        ({"context": {"library": {"name": "analytics.js"}}}, "web"),
        ({"context": {"library": {"name": "analytics-python"}}}, None),
    ],
)
def test_the_channel(client: Client, message: dict[str, Any], channel: str | None) -> None:
    """RudderStack's clients say it; of Segment's the library's name does."""
    assert client.one("/v1/page", {**message, **WHO}).get("channel") == channel


def test_without_message_id_the_server_makes_one(client: Client) -> None:
    """Another for each message; a number is its digits."""
    ids = [client.one("/v1/page", {"userId": "u1", "messageId": said})["event_id"] for said in (None, "", 7)]
    assert ids == ["made-1", "made-2", "7"]


def test_consent(client: Client) -> None:
    """One consent.changed for each purpose, known by message and purpose; what is no yes or no is not said."""
    preferences = {"Advertising": True, "Analytics": False, "Odd": "maybe", "": True}
    context = {
        "consent": {"categoryPreferences": preferences},
        "consentManagement": {"allowedConsentIds": ["mail"], "deniedConsentIds": ["sms"]},
    }
    page, *consents = client.take("/v1/page", {"context": context, **WHO})
    assert page["type"] == "page.viewed"
    assert {each["event_id"]: each["data"]["granted"] for each in consents} == {
        "m1:consent:Advertising": True,
        "m1:consent:Analytics": False,
        "m1:consent:mail": True,
        "m1:consent:sms": False,
    }
    assert {(each["type"], each["occurred_at"]) for each in consents} == {("consent.changed", page["occurred_at"])}


def test_consent_under_a_long_message_id(client: Client) -> None:
    """Its event's id is a hash then, as long ids are not taken."""
    context = {"consent": {"categoryPreferences": {"ads": True}}}
    _, consent = client.take("/v1/page", {"context": context, "userId": "u1", "messageId": "m" * 195})
    assert len(consent["event_id"]) == 32


def test_a_message_lands_whole_or_not_at_all(client: Client) -> None:
    """Its consent is not recorded without it: one dead letter holds all of it."""
    message = {"event": "Order Completed", "context": {"consent": {"categoryPreferences": {"ads": True}}}, **WHO}
    assert client.letter("/v1/track", message).code == "missing_field"


@pytest.mark.parametrize(
    ("message", "code", "pointer"),
    [
        ({}, "missing_field", "/type"),
        ({"type": ""}, "missing_field", "/type"),
        ({"type": "delete"}, "unknown_type", "/type"),
        ({"type": "batch"}, "unknown_type", "/type"),
        ({"type": 5}, "unknown_type", "/type"),
        ({"type": "track"}, "missing_field", "/event"),
        ({"type": "track", "event": " "}, "missing_field", "/event"),
        ({"type": "track", "event": 5}, "invalid_type", "/event"),
        ({"type": "track", "event": "?!"}, "invalid_value", "/event"),
        ({"type": "track", "event": "x" * 300}, "unknown_type", "/event"),
        ({"type": "track", "event": "x", "properties": []}, "invalid_type", "/properties"),
        ({"type": "page", "messageId": {}}, "invalid_type", "/messageId"),
        ({"type": "page", "messageId": "m" * 201}, "invalid_value", "/messageId"),
        ({"type": "page", "properties": {"url": []}}, "invalid_type", "/properties/url"),
    ],
)
def test_messages_that_mean_nothing(client: Client, message: dict[str, Any], code: str, pointer: str) -> None:
    """Dead letters that say where; the answer is success."""
    assert client.take("/v1/batch", {"batch": [{**WHO, **message}]}) == []
    (letter,) = client.letters()
    assert (letter.code, letter.pointer) == (code, pointer)


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b'"x"'])
def test_a_message_that_is_no_object(client: Client, body: bytes) -> None:
    """It can be read, so it is a dead letter, not an error."""
    letter = client.letter("/v1/track", body)
    assert (letter.code, letter.original) == ("invalid_type", body)


def test_the_size_of_a_message(client: Client) -> None:
    """32 KiB of it, and what is beyond is a dead letter; what only its context makes too large goes without."""
    message = {"event": "x", "context": {"page": "x" * 200}, **WHO}
    room = MAX_EVENT_BYTES - len(orjson.dumps({**message, "properties": {"p": ""}}))
    full = {**message, "properties": {"p": "x" * room}}
    event = client.one("/v1/track", full)
    assert (event["data"], event.get("context")) == (full["properties"], None)
    assert client.letter("/v1/track", {**full, "event": "xx"}).code == "too_large"


def test_what_holds_for_a_batch_has_limits_too(client: Client) -> None:
    """A context that no event could carry refuses the request, and so do events that are too many bytes together."""
    items = [{"type": "page", **WHO, "messageId": str(number)} for number in range(600)]
    for context in ({"page": "x" * MAX_EVENT_BYTES}, _nested(30)):
        answer = client.post("/v1/batch", {"batch": items, "context": context})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/context")
    answer = client.post("/v1/batch", {"batch": items, "context": {"page": "x" * (MAX_EVENT_BYTES - 1000)}})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert client.log.records == []


@pytest.mark.parametrize(
    ("context", "code"),
    [
        ({"consent": {"categoryPreferences": {str(n): True for n in range(101)}}}, "invalid_value"),
        ({"deep": [[[[[[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]]]]]]}, "too_deep"),
    ],
)
def test_what_holds_for_a_message_has_limits(client: Client, context: dict[str, Any], code: str) -> None:
    """Purposes, and levels of nesting."""
    assert client.letter("/v1/page", {**WHO, "context": context}).code == code


def _nested(levels: int) -> dict[str, Any]:
    return {"x": _nested(levels - 1)} if levels else {}
