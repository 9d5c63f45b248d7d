"""Every endpoint as CONTRACT §4 says it, asked of a platform that runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.history import CONFLICT, HISTORY, OTHERS, REFUSED, Json, event
from tests.conftest import StartPlatform
from tests.stack.platforms import Platform
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

PROFILE = "/v1/profiles/member_id:ANN"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
PROBLEM = ("type", "title", "status", "detail", "instance", "code", "message", "errors", "request_id")


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """A platform to which the history was told, all of it recorded and folded."""
    platform = start_platform()
    positions = [platform.send(*HISTORY), platform.send(*OTHERS)]
    for position in positions:
        platform.ask(PROFILE, after=position)
    answer = platform.post([CONFLICT, REFUSED])
    assert answer.status_code == 202
    platform.ask("/v1/dead-letters", after=answer.json()["position"])
    return platform


def ids(page: Json) -> list[str]:
    return [row["event_id"] for row in page["data"]]


def fresh(answer: Json) -> bool:
    """Whether an answer says how fresh it is, and is."""
    said = answer["freshness"]
    return set(said) == {"as_of", "lag_seconds", "stale"} and bool(TIME.match(said["as_of"])) and not said["stale"]


# Profiles


def test_a_dossier_has_every_part(platform: Platform) -> None:
    """The names and shapes of the contract."""
    found = platform.ask(PROFILE)
    assert re.fullmatch(r"[0-9a-f-]{36}", found["person_id"])
    assert {"type": "member_id", "value": "ANN"} in found["identifiers"]
    assert found["traits"] == {"name": "Ann", "city": "上海"}
    assert (found["first_seen"], found["last_seen"]) == ("2025-11-01T00:00:00Z", "2025-11-09T00:00:00Z")
    assert found["orders"].items() >= {
        "count": 1, "net_amount": "200.00", "average": "200.00", "currency": "CNY",
        "by_currency": [{"currency": "CNY", "count": 1, "net_amount": "200.00"}],
        "first_at": "2025-11-02T00:00:00Z", "last_at": "2025-11-02T00:00:00Z",
        "refunded_amount": "68.00", "refund_count": 1, "categories": ["perfume"],
    }.items()  # fmt: skip
    assert found["interactions"].items() >= {
        "count": 1, "by_type": {"product.viewed": 1}, "by_channel": {"app": 1}, "last_at": "2025-11-04T00:00:00Z",
    }.items()  # fmt: skip
    assert found["feedback"].items() >= {
        "csat_average": None, "nps_last": 9, "reviews": 0, "open_tickets": 0, "last_at": "2025-11-07T00:00:00Z",
    }.items()  # fmt: skip
    assert found["loyalty"].items() >= {"points": 25, "tier": None}.items()
    assert found["consent"]["sms"]["granted"] is True
    assert found["tags"].items() >= {"favourite_category": "perfume", "frequency": "low"}.items()
    assert found["lifecycle"] == found["tags"]["lifecycle"]
    assert found["segments"] == []
    assert fresh(found)


def test_a_dossier_scores_the_customer(platform: Platform) -> None:
    """Raw figures, scores and class, and since when the boundaries are."""
    rfm = platform.ask(PROFILE)["rfm"]
    assert (rfm["frequency"], rfm["monetary"]) == (1, "200.00")
    assert {rfm[score] for score in "rfm"} <= {1, 2, 3, 4, 5}
    assert rfm["class"].startswith("important_")
    assert rfm["label"].startswith("重要")
    assert TIME.match(rfm["boundaries_at"])
    assert platform.ask("/v1/profiles/member_id:VIC")["rfm"] is None


def test_a_customer_is_found_in_three_ways(platform: Platform) -> None:
    """By address, by the person's id, and by an address in a body; never two different dossiers."""
    by_address = platform.ask(PROFILE)
    by_person = platform.ask(f"/v1/profiles/person:{by_address['person_id']}")
    answer = platform.http.post(
        f"{platform.api_url}/v1/profiles:lookup", json={"id": "member_id:ANN"}, headers={"Authorization": "Bearer all"}
    )
    assert answer.status_code == 200, answer.text
    looked_up = answer.json()
    for found in (by_address, by_person, looked_up):
        assert found.pop("freshness")
        found["rfm"].pop("boundaries_at")
    assert by_address == by_person == looked_up


def test_a_scoped_address_is_one_path_segment(platform: Platform) -> None:
    """`wechat_openid:pos/o/1`, its slashes percent-encoded; in another source it is somebody else."""
    found = platform.ask(f"/v1/profiles/{quote('wechat_openid:pos/o/1', safe='')}")
    assert found["identifiers"] == [{"type": "wechat_openid", "value": "o/1", "source": "pos"}]
    assert platform.get(f"/v1/profiles/{quote('wechat_openid:shop/o/1', safe='')}").status_code == 404


def test_looking_back_shows_what_was(platform: Platform) -> None:
    """As of the 4th: paid, not yet refunded; before the first fact nothing is known."""
    then = platform.ask(PROFILE, as_of="2025-11-04T12:00:00+08:00")
    assert (then["orders"]["net_amount"], then["feedback"]["nps_last"]) == ("268.00", None)
    assert (then["rfm"]["recency_days"], then["rfm"]["boundaries_at"]) == (2, "2025-11-04T04:00:00Z")
    assert fresh(then)
    assert platform.get(PROFILE, as_of="2025-10-31T00:00:00Z").status_code == 404
    assert platform.get(PROFILE, as_of="2025-11-30T00:00:00Z", by="received_at").status_code == 404


# Timelines


def test_a_timeline_is_newest_first_with_what_has_no_customer(platform: Platform) -> None:
    """The shipping came without ids: it belongs to the order's customer."""
    page = platform.ask(f"{PROFILE}/events")
    assert ids(page) == ["a10", "a9", "a8", "a7", "a4", "a3", "a6", "a5", "a2", "a1"]
    assert page["next_cursor"] is None
    assert fresh(page)
    first = page["data"][-1]
    assert set(first) == {"event_id", "source", "type", "occurred_at", "received_at", "channel", "store", "data"}
    assert (first["source"], first["channel"], first["store"]) == ("pos", "pos", "mall/a")
    assert first["data"]["total"] == "268.00"
    assert TIME.match(first["received_at"])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": "order.paid"}, ["a2"]),
        ({"type": "order.*"}, ["a10", "a4", "a3", "a2", "a1"]),
        ({"type": "nothing.*"}, []),
        ({"from": "2025-11-07T08:00:00+08:00"}, ["a10", "a9", "a8", "a7"]),
        ({"to": "2025-11-03T00:00:00Z"}, ["a2", "a1"]),
        ({"from": "2025-11-02T00:00:00Z", "to": "2025-11-03T00:00:00.000001Z", "type": "customer.identified"}, ["a5"]),
        ({"as_of": "2025-11-02T00:00:00Z"}, ["a2", "a1"]),
        ({"from": "2026-01-01T00:00:00Z"}, []),
    ],
)
def test_a_timeline_can_be_narrowed(platform: Platform, asked: Json, found: list[str]) -> None:
    """By type or family, from (included) to (excluded), as of a time; an empty page of a known customer is no 404."""
    assert ids(platform.ask(f"{PROFILE}/events", **asked)) == found


@pytest.mark.parametrize("size", [1, 3, 9, 10, 200])
def test_pages_join_without_gap_or_overlap(platform: Platform, size: int) -> None:
    """The cursor leads on; equal times are told apart by id."""
    whole, page = ids(platform.ask(f"{PROFILE}/events")), platform.ask(f"{PROFILE}/events", limit=size)
    joined = ids(page)
    while page["next_cursor"]:
        page = platform.ask(f"{PROFILE}/events", limit=size, cursor=page["next_cursor"])
        assert 1 <= len(page["data"]) <= size
        joined += ids(page)
    assert joined == whole


# Orders and RFM


def test_orders_are_folded_from_all_their_events(platform: Platform) -> None:
    """One paid, partly refunded and shipped; one only placed, which counts for nothing."""
    page = platform.ask(f"{PROFILE}/orders")
    placed, paid = page["data"]
    named = {"order_id", "source", "state", "total", "refunded", "net", "currency", "counted_at", "lines", "events"}
    assert named <= set(paid)
    assert (paid["order_id"], paid["source"], paid["state"]) == ("1001", "pos", "partially_refunded")
    assert (paid["total"], paid["refunded"], paid["net"], paid["currency"]) == ("268.00", "68.00", "200.00", "CNY")
    assert paid["counted_at"] == "2025-11-02T00:00:00Z"
    assert paid["lines"] == [{**LINE_SHOWN, "refunded": "0.00", "net": "268.00"}]
    assert [each["event_id"] for each in paid["events"]] == ["a1", "a2", "a3", "a10"]
    assert (placed["state"], placed["counted_at"], placed["net"]) == ("placed", None, "10.00")
    assert fresh(page)
    before = platform.ask(f"{PROFILE}/orders", as_of="2025-11-02T12:00:00Z")["data"]
    assert [(order["state"], order["net"]) for order in before] == [("paid", "268.00")]


LINE_SHOWN = {"sku": "P-9", "name": "Rose", "category": "perfume", "quantity": 2, "amount": "268.00"}


def test_orders_come_in_pages(platform: Platform) -> None:
    """As every list."""
    first = platform.ask(f"{PROFILE}/orders", limit=1)
    second = platform.ask(f"{PROFILE}/orders", limit=1, cursor=first["next_cursor"])
    assert [page["data"][0]["order_id"] for page in (first, second)] == ["1002", "1001"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("asked", [{}, {"as_of": "2099-01-01T00:00:00Z"}], ids=["live", "from the facts"])
def test_the_population_is_scored(platform: Platform, asked: Json) -> None:
    """Two customers bought; all eight classes are listed, of the cells only those with somebody."""
    found = platform.ask("/v1/rfm", **asked)
    assert (found["customers"], found["orders"], found["net_amount"]) == (2, 2, "250.00")
    assert {name: len(found["boundaries"][name]) for name in found["boundaries"]} == {
        "recency_days": 4, "frequency": 4, "monetary": 4,
    }  # fmt: skip
    assert found["means"]["monetary"] == 125
    assert sum(cell["customers"] for cell in found["cells"]) == 2
    assert len({each["key"] for each in found["classes"]}) == 8
    assert sum(each["customers"] for each in found["classes"]) == 2
    assert {"key", "label", "customers", "net_amount"} == set(found["classes"][0])
    assert fresh(found)


def test_a_population_of_nobody_is_empty_not_an_error(platform: Platform) -> None:
    """Before the first order."""
    found = platform.ask("/v1/rfm", as_of="2000-01-01T00:00:00Z")
    assert (found["customers"], found["orders"], found["net_amount"], found["cells"]) == (0, 0, "0.00", [])
    assert (found["means"]["frequency"], found["boundaries"]["frequency"]) == (None, [])


# Operation


@pytest.mark.parametrize(
    ("event_id", "status", "owner"),
    [
        ("a1", "recorded", "ANN"),
        ("a10", "recorded", "ANN"),
        ("p1", "pending", None),
        ("v1", "voided", "VIC"),
        ("b1", "recorded", "BEN"),
    ],
)
def test_what_became_of_an_event(platform: Platform, event_id: str, status: str, owner: str | None) -> None:
    """Its status, where it lies, whose it is, and when each step happened; a conflicting id keeps its first's."""
    found = platform.ask(f"/v1/events/pos/{event_id}")
    assert (found["event_id"], found["source"], found["status"]) == (event_id, "pos", status)
    assert found["position"]["topic"] == platform.topic("events")
    assert {"partition", "offset", "index"} <= set(found["position"])
    expected = platform.ask(f"/v1/profiles/member_id:{owner}")["person_id"] if owner else None
    assert found["person_id"] == expected
    assert [step["step"] for step in found["steps"]][:2] == ["received", "recorded"]
    assert [letter["code"] for letter in found["dead_letters"]] == (["id_conflict"] if event_id == "b1" else [])
    assert fresh(found)


def test_what_became_of_a_refused_event(platform: Platform) -> None:
    """Refused at ingest: dead, nowhere in the log, with the letter that says why."""
    found = platform.ask("/v1/events/pos/bad")
    assert (found["status"], found["position"], found["person_id"]) == ("dead", None, None)
    assert [letter["code"] for letter in found["dead_letters"]] == ["unknown_type"]
    assert platform.get("/v1/events/shop/bad").status_code == 404


def test_a_pending_event_finds_its_customer(platform: Platform) -> None:
    """As soon as an event about the same order carries ids, wherever and whenever that occurred."""
    position = platform.send(event("q1", "order.shipped", 3, None, {"order_id": "77"}))
    assert platform.ask("/v1/events/pos/q1", after=position)["status"] == "pending"
    paid = event("q2", "order.paid", 9, {"member_id": "QUINN"}, {"order_id": "77", "currency": "CNY", "amount": "1"})
    position = platform.send(paid, source="pos")
    assert platform.ask("/v1/events/pos/q1", after=position)["status"] == "recorded"
    assert ids(platform.ask("/v1/profiles/member_id:QUINN/events")) == ["q2", "q1"]
    platform.ask("/v1/rfm", after=platform.send(event("q3", "event.voided", 10, None, {"event_id": "q2"})))


def test_dead_letters_have_all_that_is_needed_to_repair_them(platform: Platform) -> None:
    """Of ingest without a place, of the recorder with one; by code and source."""
    page = platform.ask("/v1/dead-letters")
    by_code = {letter["code"]: letter for letter in page["data"]}
    refused, conflict = by_code["unknown_type"], by_code["id_conflict"]
    named = {
        "event_id",
        "code",
        "pointer",
        "message",
        "source",
        "topic",
        "partition",
        "offset",
        "received_at",
        "original",
    }
    assert named <= set(refused)
    assert (refused["event_id"], refused["pointer"], refused["source"]) == ("bad", "/type", "pos")
    assert (refused["topic"], refused["partition"], refused["offset"]) == (None, None, None)
    assert (conflict["event_id"], conflict["topic"]) == ("b1", platform.topic("events"))
    assert isinstance(conflict["offset"], int)
    assert '"51"' in conflict["original"]
    assert fresh(page)
    assert [row["code"] for row in platform.ask("/v1/dead-letters", code="id_conflict")["data"]] == ["id_conflict"]
    assert platform.ask("/v1/dead-letters", source="shop")["data"] == []
    first = platform.ask("/v1/dead-letters", limit=1)
    second = platform.ask("/v1/dead-letters", limit=1, cursor=first["next_cursor"])
    assert [row["letter_id"] for row in (*first["data"], *second["data"])] == [
        row["letter_id"] for row in page["data"][:2]
    ]


def test_lag_names_every_partition_and_projection(platform: Platform) -> None:
    """Nothing waits, the group is manned, and every projection says how fresh it is."""
    until(lambda: _drained(platform.ask("/v1/lag")), "offsets are committed")
    found = platform.ask("/v1/lag")
    assert {row["group"] for row in found["groups"]} == {platform.group}
    assert len(found["groups"]) == 8 + 1 + 8 + 4 + 1
    named = {"group", "topic", "partition", "committed", "end", "lag", "lag_seconds", "drain_seconds", "state"}
    assert all(named <= set(row) and row["state"] == "ok" for row in found["groups"])
    assert found["members"] == 1
    assert {"profiles", "events", "identity", "dead_letters"} == {row["name"] for row in found["projections"]}
    assert all({"name", "as_of", "lag_seconds", "stale"} <= set(row) for row in found["projections"])
    assert all(TIME.match(row["watermark"]) for row in found["projections"] if row["name"] in {"events", "profiles"})
    assert fresh(found)


def _drained(answer: Json) -> bool:
    return all(row["lag"] == 0 for row in answer["groups"])


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs"])
def test_operators_need_no_key(platform: Platform, path: str) -> None:
    """On ingest and API alike."""
    for url in (platform.ingest_url, platform.api_url):
        answer = platform.http.get(url + path)
        assert answer.status_code == 200, (url, answer.text)


# Problems


def assert_problem(answer: Any, status: int, code: str) -> Json:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    said: Json = answer.json()
    assert tuple(said) == PROBLEM
    assert (said["status"], said["code"], said["request_id"]) == (status, code, answer.headers["x-request-id"])
    return said


@pytest.mark.parametrize(
    "path",
    [
        "/v1/profiles/member_id:NOBODY",
        "/v1/profiles/member_id:NOBODY/events",
        "/v1/profiles/member_id:NOBODY/orders",
        "/v1/profiles/person:00000000-0000-5000-8000-000000000000",
        "/v1/events/pos/never",
        "/v1/nothing",
    ],
)
def test_nothing_there_is_404(platform: Platform, path: str) -> None:
    """Before the first fact, too."""
    assert_problem(platform.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("/v1/profiles/ANN", {}, "bad_parameter"),
        ("/v1/profiles/person:7", {}, "bad_parameter"),
        ("/v1/profiles/wechat_openid:o1", {}, "bad_parameter"),
        (PROFILE, {"as_of": "yesterday"}, "bad_parameter"),
        (PROFILE, {"by": "arrival"}, "bad_parameter"),
        (PROFILE, {"after": "nonsense"}, "bad_parameter"),
        (PROFILE, {"timeout": "31"}, "bad_parameter"),
        (f"{PROFILE}/events", {"limit": "201"}, "bad_parameter"),
        (f"{PROFILE}/events", {"from": "x"}, "bad_parameter"),
        (f"{PROFILE}/events", {"cursor": "x"}, "bad_cursor"),
        (f"{PROFILE}/orders", {"cursor": "W10"}, "bad_cursor"),
        ("/v1/dead-letters", {"cursor": "WzEsMl0"}, "bad_cursor"),
    ],
)
def test_what_cannot_be_read_is_400(platform: Platform, path: str, asked: Json, code: str) -> None:
    """With a code that says which kind of thing it was."""
    assert_problem(platform.get(path, **asked), 400, code)


def test_a_lookup_without_id_is_400(platform: Platform) -> None:
    """The pointer names the field."""
    answer = platform.http.post(
        f"{platform.api_url}/v1/profiles:lookup", json={}, headers={"Authorization": "Bearer all"}
    )
    assert assert_problem(answer, 400, "bad_parameter")["errors"][0]["pointer"].endswith("/id")


@pytest.mark.parametrize(
    "path",
    [PROFILE, f"{PROFILE}/events", f"{PROFILE}/orders", "/v1/rfm", "/v1/lag", "/v1/dead-letters", "/v1/events/pos/a1"],
)
def test_every_answer_needs_a_key_with_its_scope(platform: Platform, path: str) -> None:
    """None or an unknown one: 401 with the schemes; one that may not: 403."""
    for key in (None, "unknown", "pos"):
        answer = platform.get(path, key=key)
        assert_problem(answer, 401, "unauthorized")
        assert "Bearer" in answer.headers["www-authenticate"]
    may, may_not = ("crm", "operator") if path.startswith(("/v1/profiles", "/v1/rfm")) else ("operator", "crm")
    assert platform.get(path, key=may).status_code == 200
    assert_problem(platform.get(path, key=may_not), 403, "forbidden")


def test_another_method_is_405(platform: Platform) -> None:
    """An address that is there, asked the wrong way."""
    answer = platform.http.delete(f"{platform.api_url}/v1/rfm", headers={"Authorization": "Bearer all"})
    assert_problem(answer, 405, "method_not_allowed")


@pytest.mark.parametrize("role", ["events", "dead_letters"])
@pytest.mark.parametrize(
    "path", [PROFILE, f"{PROFILE}/events", f"{PROFILE}/orders", "/v1/rfm", "/v1/dead-letters", "/v1/events/pos/a1"]
)
def test_what_has_not_arrived_is_504(platform: Platform, path: str, role: str) -> None:
    """A position of the future: the answer waits as long as it may, then says not yet."""
    ahead = platform.position(**{role: {0: 10**9}})
    assert_problem(platform.get(path, after=ahead, timeout="0.05"), 504, "not_yet")


def test_after_shows_ones_own_event(platform: Platform) -> None:
    """Read your own write, again and again: profile, timeline, orders and RFM have it."""
    for n in range(1, 5):
        order = event(
            f"w{n}",
            "order.completed",
            3,
            {"member_id": "WES"},
            {"order_id": f"w{n}", "currency": "CNY", "total": "1", "lines": []},
        )
        position = platform.send(order)
        path = "/v1/profiles/member_id:WES"
        assert platform.ask(path, after=position)["orders"]["count"] == n
        assert len(platform.ask(f"{path}/events")["data"]) == n
        assert len(platform.ask(f"{path}/orders")["data"]) == n
        assert platform.ask("/v1/rfm", after=position)["orders"] == 2 + n


def test_a_late_event_changes_what_is_known_now_not_what_was_known(platform: Platform) -> None:
    """By occurrence it is in the past at once; by receipt it was not there yet."""
    first = platform.send(event("l1", "page.viewed", 5, {"member_id": "LEO"}, {"url": "/"}))
    seen = platform.ask("/v1/profiles/member_id:LEO/events", after=first)["data"][0]["received_at"]
    late = platform.send(event("l2", "page.viewed", 1, {"member_id": "LEO"}, {"url": "/"}))
    path = "/v1/profiles/member_id:LEO"
    assert platform.ask(path, after=late)["interactions"]["count"] == 2
    assert platform.ask(path, as_of="2025-11-02T00:00:00Z")["interactions"]["count"] == 1
    known = platform.ask(path, as_of=seen, by="received_at")
    assert known["interactions"]["count"] == 1


def test_an_event_dated_ahead_counts_when_its_time_comes(platform: Platform) -> None:
    """Not before, and then without anybody sending anything."""
    soon = datetime.now(UTC) + timedelta(seconds=3)
    ahead = {**event("f1", "page.viewed", 1, {"member_id": "FAY"}, {"url": "/"}), "occurred_at": soon.isoformat()}
    now = event("f2", "page.viewed", 1, {"member_id": "FAY"}, {"url": "/"})
    position = platform.send(ahead, now)
    path = "/v1/profiles/member_id:FAY"
    before = platform.ask(path, after=position)["interactions"]["count"]
    assert before == 1 or datetime.now(UTC) >= soon
    until(lambda: platform.ask(path)["interactions"]["count"] == 2, "the clock wakes the customer", 20)


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"{", b"", b"[]", b'{"id": "member_id:\\ud800"}', b'{"id": "member_id:a\\u0000b"}', b"[" * 100_000],
)
def test_a_lookup_whose_body_cannot_be_read_is_400(platform: Platform, body: bytes) -> None:
    """Whatever the bytes."""
    headers = {"Authorization": "Bearer all", "Content-Type": "application/json"}
    answer = platform.http.post(f"{platform.api_url}/v1/profiles:lookup", content=body, headers=headers)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("odd", ["%ff", "%00", "%ed%a0%80", "%e4%b8", "%2F%ff", "x" * 600, "%25", "%0A"])
@pytest.mark.parametrize(
    "path", ["/v1/profiles/member_id:{}", "/v1/profiles/member_id:{}/events", "/v1/events/pos/{}", "/v1/events/{}/a1"]
)
def test_odd_addresses_are_not_found_or_refused(platform: Platform, path: str, odd: str) -> None:
    """Bytes that are no text, control characters, great length: never a fault."""
    answer = platform.get(path.format(odd))
    assert answer.status_code in {400, 404}, answer.text


@pytest.mark.parametrize("name", ["type", "code", "source", "after", "cursor", "from", "as_of", "by"])
@pytest.mark.parametrize("value", ["\0", "'", "\\", "%", "x" * 3000, "{x:String}", "中文🦊"])
def test_odd_parameters_are_never_a_fault(platform: Platform, name: str, value: str) -> None:
    """They find nothing or are refused."""
    for path in (f"{PROFILE}/events", "/v1/dead-letters"):
        answer = platform.get(path, **{"timeout": "0", name: value})
        assert answer.status_code in {200, 400}, answer.text
