"""Every row of the table of answers."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from schemas.dead_letter import decode as decode_letter
from schemas.door import Door
from schemas.positions import decode as decode_position
from schemas.times import format_time
from schemas.topics import catalogue
from tests.ingest.events import ndjson, viewed
from tests.ingest.fakes import NOW, FakeLog, Hands, Start

EVENTS = catalogue()["events"].name
LETTERS = catalogue()["dead_letters"].name
NDJSON = {"Content-Type": "application/x-ndjson"}
BAD = {"event_id": "bad", "type": "product.viewed"}


@pytest.mark.parametrize(
    ("body", "headers", "count"),
    [
        (orjson.dumps(viewed()), {}, 1),
        (orjson.dumps([viewed("a"), viewed("b")]), {}, 2),
        (orjson.dumps({"events": [viewed("a"), viewed("b")], "sent_at": 1}), {}, 2),
        (ndjson(viewed("a"), viewed("b")), NDJSON, 2),
        (
            b"\n\r\n" + ndjson(viewed("a")) + b"\r\n\n",
            {"Content-Type": "application/ndjson; charset=utf-8"},
            1,
        ),
        (b"\xef\xbb\xbf" + orjson.dumps(viewed()), {}, 1),
        (gzip.compress(orjson.dumps(viewed())), {"Content-Encoding": "GZip"}, 1),
        (orjson.dumps(viewed()), {"Content-Encoding": "identity"}, 1),
    ],
)
def test_every_form_of_body_is_accepted(
    client: TestClient, log: FakeLog, body: bytes, headers: dict[str, str], count: int
) -> None:
    """One event, an array, an envelope, NDJSON; plain or gzip."""
    answer = client.post("/v1/events", content=body, headers=headers)
    assert (answer.status_code, answer.json()["accepted"], answer.json()["errors"]) == (202, count, [])
    assert len(log.values(EVENTS)) == count


def test_bytes_reach_the_log_as_sent(client: TestClient, log: FakeLog) -> None:
    """Spelling of numbers, blanks and unknown fields are untouched: nothing passes through a float."""
    raw = orjson.dumps(viewed()).replace(b'"sku":"P-9"', b'"sku":"P-9",  "price": 1.10, "x": 0.1000000000000000055')
    client.post("/v1/events", content=b"[ " + raw + b" ]")
    assert log.values(EVENTS) == [raw]


def test_a_printed_event_takes_one_line(client: TestClient, log: FakeLog) -> None:
    """Line breaks inside an event would break the bundle."""
    client.post("/v1/events", content=orjson.dumps([viewed("a"), viewed("b")], option=orjson.OPT_INDENT_2))
    assert [orjson.loads(line)["event_id"] for line in log.values(EVENTS)] == ["a", "b"]


def test_records_say_source_version_and_key(client: TestClient, log: FakeLog) -> None:
    """A record is what any Kafka client would write: source and v headers, the customer's address as key.

    Ingest adds when it took up the first of its events, for whoever follows their way.
    """
    client.post("/v1/events", content=orjson.dumps(viewed()))
    (record,) = log.records
    assert (record.key, dict(record.headers)) == (
        b"member_id:M42",
        {"source": b"pos", "v": b"1", "taken": format_time(NOW).encode()},
    )


def test_an_event_without_customer_goes_by_its_order(client: TestClient, log: FakeLog) -> None:
    """What an event is about keeps events about it together."""
    shipped = {**viewed(), "type": "order.shipped", "ids": {}, "data": {"order_id": "7"}}
    client.post("/v1/events", content=orjson.dumps(shipped))
    assert log.records[0].key == b"order:pos/7"


def test_some_rejected_is_202_with_errors_and_dead_letters(client: TestClient, log: FakeLog) -> None:
    """A rejected event does not keep the others out, and is kept itself."""
    answer = client.post("/v1/events", content=ndjson(viewed(), BAD), headers=NDJSON)
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["rejected"]) == (202, 1, 1)
    (error,) = said["errors"]
    assert error.keys() == {"index", "event_id", "code", "pointer", "message"}
    assert (error["index"], error["event_id"], error["code"]) == (1, "bad", "missing_field")
    (letter,) = map(decode_letter, log.values(LETTERS))
    assert (letter.original, letter.source, letter.index) == (orjson.dumps(BAD), "pos", 1)
    assert (letter.origin, letter.topic, letter.received_at) == ("ingest", None, NOW)
    assert decode_position(said["position"]) == {"events": {1: 0}, "dead_letters": {0: 0}}


def test_all_rejected_is_422_with_the_same_members(client: TestClient, log: FakeLog) -> None:
    """The problem carries accepted, rejected, errors and a position of the dead letters."""
    answer = client.post("/v1/events", content=orjson.dumps([BAD, 7]))
    said = answer.json()
    assert (answer.status_code, said["code"], said["accepted"], said["rejected"]) == (
        422,
        "all_rejected",
        0,
        2,
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["index"] for error in said["errors"]] == [0, 1]
    assert len(log.values(LETTERS)) == 2
    assert decode_position(said["position"]) == {"dead_letters": {0: 0}}


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"nonsense",
        b"7",
        b"null",
        b"[1]",
        b'"text"',
        b"{} {}",
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"event_id":"\xff"}',
        b'{"event_id":"\\ud800"}',
        b'{"data":NaN}',
        b'{"data":1e999999}',
        orjson.dumps(viewed(context={"x": "y" * 32 * 1024})),
        b"\x00",
    ],
)
def test_a_bad_line_is_a_rejected_event(client: TestClient, log: FakeLog, line: bytes) -> None:
    """Whatever a line of NDJSON holds, the lines beside it are accepted and its bytes are kept."""
    answer = client.post("/v1/events", content=ndjson(viewed()) + b"\n" + line, headers=NDJSON)
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (202, 1, 1)
    assert [decode_letter(letter).original for letter in log.values(LETTERS)] == [line]


@pytest.mark.parametrize(
    "bad", [b'{"event_id":"\xff"}', b'{"event_id":"\\uD800"}', b'{"x":"\\\\\\udc00 \\ud83d\\ude00"}']
)
def test_a_bad_text_in_an_array_is_one_rejected_event(client: TestClient, log: FakeLog, bad: bytes) -> None:
    """Bytes that are not UTF-8 and half a surrogate pair spoil their event, not the array."""
    good = orjson.dumps(viewed())
    answer = client.post("/v1/events", content=b'{"events":[' + good + b", " + bad + b"," + good + b"]}")
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (202, 2, 1)
    assert [decode_letter(letter).original for letter in log.values(LETTERS)] == [bad]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {}),
        (b" \n", {}),
        (b"[]", {}),
        (b'{"events":[]}', {}),
        (b"\n\n", NDJSON),
        (b"7", {}),
        (b'"text"', {}),
        (b"{", {}),
        (b"[{},]", {}),
        (b"[NaN]", {}),
        (b"{} {}", {}),
        (b"[" * 100_000, {}),
        (b'["\\ud800"', {}),
        (b"not gzip", {"Content-Encoding": "gzip"}),
        (b"", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"[{}]")[:-9], {"Content-Encoding": "gzip"}),
        (gzip.compress(b"[{}]") + b"rest", {"Content-Encoding": "gzip"}),
        (gzip.compress(b"") * 1000, {"Content-Encoding": "gzip"}),
    ],
)
def test_an_unreadable_body_is_400(client: TestClient, log: FakeLog, body: bytes, headers: dict[str, str]) -> None:
    """What cannot be split into events is refused as a whole; nothing is written."""
    answer = client.post("/v1/events", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable_body")
    assert log.records == []


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer nope",
        "Bearer k1 k1",
        "k1",
        "Digest k1",
        "Basic k1",
        "Basic !!",
        "Basic bm9wZTo=",
        "Bearer \xff",
    ],
)
def test_without_a_known_key_it_is_401(client: TestClient, authorization: str) -> None:
    """Missing, malformed and unknown keys; the answer says which schemes there are."""
    answer = client.post("/v1/events", content=b"x", headers={b"Authorization": authorization.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert "Bearer" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("password", ["", "anything", "with:colon"])
def test_the_key_may_be_the_user_of_basic(client: TestClient, log: FakeLog, password: str) -> None:
    """The password does not matter."""
    del client.headers["Authorization"]
    answer = client.post("/v1/events", content=orjson.dumps(viewed()), auth=("k2", password))
    assert answer.status_code == 202
    assert dict(log.records[0].headers)["source"] == b"web"


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b" " * (4 * 2**20 + 1), {}, "payload_too_large"),
        (gzip.compress(b" " * (4 * 2**20 + 1)), {"Content-Encoding": "gzip"}, "payload_too_large"),
        (gzip.compress(b" " * 2**21) * 3, {"Content-Encoding": "gzip"}, "payload_too_large"),
        (b"[" + b"0," * 5000 + b"0]", {}, "too_many_events"),
        (b"0\n" * 5001, NDJSON, "too_many_events"),
    ],
)
def test_too_much_is_413(client: TestClient, body: bytes, headers: dict[str, str], code: str) -> None:
    """By declared length, by length, after inflation, by count."""
    answer = client.post("/v1/events", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, code)


def test_too_much_is_413_without_a_declared_length(client: TestClient) -> None:
    """A chunked body is cut off at the limit."""
    answer = client.post("/v1/events", content=(b" " * 2**20 for _ in range(5)))
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


def test_as_much_as_may_be_is_taken(client: TestClient, log: FakeLog) -> None:
    """5,000 events, and bundles of at most 100."""
    answer = client.post("/v1/events", content=ndjson(*(viewed(str(n)) for n in range(5000))), headers=NDJSON)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 5000)
    assert [record.value.count(b"\n") + 1 for record in log.records] == [100] * 50


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x-gzip"])
def test_another_encoding_is_415(client: TestClient, encoding: str) -> None:
    """Only gzip and identity are read."""
    answer = client.post("/v1/events", content=b"x", headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")


def test_over_the_rate_is_429_until_the_debt_is_paid(start: Start, hands: Hands) -> None:
    """A request may overdraw the bucket; then the key waits as Retry-After says, and others do not."""
    client = start(rate=10)
    many, one = ndjson(*(viewed(str(n)) for n in range(40))), orjson.dumps(viewed())
    assert client.post("/v1/events", content=many, headers=NDJSON).status_code == 202
    refused = client.post("/v1/events", content=one)
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (
        429,
        "rate_limited",
        "3",
    )
    assert client.post("/v1/events", content=one, headers={"Authorization": "Bearer k2"}).status_code == 202
    hands.seconds = 3.1
    assert client.post("/v1/events", content=one).status_code == 202


def test_kafka_away_is_503(client: TestClient, log: FakeLog) -> None:
    """Nothing counts as accepted, and the request may be sent again."""
    log.away = True
    answer = client.post("/v1/events", content=orjson.dumps([viewed(), BAD]))
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        503,
        "kafka_unavailable",
        "1",
    )
    assert 'outcome="accepted"' not in client.get("/metrics").text


def test_kafka_silent_is_503_then_the_buffer_is_full(start: Start, log: FakeLog) -> None:
    """What waits is bounded: 429 says come back, and room is given back with the late acks."""
    client = start(ack_timeout=0.05, buffer_bytes=2**22)
    log.silent = True
    body = ndjson(*(viewed(str(n), context={"x": "y" * 30_000}) for n in range(130)))
    assert client.post("/v1/events", content=body, headers=NDJSON).json()["code"] == "kafka_unavailable"
    full = client.post("/v1/events", content=body, headers=NDJSON)
    assert (full.status_code, full.json()["code"], full.headers["Retry-After"]) == (429, "buffer_full", "1")
    log.silent = False
    for settle in log.unsettled:
        settle()
    assert client.post("/v1/events", content=body, headers=NDJSON).status_code == 202


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nope", 404), ("GET", "/v1/events", 405)])
def test_errors_of_the_framework_are_problems_too(client: TestClient, method: str, path: str, status: int) -> None:
    """404 and 405 look like every other error."""
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert_problem(answer.json(), answer.headers["X-Request-Id"])


class BrokenDoor(Door):
    """A door with a bug."""

    def address(self, *_: Any, **__: Any) -> str:
        """Fail as no door should."""
        raise ZeroDivisionError


def test_a_fault_is_a_problem_that_tells_nothing(start: Start, log: FakeLog) -> None:
    """A bug is answered with 500 and the request's id; what it was stands in the log only."""
    answer = start(door=BrokenDoor("CN")).post("/v1/events", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "ZeroDivision" not in answer.text
    assert_problem(answer.json(), answer.headers["X-Request-Id"])
    assert log.records == []


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("a b", False), ("x" * 129, False)])
def test_a_harmless_request_id_is_kept(client: TestClient, given: str, kept: bool) -> None:
    """Any other is replaced, so that logs stay readable."""
    answer = client.get("/livez", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) is kept


def assert_problem(body: dict[str, Any], request_id: str) -> None:
    """RFC 9457 with the platform's members."""
    assert body.keys() == {
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "message",
        "errors",
        "request_id",
    }
    assert body["request_id"] == request_id
