"""RFM over some orders, its migration and its boundaries as versions, asked of a platform that runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.history import ANN, HISTORY, OTHERS, Json, event
from tests.conftest import StartPlatform
from tests.stack.platforms import Platform

pytestmark = pytest.mark.platform

LATER = event(
    "a11",
    "order.completed",
    20,
    ANN,
    {"order_id": "1003", "currency": "CNY", "total": "40", "lines": []},
    channel="app",
)
SPAN = {"from": "2025-11-03T00:00:00Z", "to": "2025-11-30T00:00:00Z"}


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """A platform to which the history was told: Ann bought in a store and in the app, Ben nowhere in particular."""
    platform = start_platform()
    for position in [platform.send(*HISTORY), platform.send(*OTHERS), platform.send(LATER)]:
        platform.ask("/v1/rfm", after=position)
    return platform


def found(answer: Json) -> tuple[int, int, str]:
    """Customers, their orders and what they brought in."""
    return answer["customers"], answer["orders"], answer["net_amount"]


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ({}, (2, 3, "290.00")),
        ({"store": "mall"}, (1, 1, "200.00")),
        ({"store": "mall/a/"}, (1, 1, "200.00")),
        ({"store": "mal"}, (0, 0, "0.00")),
        ({"category": "perfume"}, (1, 1, "200.00")),
        ({"channel": "app"}, (1, 1, "40.00")),
        ({"channel": "app", "category": "perfume"}, (0, 0, "0.00")),
        ({"channel": "app", "as_of": "2025-11-19T00:00:00Z"}, (0, 0, "0.00")),
        ({"store": "mall", "as_of": "2025-11-04T00:00:00Z"}, (1, 1, "268.00")),
    ],
)
def test_over_some_orders_only(platform: Platform, only: dict[str, str], expected: tuple[int, int, str]) -> None:
    """Of a store and those below it, a category, a channel; now and as of any time."""
    answer = platform.ask("/v1/rfm", **only)
    assert found(answer) == expected
    assert sum(cell["customers"] for cell in answer["cells"]) == expected[0]


def test_who_moved_from_which_class_to_which(platform: Platform) -> None:
    """Everybody with an order at either time; all eight classes are listed."""
    answer = platform.ask("/v1/rfm/migration", **SPAN)
    assert (answer["from"], answer["to"], answer["customers"]) == (SPAN["from"], SPAN["to"], 2)
    assert answer["matrix"] == [
        {"from": "general_develop", "to": "general_win_back", "customers": 1, "net_amount": "50.00"},
        {"from": "important_develop", "to": "important_value", "customers": 1, "net_amount": "240.00"},
    ]
    assert len(answer["classes"]) == 8
    win_back = next(row for row in answer["classes"] if row["key"] == "general_win_back")
    assert win_back == {"key": "general_win_back", "label": "一般挽留客户", "from": 0, "to": 1}
    assert "freshness" in answer


def test_whoever_was_not_a_customer_yet_comes_from_nowhere(platform: Platform) -> None:
    """null; and by what was known by then, nobody was one."""
    before = platform.ask("/v1/rfm/migration", **SPAN | {"from": "2025-10-01T00:00:00Z"})
    assert {(row["from"], row["customers"]) for row in before["matrix"]} == {(None, 1)}
    assert platform.ask("/v1/rfm/migration", **SPAN, by="received_at")["matrix"] == []


@pytest.mark.parametrize(
    ("path", "parameters", "pointer"),
    [
        ("/v1/rfm", {"store": "x" * 501}, "/query/store"),
        ("/v1/rfm/migration", {"to": SPAN["to"]}, "/query/from"),
        ("/v1/rfm/migration", {"from": SPAN["from"], "to": "soon"}, "/query/to"),
        ("/v1/rfm/migration", {"from": SPAN["to"], "to": SPAN["from"]}, "/query/from"),
        ("/v1/rfm/migration", {**SPAN, "by": "arrival"}, "/query/by"),
        ("/v1/rfm/boundaries", {"cursor": "x"}, "/query/cursor"),
        ("/v1/rfm/boundaries", {"cursor": "Wy0xXQ"}, "/query/cursor"),
    ],
)
def test_a_bad_parameter_is_named(platform: Platform, path: str, parameters: dict[str, Any], pointer: str) -> None:
    """400, with its pointer."""
    answer = platform.get(path, **parameters)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_boundaries_are_versions(platform: Platform) -> None:
    """Asked for or by the clock; each with all thresholds, the newest first, page by page."""
    url, operator = f"{platform.api_url}/v1/rfm:recompute", {"Authorization": "Bearer operator"}
    answer = platform.http.post(url, headers=operator)
    assert answer.status_code == 200, answer.text
    renewed = answer.json()
    assert (renewed["customers"], renewed["orders"], renewed["net_amount"]) == (2, 3, "290.00")
    assert renewed["boundaries"]["monetary"] == ["50.00", "50.00", "240.00", "240.00"]
    assert (len(renewed["shares"]), renewed["shares"][0], renewed["shares"][-1]) == (99, "240.00", "50.00")
    again = platform.http.post(url, headers=operator).json()
    assert again["version"] == renewed["version"]
    page = platform.ask("/v1/rfm/boundaries", limit="1")
    assert page["data"] == [{name: value for name, value in renewed.items() if name != "freshness"}]
    if page["next_cursor"]:
        older = platform.ask("/v1/rfm/boundaries", limit="200", cursor=page["next_cursor"])["data"]
        assert all(row["version"] < renewed["version"] for row in older)
    assert platform.http.post(url, headers={"Authorization": "Bearer crm"}).status_code == 403


def test_a_dossier_says_in_which_share_the_customer_lies(platform: Platform) -> None:
    """The greatest spender begins the first hundredth; and what is bought most."""
    ann = platform.ask("/v1/profiles/member_id:ANN")
    assert (ann["rfm"]["share_percent"], ann["orders"]["favourite_category"]) == (1, "perfume")
    assert platform.ask("/v1/profiles/member_id:BEN")["rfm"]["share_percent"] == 83
