"""Decisions about suggested matches, with a log and a store that are fakes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import orjson
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.deciding import Desk
from api.keys import ApiKeys
from api.services import Services
from deploy.keys import digest
from projections.matching import Status, Suggestion
from schemas.identifiers import parse_address
from schemas.positions import decode
from tests.api.test_publishing import Log, writer
from tests.ingest.fakes import NOW


def s(number: int) -> str:
    """An id that comes before those of greater numbers."""
    return f"{number:032x}"


S1 = s(1)
OPEN = Suggestion(S1, "p1", "member_id:M1", "p2", "phone:+8613800138000", 0.99, [{"field": "name"}], NOW)
SHOWN = {
    "suggestion_id": S1,
    "status": "open",
    "probability": 0.99,
    "left": {"person_id": "p1", "address": "member_id:M1"},
    "right": {"person_id": "p2", "address": "phone:+8613800138000"},
    "reasons": [{"field": "name"}],
    "made_at": "2026-11-22T00:00:00Z",
    "decided_at": None,
}


@dataclass
class Book:
    """Suggestions in memory."""

    kept: dict[str, Suggestion] = field(default_factory=dict)

    def find(self, suggestion_id: str) -> Suggestion | None:
        return self.kept.get(suggestion_id)

    def keep(self, suggestion: Suggestion) -> None:
        self.kept[suggestion.suggestion_id] = suggestion

    def page(self, status: Status, before: tuple[float, str], limit: int) -> list[Suggestion]:
        def place(each: Suggestion) -> tuple[float, str]:
            return each.probability, each.suggestion_id

        found = [each for each in self.kept.values() if each.status == status and place(each) < before]
        return sorted(found, key=place, reverse=True)[:limit]


class Clock:
    """Each look at it is a minute later."""

    now = NOW

    def __call__(self) -> Any:
        self.now += timedelta(minutes=1)
        return self.now


class Parts:
    """An API of which only matching is there."""

    def __init__(self) -> None:
        self.log, self.book = Log(), Book({S1: OPEN})
        desk = Desk(
            store=self.book,
            writer=writer(self.log),
            identifier=lambda address: parse_address(address, "CN", {"brand"}),
            clock=Clock(),
        )
        app = create_app(cast("Services", _Services(desk)))
        self.http = TestClient(app, headers={"Authorization": "Bearer key"})

    def decide(self, decision: str, suggestion_id: str = S1) -> Any:
        return self.http.post(f"/v1/matches/{suggestion_id}:{decision}")


@dataclass
class _Services:
    desk: Desk
    keys: ApiKeys = field(default_factory=lambda: ApiKeys({digest("key"): "crm:operations", digest("no"): "x:rfm"}))

    async def fresh(self, answer: dict[str, Any]) -> dict[str, Any]:
        return answer


@pytest.fixture
def api() -> Parts:
    return Parts()


def test_open_suggestions_are_listed_the_likeliest_first(api: Parts) -> None:
    """In pages; those decided are in lists of their own."""
    for number in range(2, 5):
        api.book.keep(replace(OPEN, suggestion_id=s(number), probability=0.9 + number / 100))
    api.book.keep(replace(OPEN, suggestion_id=s(9), status="rejected", decided_at=NOW))
    first = api.http.get("/v1/matches", params={"limit": "3"}).json()
    assert [row["suggestion_id"] for row in first["data"]] == [S1, s(4), s(3)]
    assert first["data"][0] == SHOWN
    rest = api.http.get("/v1/matches", params={"limit": "3", "cursor": first["next_cursor"]}).json()
    assert ([row["suggestion_id"] for row in rest["data"]], rest["next_cursor"]) == ([s(2)], None)
    [rejected] = api.http.get("/v1/matches", params={"status": "rejected"}).json()["data"]
    assert (rejected["suggestion_id"], rejected["decided_at"]) == (s(9), "2026-11-22T00:00:00Z")


def test_accepting_writes_the_link(api: Parts) -> None:
    """customer.linked of the two addresses, in the name of the operators; the position leads to it."""
    answer = api.decide("accept")
    assert answer.status_code == 202
    assert answer.json() == {
        "suggestion_id": S1, "status": "accepted", "event_id": f"match:{S1}", "position": answer.json()["position"],
    }  # fmt: skip
    assert decode(answer.json()["position"]) == {"events": {3: 0}}
    [record] = api.log.records
    said = orjson.loads(record.value)
    assert dict(record.headers)["source"] == b"operator"
    assert (said["event_id"], said["type"], said["ids"]) == (
        f"match:{S1}", "customer.linked", {"member_id": ["M1"], "phone": ["+8613800138000"]},
    )  # fmt: skip
    assert api.book.kept[S1].status == "accepted"


def test_accepting_twice_says_the_same_event(api: Parts) -> None:
    """The very same bytes: to the log a duplicate, which changes nothing."""
    assert [api.decide("accept").status_code for _ in range(2)] == [202, 202]
    first, second = api.log.records
    assert first == second


def test_an_acceptance_that_kafka_did_not_take_can_be_repeated(api: Parts) -> None:
    """503, still open; later it says the event with the same time, for nobody knows whether it is in the log."""
    api.log.away = True
    answer = api.decide("accept")
    assert (answer.status_code, answer.json()["code"]) == (503, "kafka_unavailable")
    begun = api.book.kept[S1]
    assert (begun.status, begun.decided_at) == ("open", NOW + timedelta(minutes=1))
    assert api.decide("reject").json()["code"] == "already_decided"
    api.log.away = False
    assert api.decide("accept").status_code == 202
    assert orjson.loads(api.log.records[0].value)["occurred_at"] == "2026-11-22T00:01:00Z"


def test_rejecting_is_remembered_and_writes_nothing(api: Parts) -> None:
    """It is a decision about a suggestion, no fact about a customer; twice is once."""
    assert [api.decide("reject").json() for _ in range(2)] == [{"suggestion_id": S1, "status": "rejected"}] * 2
    assert api.book.kept[S1] == replace(OPEN, status="rejected", decided_at=NOW + timedelta(minutes=1))
    assert api.log.records == []


@pytest.mark.parametrize(
    ("status", "decision"),
    [("accepted", "reject"), ("rejected", "accept"), ("withdrawn", "accept"), ("withdrawn", "reject")],
)
def test_what_was_decided_stays(api: Parts, status: Status, decision: str) -> None:
    """409, and nothing is written."""
    api.book.keep(replace(OPEN, status=status, decided_at=NOW))
    answer = api.decide(decision)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")
    assert (api.book.kept[S1].status, api.log.records) == (status, [])


def test_scoped_addresses_are_linked_by_their_source(api: Parts) -> None:
    """An openid of the shop is named in an event of the shop."""
    api.book.keep(replace(OPEN, right_root="wechat_openid:shop/o1"))
    assert api.decide("accept").status_code == 202
    [record] = api.log.records
    assert dict(record.headers)["source"] == b"shop"
    assert orjson.loads(record.value)["ids"] == {"member_id": ["M1"], "wechat_openid": ["o1"]}


def test_addresses_of_two_sources_cannot_be_linked(api: Parts) -> None:
    """409 that says why, and the suggestion stays open."""
    api.book.keep(replace(OPEN, left_root="oaid:shop/x", right_root="member_id:brand/M1"))
    answer = api.decide("accept")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_common_source")
    assert api.book.kept[S1].decided_at is None


def test_unknown_suggestions_and_states_are_named(api: Parts) -> None:
    """404 and 400."""
    assert api.decide("accept", "none").json()["code"] == "bad_parameter"
    assert [api.decide(each, s(0)).status_code for each in ("accept", "reject")] == [404, 404]
    answer = api.http.get("/v1/matches", params={"status": "perhaps"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/query/status")
    assert api.http.get("/v1/matches", params={"cursor": "x"}).json()["code"] == "bad_cursor"


def test_only_operators_decide(api: Parts) -> None:
    """Without the scope: 403."""
    for method, path in (
        ("GET", "/v1/matches"),
        ("POST", f"/v1/matches/{S1}:accept"),
        ("POST", f"/v1/matches/{S1}:reject"),
    ):
        assert api.http.request(method, path, headers={"Authorization": "Bearer no"}).status_code == 403
    assert api.log.records == []
