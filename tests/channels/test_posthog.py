"""PostHog's /batch/."""

from __future__ import annotations

from typing import Any

from tests.channels.conftest import Client

Json = dict[str, Any]


def taken(client: Client, *batch: Json) -> dict[str, Json]:
    """The native events of a batch, by id."""
    client.log.records.clear()
    answer = client.http.post("/batch/", json={"api_key": "k1", "batch": batch, "sentAt": "2026-11-22T00:00:05Z"})
    assert (answer.status_code, answer.json()) == (200, {"status": 1})
    return {event["event_id"]: event for event in client.events()}


def test_a_person_before_and_after_they_are_known(client: Client) -> None:
    """A device's id is a visitor's; $identify joins it to the user; $set tells of the person."""
    time = {"timestamp": "2026-11-22T00:00:00Z"}
    events = taken(
        client,
        {"event": "$pageview", "uuid": "1", "distinct_id": "d1", **time,
         "properties": {"$device_id": "d1", "$current_url": "https://a.b/"}},
        {"event": "$identify", "uuid": "2", "properties": {"distinct_id": "u1", "$anon_distinct_id": "d1",
         "$set": {"email": "a@b.co"}, "$set_once": {"email": "x@b.co", "from": "ad"}}, **time},
        {"event": "Order Completed", "uuid": "3", "distinct_id": "u1", **time,
         "properties": {"order_id": 1, "total": 5, "$set": {"vip": True}}},
        {"event": "plan chosen", "uuid": "4", "distinct_id": "u1", "properties": {"plan": "pro"}},
        {"event": "$create_alias", "uuid": "5", "properties": {"distinct_id": "u1", "alias": "old"}},
    )  # fmt: skip
    assert {event_id: (event["type"], event["ids"]) for event_id, event in events.items()} == {
        "1": ("page.viewed", {"anonymous_id": "d1"}),
        "2": ("customer.identified", {"user_id": "u1", "anonymous_id": "d1", "email": "a@b.co"}),
        "3": ("order.completed", {"user_id": "u1"}),
        "3:set": ("customer.identified", {"user_id": "u1"}),
        "4": ("custom.plan_chosen", {"user_id": "u1"}),
        "5": ("customer.linked", {"user_id": ["u1", "old"], "anonymous_id": "old"}),
    }
    assert events["1"]["data"]["url"] == "https://a.b/"
    assert events["2"]["data"]["traits"] == {"email": "a@b.co", "from": "ad"}
    assert (events["1"]["occurred_at"], events["1"]["time_derived"]) == ("2026-11-21T23:59:55+00:00", True)


def test_a_bad_event_is_a_dead_letter(client: Client) -> None:
    """The rest lands."""
    bad: list[Json] = [
        {"distinct_id": "u"},
        {"event": "x", "distinct_id": "u", "properties": [1]},
        {"event": "$screen"},
    ]
    assert set(taken(client, *bad, {"event": "$screen", "uuid": "1", "distinct_id": "u"})) == {"1"}
    assert {(letter.index, letter.code, letter.pointer, letter.format) for letter in client.letters()} == {
        (0, "missing_field", "/event", "posthog"),
        (1, "invalid_type", "/properties", "posthog"),
        (2, "no_identifier", "/distinct_id", "posthog"),
    }


def test_without_a_key(client: Client) -> None:
    """401."""
    assert client.http.post("/batch/", json={"batch": []}).status_code == 401
