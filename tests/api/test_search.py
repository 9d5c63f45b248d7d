"""Searching customers: what a question is read as, and what a platform that runs answers."""

from __future__ import annotations

from typing import Any

import pytest

from api.search_view import read_search
from projections.search import Search
from schemas.errors import RequestError
from tests.api.history import HISTORY, OTHERS, Json, event
from tests.conftest import StartPlatform
from tests.stack.platforms import Platform

PATH = "/v1/profiles"
AT = ("/query/q", "/query/trait.")


def read(q: str | None = None, *traits: tuple[str, str]) -> Search:
    return read_search(q, traits, "CN", AT)


# What a question is read as


def test_words_are_read_as_identifiers_are_written() -> None:
    """A phone as E.164, an e-mail in lower case, anything else as it is; a word said twice once."""
    assert read("  Ann  13800138000 Ann@X.cn　Ann ").words == [
        ("Ann", "Ann"), ("13800138000", "+8613800138000"), ("Ann@X.cn", "ann@x.cn"),
    ]  # fmt: skip


def test_words_may_be_one_phone_together() -> None:
    """Written with spaces, as people do."""
    assert read("138 0013 8000").whole == "+8613800138000"
    assert not read("Ann 13800138000").whole


def test_without_words_and_traits_everybody_is_meant() -> None:
    """Nothing is asked for."""
    assert read() == Search(traits=())


@pytest.mark.parametrize(
    ("q", "traits", "pointer"),
    [
        ("", [], "/query/q"),
        (" \t　", [], "/query/q"),
        ("x" * 201, [], "/query/q"),
        ("a\0b", [], "/query/q"),
        ("\ud800", [], "/query/q"),
        (" ".join("abcdefghijk"), [], "/query/q"),
        (None, [("", "x")], "/query/trait."),
        (None, [(" ", "x")], "/query/trait. "),
        (None, [("x" * 101, "x")], "/query/trait." + "x" * 101),
        (None, [("a/b", "x" * 1001)], "/query/trait.a~1b"),
        (None, [("city", "a\0b")], "/query/trait.city"),
        (None, [(str(n), "x") for n in range(11)], "/query"),
        (None, [("city", str(n)) for n in range(101)], "/query"),
    ],
)
def test_what_cannot_be_asked_is_refused(q: str | None, traits: list[tuple[str, str]], pointer: str) -> None:
    """With what it is about."""
    with pytest.raises(RequestError) as raised:
        read(q, *traits)
    assert (raised.value.code, raised.value.pointer) == ("bad_parameter", pointer)


def test_the_longest_question_is_read() -> None:
    """200 characters beside blanks, or ten words; ten traits."""
    assert len(read(" ".join("abcdefghij" * 9)).words) == 10
    assert read(" " + "x" * 200 + " ", *((str(n), "") for n in range(10))).words == [("x" * 200, "x" * 200)]


# What a platform answers


@pytest.fixture(scope="module")
def platform(start_platform: StartPlatform) -> Platform:
    """A platform to which the history was told, all of it recorded and folded."""
    platform = start_platform()
    for position in [platform.send(*HISTORY), platform.send(*OTHERS)]:
        platform.ask(PATH, after=position)
    return platform


def post(platform: Platform, body: Any, **parameters: str) -> Any:
    headers = {"Authorization": "Bearer all"}
    return platform.http.post(f"{platform.api_url}/v1/profiles:search", json=body, headers=headers, params=parameters)


def people(answer: Json) -> list[str]:
    return sorted(each["value"] for row in answer["data"] for each in row["identifiers"] if each["type"] == "member_id")


@pytest.mark.platform
def test_a_customer_is_shown_in_short(platform: Platform) -> None:
    """As the dossier has it."""
    dossier = platform.ask(f"{PATH}/member_id:ANN")
    answer = platform.ask(PATH, q="ann 上")
    assert set(answer) == {"data", "next_cursor", "freshness"}
    assert answer["next_cursor"] is None
    [row] = answer["data"]
    orders = {"count": 1, "net_amount": "200.00", "currency": "CNY", "last_at": "2025-11-02T00:00:00Z"}
    assert row.pop("orders") == orders
    assert set(row) == {"person_id", "identifiers", "traits", "first_seen", "last_seen"}
    assert row == {name: dossier[name] for name in row}


@pytest.mark.platform
@pytest.mark.parametrize(
    "asked", [{"q": "ANN"}, {"trait.city": "上海"}, {"trait.city": ["北京", "上海"], "q": "a"}, {"trait.name": "Ann"}]
)
def test_a_customer_is_found(platform: Platform, asked: Json) -> None:
    """By identifier, text or trait."""
    assert people(platform.ask(PATH, **asked)) == ["ANN"]


@pytest.mark.platform
@pytest.mark.parametrize(
    "body",
    [
        {"q": "ANN", "limit": 1},
        {"traits": {"city": "上海"}},
        {"q": " a ", "traits": {"city": ["北京", "上海"], "name": "Ann"}, "cursor": None},
    ],
)
def test_a_customer_is_found_by_what_a_body_says(platform: Platform, body: Json) -> None:
    """The same, without personal data in the URL."""
    answer = post(platform, body)
    assert answer.status_code == 200, answer.text
    assert people(answer.json()) == ["ANN"]


@pytest.mark.platform
@pytest.mark.parametrize("asked", [{"q": "nobody"}, {"trait.city": "Paris"}, {"q": "ANN", "trait.city": "Paris"}])
def test_nobody_found_is_an_empty_list(platform: Platform, asked: Json) -> None:
    """No 404: the question was answered."""
    assert platform.ask(PATH, **asked)["data"] == []


@pytest.mark.platform
@pytest.mark.parametrize("limit", ["1", "2", "200"])
def test_everybody_is_listed_page_by_page(platform: Platform, limit: str) -> None:
    """By person_id, nobody twice, whichever way pages are asked for."""
    listed: list[str] = []
    cursor: Json = {}
    while True:
        page = platform.ask(PATH, limit=limit, **cursor)
        assert post(platform, {"limit": int(limit), **cursor}).json()["data"] == page["data"]
        listed += [row["person_id"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert listed == sorted(set(listed))
    assert len(listed) == 4


@pytest.mark.platform
def test_a_search_shows_ones_own_event(platform: Platform) -> None:
    """`after` waits; freshness says how fresh it is."""
    for day, city in enumerate(("Bath", "York", "Bath"), 1):
        said = event(f"u{day}", "customer.identified", day, {"member_id": "SUE"}, {"traits": {"city": city}})
        position = platform.send(said)
        assert people(platform.ask(PATH, after=position, **{"trait.city": city})) == ["SUE"]
        assert people(post(platform, {"traits": {"city": city}}, after=position).json()) == ["SUE"]
    assert platform.ask(PATH, q="york")["data"] == []
    assert not platform.ask(PATH)["freshness"]["stale"]


@pytest.mark.platform
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"q": ""}, "bad_parameter"),
        ({"q": "x" * 201}, "bad_parameter"),
        ({"trait.": "x"}, "bad_parameter"),
        ({"trait.%00": "\0"}, "bad_parameter"),
        ({f"trait.{n}": "x" for n in range(11)}, "bad_parameter"),
        ({"as_of": "2025-11-02T00:00:00Z"}, "bad_parameter"),
        ({"limit": "201"}, "bad_parameter"),
        ({"cursor": "x"}, "bad_cursor"),
        ({"cursor": "WyJ4Il0"}, "bad_cursor"),
        ({"cursor": "WzEsIngiXQ"}, "bad_cursor"),
    ],
)
def test_what_cannot_be_read_is_400(platform: Platform, asked: Json, code: str) -> None:
    """With a code, and what is wrong."""
    answer = platform.get(PATH, **asked)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/query")


@pytest.mark.platform
@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        ([], {}),
        ({"q": " "}, {}),
        ({"q": 7}, {}),
        ({"traits": {" ": "x"}}, {}),
        ({"traits": {"city": None}}, {}),
        ({"traits": {"city": []}}, {}),
        ({"traits": {"city": {"a": 1}}}, {}),
        ({"limit": 0}, {}),
        ({"limit": 201}, {}),
        ({"cursor": "x"}, {}),
        ({"as_of": "2025-11-02T00:00:00Z"}, {}),
        ({}, {"as_of": "2025-11-02T00:00:00Z"}),
    ],
)
def test_a_body_that_cannot_be_read_is_400(platform: Platform, body: Any, parameters: Json) -> None:
    """The same of a body."""
    answer = post(platform, body, **parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text
    assert answer.json()["errors"][0]["pointer"].startswith("/query" if parameters else "/body")


@pytest.mark.platform
@pytest.mark.parametrize(
    "odd", ["'", "\\", "%", "_", "\n.\t", "{x:String}", "中文🦊", "İß", "'; DROP TABLE profiles; --", "\u202e", "\x01"]
)
def test_odd_values_are_never_a_fault(platform: Platform, odd: str) -> None:
    """They find nobody, or everybody of whom they are true, or are blank."""
    for asked in ({"q": odd}, {"trait.city": odd}, {f"trait.{odd}": "x"}, {"unknown": odd}):
        answer = platform.get(PATH, **asked)
        assert answer.status_code == 200, answer.text
    assert post(platform, {"q": odd, "traits": {odd: [odd, 1, 2.5, True, 10**30]}}).status_code == 200


@pytest.mark.platform
def test_a_search_needs_the_scope_of_profiles(platform: Platform) -> None:
    """As every other question about customers."""
    assert platform.get(PATH, key=None).status_code == 401
    assert platform.get(PATH, key="operator").status_code == 403
    assert platform.get(PATH, key="crm").status_code == 200
    denied = platform.http.post(
        f"{platform.api_url}/v1/profiles:search", json={}, headers={"Authorization": "Bearer operator"}
    )
    assert denied.status_code == 403
