"""How requests to channels are read and answered, whatever they mean."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable

import orjson
import pytest

from ingest.body import MAX_BODY_BYTES
from schemas.positions import decode as decode_position
from tests.channels.conftest import Client

TRACK = {"type": "track", "event": "Signed Up", "userId": "u1", "messageId": "m1"}
VERBS = ("identify", "track", "page", "screen", "group", "alias")
BASIC = "Basic " + base64.b64encode(b"k1:").decode()


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t"])
def test_the_answer_is_exactly_what_clients_wait_for(client: Client, path: str) -> None:
    """200 and this body; some clients send again after any other 2xx. The position stands in a header."""
    answer = client.post(path, TRACK)
    assert (answer.status_code, answer.content) == (200, b'{"success": true}')
    assert answer.headers["content-type"] == "application/json"
    assert set(decode_position(answer.headers["x-cdp-position"])) == {"events"}


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import", "/v1/b"])
def test_a_list_of_messages(client: Client, path: str) -> None:
    """Each becomes an event; a list of none is none."""
    assert len(client.take(path, {"batch": [TRACK, {**TRACK, "messageId": "m2"}]})) == 2
    assert client.take(path, {"batch": []}) == []


def test_short_forms_mean_the_long_ones(client: Client) -> None:
    """i t p s g a; the verb of the address holds, not the body's type."""
    message = {"userId": "u1", "event": "x", "groupId": "g", "previousId": "p", "type": "identify"}
    long = [client.one(f"/v1/{verb}", message)["type"] for verb in VERBS]
    assert long == [
        "customer.identified", "custom.x", "page.viewed", "screen.viewed", "group.joined", "customer.linked",
    ]  # fmt: skip
    assert [client.one(f"/v1/{short}", message)["type"] for short in "itpsga"] == long


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": BASIC},
        {"Authorization": "Bearer k1"},
        {"X-Write-Key": "k1"},
    ],
    ids=["basic", "bearer", "header"],
)
def test_the_key_in_the_head(client: Client, headers: dict[str, str]) -> None:
    """Each way a client may present it."""
    assert client.http.post("/v1/track", json=TRACK, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_the_key_in_the_body(client: Client, path: str) -> None:
    """Of a message, or around a list; half a surrogate pair beside it does not hide it."""
    body = orjson.dumps({**TRACK, "batch": [TRACK], "writeKey": "k1"}).replace(b"Signed", b"\\\\ud83d"[1:])
    assert client.http.post(path, content=body).status_code == 200


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, TRACK), ({}, {**TRACK, "writeKey": "k2"}), ({}, {**TRACK, "writeKey": 7}), ({"X-Write-Key": "k2"}, TRACK)],
    ids=["none", "unknown in the body", "no text", "unknown in the head"],
)
def test_without_a_known_key(client: Client, headers: dict[str, str], body: object) -> None:
    """401, as problem+json with the `code` and `message` that clients look for; nothing is written."""
    answer = client.http.post("/v1/track", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.json()["message"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.log.records == []


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "application/json", "text/plain;charset=UTF-8", ""]
)
@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("", gzip.compress), ("", bytes)])
def test_content_type_does_not_matter(client: Client, kind: str, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    """JSON is read whatever it is called; gzip is known by its header, or by its first bytes."""
    body = pack(orjson.dumps(TRACK))
    assert client.one("/v1/track", body, Content_Type=kind, Content_Encoding=encoding)["event_id"] == "m1"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "unreadable_body"),
        (b" \n", 400, "unreadable_body"),
        (b"{", 400, "unreadable_body"),
        (b"event=x", 400, "unreadable_body"),
        (b'{"event": "\xff"}', 400, "unreadable_body"),
        (b"{}{}", 400, "unreadable_body"),
        (b'{"batch":[1,}', 400, "unreadable_body"),
        (b'{"batch":["\\ud800",}', 400, "unreadable_body"),
        (b"[" * 100_000, 400, "unreadable_body"),
        (gzip.compress(b"{}")[:-3], 400, "unreadable_body"),
        (b"\x1f\x8bnothing", 400, "unreadable_body"),
        (b" " * (MAX_BODY_BYTES + 1), 413, "payload_too_large"),
        (gzip.compress(b" " * (MAX_BODY_BYTES + 1)), 413, "payload_too_large"),
    ],
    ids=[
        "empty",
        "blank",
        "cut off",
        "a form",
        "not UTF-8",
        "two",
        "cut list",
        "cut with half a pair",
        "deep",
        "cut gzip",
        "no gzip",
        "large",
        "inflated",
    ],
)
@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_what_cannot_be_read(client: Client, path: str, body: bytes, status: int, code: str) -> None:
    """400 or 413 with a code and a message; nothing is written."""
    answer = client.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert client.log.records == []


@pytest.mark.parametrize("body", [b"[]", b"7", b"{}", b'{"batch": {}}', b'{"batch": null}'])
def test_a_list_that_is_none(client: Client, body: bytes) -> None:
    """A batch is an object around a list."""
    assert client.post("/v1/batch", body).json()["code"] == "unreadable_body"


def test_a_gzip_that_is_announced_and_is_none(client: Client) -> None:
    """Broken gzip is 400; another encoding is 415."""
    assert client.post("/v1/track", TRACK, Content_Encoding="gzip").status_code == 400
    assert client.post("/v1/track", TRACK, Content_Encoding="br").status_code == 415


def test_a_bad_item_harms_no_other(client: Client) -> None:
    """It becomes a dead letter with its own bytes and its place; the rest lands; the answer is 200."""
    half = b'{"type":"track","event":"\\ud800","userId":"u"}'
    body = b'{"batch": [%s, 3 , %s, {"type":"track", "event":"b","userId":"u"}]}' % (orjson.dumps(TRACK), half)
    assert [event["type"] for event in client.take("/v1/batch", body)] == ["custom.signed_up", "custom.b"]
    letters = {letter.index: letter for letter in client.letters()}
    assert {index: (letter.code, letter.original) for index, letter in letters.items()} == {
        1: ("invalid_type", b"3"),
        2: ("unreadable", half),
    }
    assert {(letter.format, letter.source, letter.origin) for letter in letters.values()} == {
        ("segment", "shop", "ingest")
    }


def test_too_many_messages(client: Client) -> None:
    """413, and none of them is written: the client may cut its batch."""
    answer = client.post("/v1/batch", {"batch": [TRACK] * 5001})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")
    assert client.log.records == []


def test_kafka_away(client: Client) -> None:
    """503 with Retry-After: clients send again."""
    client.log.away = True
    answer = client.post("/v1/track", TRACK)
    assert (answer.status_code, answer.json()["code"]) == (503, "kafka_unavailable")
    assert answer.headers["retry-after"]


@pytest.mark.parametrize("path", ["/v1/t", "/v1/batch", "/v1/pixel/page", "/v1/projects/k1/settings", "/sourceConfig/"])
def test_a_browser_may_call_from_any_page(client: Client, path: str) -> None:
    """The preflight allows what clients set, Authorization by its name, and whatever else this one asks for."""
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = client.http.options(path, headers={**asked, "Access-Control-Request-Headers": "x-mine"})
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert answer.status_code == 204
    assert {"authorization", "anonymousid", "sentat", "content-type", "x-mine"} <= allowed
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_answers_can_be_read_by_the_page(client: Client) -> None:
    """Errors too; the native route is for programs."""
    assert client.post("/v1/t", TRACK).headers["access-control-allow-origin"] == "*"
    assert client.http.post("/v1/t", json=TRACK).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in client.http.post("/v1/events", json={}).headers


def test_a_header_of_a_preflight_cannot_break_out(client: Client) -> None:
    """What is no list of names is not repeated."""
    answer = client.http.options("/v1/t", headers={"Access-Control-Request-Headers": 'a"; b: c'})
    assert '"' not in answer.headers["access-control-allow-headers"]
