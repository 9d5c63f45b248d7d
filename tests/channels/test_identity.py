"""Whom messages are about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.conftest import Client


def addresses(client: Client, path: str, message: dict[str, Any]) -> list[str]:
    """The identifiers of the event a message became, in order."""
    return [identifier.address for identifier in client.admitted(path, {"messageId": "m1", **message}).ids]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"userId": "u1", "anonymousId": "a1"}, ["user_id:u1", "anonymous_id:a1"]),
        ({"userId": 42}, ["user_id:42"]),
        ({"userId": 42.0}, ["user_id:42"]),
        ({"userId": 12345678901234567890}, ["user_id:12345678901234567890"]),
        ({"userId": None, "anonymousId": "a1"}, ["anonymous_id:a1"]),
        ({"userId": "", "anonymousId": "a1"}, ["anonymous_id:a1"]),
        ({"userId": "null", "anonymousId": "a1"}, ["anonymous_id:a1"]),
        ({"context": {"traits": {"email": "A@B.co"}}}, ["email:a@b.co"]),
        ({"context": {"traits": {"phone": 13800138000}}}, ["phone:+8613800138000"]),
        ({"context": {"traits": {"phone": ["x"], "email": {}}}, "userId": "u1"}, ["user_id:u1"]),
    ],
)
def test_the_ids_of_a_message(client: Client, message: dict[str, Any], found: list[str]) -> None:
    """User, visitor, e-mail and phone of traits; a numeric id is its digits; null, empty and placeholders are none."""
    assert addresses(client, "/v1/track", {"event": "x", **message}) == found


def test_external_ids(client: Client) -> None:
    """Those of types we know, in either spelling of the specification; hashed ones are nobody's."""
    segment = [
        {"type": "member_id", "id": "M1", "collection": "users", "encoding": "none"},
        *({"type": "memberId", "id": f"M{number}"} for number in (1, 2, 3, 3)),
        {"type": "cardNo", "id": 77},
        {"type": "email", "id": "0cc175b9c0f1b6a831c399e269772661", "encoding": "md5"},
        {"type": "brazeExternalId", "id": "b"},
        {"type": 5, "id": "x", "encoding": ["none"]},
        {"type": ["x"], "id": "x"},
        {"type": "email", "id": {}},
        "odd",
    ]
    rudder = [{"type": "unionId", "id": "w1"}, {"type": "openid", "id": "o1"}]
    context = {"externalIds": segment, "externalId": rudder}
    assert addresses(client, "/v1/track", {"event": "x", "context": context}) == [
        "member_id:M1", "member_id:M2", "member_id:M3", "card_no:77", "wechat_unionid:w1", "wechat_openid:shop/o1",
    ]  # fmt: skip


def test_traits_come_from_both_places_and_keep_their_types(client: Client) -> None:
    """Those of the message win; numbers stay numbers, null stays null; their e-mail and phone identify."""
    traits = {"age": 41, "vip": True, "score": 1.5, "city": None, "tags": ["a"], "email": "a@b.co"}
    message = {
        "userId": "u1",
        "traits": traits,
        "context": {"traits": {"age": 7, "phone": "13800138000", "lang": "zh"}},
    }
    event = client.one("/v1/identify", message)
    assert event["type"] == "customer.identified"
    assert event["data"] == {"traits": {"phone": "13800138000", "lang": "zh", **traits}}
    assert addresses(client, "/v1/identify", message) == ["user_id:u1", "phone:+8613800138000", "email:a@b.co"]


def test_what_a_group_says_of_itself_identifies_nobody(client: Client) -> None:
    """A company's e-mail is not the customer's."""
    message = {"userId": "u1", "groupId": 7, "traits": {"email": "info@company.co", "plan": "pro"}}
    event = client.one("/v1/group", message)
    assert (event["type"], event["ids"]) == ("group.joined", {"user_id": "u1"})
    assert event["data"] == {"group_id": "7", "traits": {"email": "info@company.co", "plan": "pro"}}


def test_the_context_of_a_batch_holds_for_each_message(client: Client) -> None:
    """A message's own wins, part by part."""
    context = {"traits": {"email": "a@b.co", "phone": "13800138000"}, "ip": "10.0.0.1", "locale": "zh-CN"}
    own = {"traits": {"email": "own@b.co"}, "locale": "en"}
    item = {"type": "track", "event": "x", "userId": "u1", "context": own}
    (event,) = client.take("/v1/batch", {"batch": [item], "context": context})
    assert event["ids"] == {"user_id": "u1", "email": "own@b.co", "phone": "13800138000"}
    assert (event["context"]["ip"], event["context"]["locale"]) == ("10.0.0.1", "en")


def test_an_alias_links_a_visitor_and_a_former_user(client: Client) -> None:
    """previousId may have been either: it is linked as both."""
    assert client.one("/v1/alias", {"userId": "new", "previousId": "old"})["type"] == "customer.linked"
    found = addresses(client, "/v1/alias", {"userId": "new", "previousId": "old"})
    assert found == ["user_id:new", "user_id:old", "anonymous_id:old"]


def test_a_visitor_may_have_an_alias(client: Client) -> None:
    """A browser's alias that comes before the user is known."""
    assert addresses(client, "/v1/alias", {"anonymousId": "a", "previousId": "old"}) == [
        "user_id:old", "anonymous_id:a", "anonymous_id:old",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "message", "code", "pointer"),
    [
        ("/v1/track", {"event": "x"}, "no_identifier", "/userId"),
        ("/v1/identify", {"userId": "", "anonymousId": None, "traits": {"city": "上海"}}, "no_identifier", "/userId"),
        ("/v1/track", {"event": "x", "userId": ["a", "b"]}, "invalid_type", "/userId"),
        ("/v1/track", {"event": "x", "userId": True}, "invalid_type", "/userId"),
        ("/v1/identify", {"userId": "u", "traits": ["x"]}, "invalid_type", "/traits"),
        ("/v1/track", {"event": "x", "userId": "u", "context": "x"}, "invalid_type", "/context"),
        ("/v1/track", {"event": "x", "userId": "u", "context": {"traits": 1}}, "invalid_type", "/context/traits"),
        ("/v1/alias", {"userId": "u"}, "missing_field", "/previousId"),
        ("/v1/alias", {"previousId": "u"}, "no_identifier", "/userId"),
        ("/v1/group", {"userId": "u"}, "missing_field", "/groupId"),
        ("/v1/track", {"event": "x", "userId": "u" * 201}, "invalid_value", "/userId"),
    ],
)
def test_who_cannot_be_told(client: Client, path: str, message: dict[str, Any], code: str, pointer: str) -> None:
    """A dead letter that says where; the answer is still success."""
    letter = client.letter(path, message)
    assert (letter.code, letter.pointer) == (code, pointer)
