"""One customer, many identifiers, over HTTP: joined within seconds, and parted again as if it had never been."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import StartPlatform
from tests.e2e.events import completed, viewed
from tests.stack.platforms import Json, Platform

pytestmark = pytest.mark.platform


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """One platform for all; each test has customers of its own."""
    return start_platform()


OF_POPULATION = {"value", "vip", "rfm_class", "rfm_group", "rfm_view"}
"""Tags that compare a customer with all others, who come and go while a test runs."""


def event(event_id: str, kind: str, ids: Json, minute: int = 0, **data: Any) -> Json:
    """An event of 2026-01-01, so many minutes after eight."""
    moment = f"2026-01-01T{8 + minute // 60:02}:{minute % 60:02}:00Z"
    return {"event_id": event_id, "type": kind, "occurred_at": moment, "ids": ids, "data": data}


def dossier(platform: Platform, address: str, **asked: str) -> Json:
    """A dossier, without what depends on when it is asked for."""
    found = platform.ask(f"/v1/profiles/{quote(address, safe='')}", **asked)
    found["tags"] = {key: value for key, value in found["tags"].items() if key not in OF_POPULATION}
    return {name: value for name, value in found.items() if name not in {"freshness", "rfm"}}


def say(platform: Platform, path: str, **body: Any) -> str:
    """Say something by hand; gives the position to wait for."""
    answer = platform.http.post(platform.api_url + path, json=body, headers={"Authorization": "Bearer all"})
    assert answer.status_code == 202, answer.text
    position: str = answer.json()["position"]
    return position


def put_rules(platform: Platform, rules: Json) -> str:
    """Put rules in force; gives the position to wait for."""
    headers = {"Authorization": "Bearer all"}
    answer = platform.http.put(f"{platform.api_url}/v1/identity/rules", json=rules, headers=headers)
    assert answer.status_code == 202, answer.text
    position: str = answer.json()["position"]
    return position


def test_merge_and_unmerge(platform: Platform) -> None:
    """Two people are linked, then unlinked: both dossiers are what they were; the former id leads to who it was."""
    phone = "phone:+8613900000001"
    after = platform.send(
        completed("A1", "a-1", "100.00"),
        event("a:seen", "page.viewed", {"phone": "139 0000 0001"}, url="/"),
        event("a:said", "customer.identified", {"phone": "139 0000 0001"}, traits={"city": "上海"}),
    )
    alone = dossier(platform, "member_id:A1", after=after)
    other = dossier(platform, phone, after=after)
    assert alone["person_id"] != other["person_id"]

    linked = platform.send(event("a:link", "customer.linked", {"member_id": "A1", "phone": "13900000001"}, 30))
    one = dossier(platform, "member_id:A1", after=linked)
    assert dossier(platform, phone) == one
    assert (one["person_id"], one["orders"]["count"], one["traits"]) == (alone["person_id"], 1, {"city": "上海"})
    assert [each["type"] for each in one["identifiers"]] == ["member_id", "phone"]
    former = platform.ask(f"/v1/profiles/person:{other['person_id']}")
    assert (former["person_id"], former["former"]) == (
        alone["person_id"],
        {"person_id": other["person_id"], "since": "2026-01-01T08:30:00Z"},
    )
    timeline = platform.ask("/v1/profiles/member_id:A1/events")["data"]
    assert {each["event_id"] for each in timeline} == {"A1:a-1:completed", "a:seen", "a:said", "a:link"}
    before = dossier(platform, "member_id:A1", as_of="2026-01-01T08:29:59Z")
    assert (before["orders"]["count"], before["traits"]) == (1, {})

    unlinked = platform.send(event("a:unlink", "customer.unlinked", {"member_id": "A1", "phone": "13900000001"}, 40))
    assert dossier(platform, "member_id:A1", after=unlinked) == alone
    assert dossier(platform, phone) == other
    assert dossier(platform, f"person:{other['person_id']}") == other
    during = dossier(platform, "member_id:A1", as_of="2026-01-01T08:35:00Z")
    assert during["traits"] == {"city": "上海"}


def test_the_tablet_at_the_counter(platform: Platform) -> None:
    """Ten members on one device may be one after another; the eleventh shows that it is nobody's."""
    members = [f"T{number}" for number in range(12)]
    tapped = [{"member_id": who, "device_id": "counter-7"} for who in members]
    after = platform.send(
        *[event(f"t:{ids['member_id']}", "app.opened", ids, minute) for minute, ids in enumerate(tapped)],
        event("t:mine", "app.opened", {"member_id": "T0", "anonymous_id": "t-anon"}, 50),
    )
    first = dossier(platform, "member_id:T0", after=after)
    assert [each["type"] for each in first["identifiers"]] == ["member_id", "anonymous_id"]
    shared = platform.ask("/v1/identity/shared")["data"]
    assert [(each["address"], each["identifiers_apart"]) for each in shared if "counter-7" in each["address"]] == [
        ("device_id:counter-7", 12)
    ]
    graph = platform.ask("/v1/profiles/member_id:T0/identity")
    assert {(tuple(edge["addresses"]), edge["joined"], edge["rule"]) for edge in graph["edges"]} == {
        (("member_id:T0", "device_id:counter-7"), False, "shared_value"),
        (("member_id:T0", "anonymous_id:t-anon"), True, None),
    }
    refused = platform.ask("/v1/identity/refusals", rule="shared_value", address="member_id:T3")["data"]
    assert [(each["rule"], each["event_id"]) for each in refused] == [("shared_value", "t:T3")]


def test_unbinding_one_identifier(platform: Platform) -> None:
    """One identifier is taken out of a person by hand, whatever tied it; put back, all is as before."""
    after = platform.send(
        event("u:1", "app.opened", {"member_id": "B1", "phone": "13900000002", "email": "b@example.com"}),
        event("u:2", "app.opened", {"phone": "13900000002", "email": "b@example.com"}, 5),
        event("u:3", "page.viewed", {"email": "b@example.com"}, 6),
    )
    whole = dossier(platform, "member_id:B1", after=after)
    assert (len(whole["identifiers"]), whole["interactions"]["count"]) == (3, 3)
    body = {"identifiers": ["email:B@example.com"], "reason": "a typo"}
    after = say(platform, "/v1/profiles/member_id:B1/identity:split", **body)
    rest = dossier(platform, "member_id:B1", after=after)
    mail = dossier(platform, "email:b@example.com")
    assert (len(rest["identifiers"]), rest["interactions"]["count"]) == (2, 2)
    assert (len(mail["identifiers"]), mail["interactions"]["count"]) == (1, 1)
    after = say(platform, "/v1/identity:link", identifiers=["member_id:B1", "email:b@example.com"])
    assert dossier(platform, "email:b@example.com", after=after) == whole


def test_new_rules_weigh_everybody_anew(platform: Platform) -> None:
    """The shop's own number is blocked: whoever it had joined is apart; unblocked, they are together again."""
    ids = {"member_id": "R1", "phone": "13900000003"}
    after = platform.send(event("r:1", "app.opened", ids), event("r:2", "app.opened", {"phone": "13900000003"}, 1))
    assert dossier(platform, "member_id:R1", after=after)["interactions"]["count"] == 2
    rules = platform.ask("/v1/identity/rules")
    after = put_rules(platform, {"blocked": ["phone:+8613900000003"]})
    assert dossier(platform, "member_id:R1", after=after)["interactions"]["count"] == 1
    assert platform.ask("/v1/identity/rules")["rules"]["blocked"] == ["phone:+8613900000003"]
    after = put_rules(platform, rules["rules"])
    assert dossier(platform, "member_id:R1", after=after)["interactions"]["count"] == 2


def test_things_lead_to_their_customer(platform: Platform) -> None:
    """A refund that names only its order, first in the log and from another source, is the customer's."""
    after = platform.send(
        event("th:refund", "order.refunded", {}, 9, order_id="th-1", order_source="pos", refund_id="r", amount="40"),
        source="app",
    )
    assert platform.ask("/v1/events/app/th:refund", after=after)["status"] == "pending"
    bought = completed("C1", "th-1", "100.00") | {"ids": {"member_id": "C1", "phone": "13900000004"}}
    after = platform.send(bought, viewed("C1", "th:viewed"))
    found = dossier(platform, "phone:+8613900000004", after=after)
    assert found["orders"]["net_amount"] == "60.00"
    assert platform.ask("/v1/events/app/th:refund")["person_id"] == found["person_id"]


BAD: dict[str, tuple[str, Json, int]] = {
    "with itself": ("/v1/identity:link", {"identifiers": ["member_id:X1", "member_id:X1"]}, 400),
    "one only": ("/v1/identity:link", {"identifiers": ["member_id:X1"]}, 400),
    "a blocked value": ("/v1/identity:link", {"identifiers": ["member_id:X1", "phone:000"]}, 400),
    "no address": ("/v1/identity:unlink", {"identifiers": ["member_id:X1", "nonsense"]}, 400),
    "of nobody": ("/v1/profiles/member_id:X1/identity:split", {"identifiers": ["phone:13900000009"]}, 400),
    "two sources": ("/v1/identity:link", {"identifiers": ["wechat_openid:pos/a", "wechat_openid:app/b"]}, 409),
    "a million characters": ("/v1/identity:link", {"identifiers": ["member_id:X1", "email:" + "x" * 10**6]}, 400),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_word_is_a_clear_answer(platform: Platform, name: str) -> None:
    """Nothing is written, and the answer says what to do."""
    path, body, status = BAD[name]
    answer = platform.http.post(platform.api_url + path, json=body, headers={"Authorization": "Bearer all"})
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["message"]


def test_cycles_and_unlinks_of_what_was_never_linked(platform: Platform) -> None:
    """A circle of links is one person; an unlink of strangers changes nobody."""
    pairs = [("D1", "D2"), ("D2", "D3"), ("D3", "D1")]
    after = platform.send(
        *[viewed(who, f"d:{who}") for who in ("D1", "D2", "D3", "D4")],
        *[event(f"d:{a}{b}", "customer.linked", {"member_id": [a, b]}, 2) for a, b in pairs],
        event("d:none", "customer.unlinked", {"member_id": ["D4", "D5"]}, 3),
    )
    assert len(dossier(platform, "member_id:D2", after=after)["identifiers"]) == 3
    assert len(dossier(platform, "member_id:D4")["identifiers"]) == 1
