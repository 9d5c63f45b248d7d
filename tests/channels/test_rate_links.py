"""Rating links: what they say, that nobody else can make them, and what a click does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from ingest.app import Parts, create_app
from ingest.channels.rate_link import RateLinks
from ingest.channels.table import channels
from ingest.keys import KeyRing
from schemas.errors import RequestError
from schemas.rate_links import RateLink, sign, signing_key, verify
from schemas.settings import IngestSettings
from schemas.sources import Source
from tests.channels.conftest import DOOR, SHOP, TOPICS, Client
from tests.ingest.fakes import NOW, FakeLog

KEY = signing_key("secret of a data directory")
LATER = int(NOW.timestamp()) + 3600


def link(**more: Any) -> RateLink:
    """A link for a nine."""
    said = {"source": "shop", "ids": {"user_id": "42"}, "scale": "nps", "score": 9, "expires": LATER, **more}
    return RateLink.model_validate(said)


@pytest.fixture
def clicks(mail: Client) -> Client:
    """That ingest with an empty log that answers."""
    mail.log.records.clear()
    mail.log.away = False
    return mail


@pytest.fixture(scope="module")
def mail() -> Iterator[Client]:
    """An ingest that knows the key."""
    log = FakeLog()
    parts = Parts(
        producer=log,
        door=DOOR,
        keys=KeyRing({}),
        topics=TOPICS,
        dependencies=[],
        free=lambda: 2**40,
        clock=lambda: NOW,
        channels=channels(links=RateLinks(KEY, {"shop": Source("shop")})),
    )
    with TestClient(create_app(IngestSettings(), parts), raise_server_exceptions=False) as http:
        yield Client(http, log)


def test_one_click(clicks: Client) -> None:
    """Is a score, and a page in both languages that loads nothing."""
    token = sign(link(about={"order_id": "1001"}, campaign="autumn"), KEY)
    answer = clicks.http.get(f"/v1/rate/{token}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "谢谢" in answer.text
    assert "Thank you" in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    (event,) = clicks.events()
    assert {name: event[name] for name in ("type", "ids", "data", "channel", "context")} == {
        "type": "feedback.rated", "ids": {"user_id": "42"}, "channel": "link", "context": {"campaign": "autumn"},
        "data": {"scale": "nps", "score": 9, "about": {"order_id": "1001"}},
    }  # fmt: skip


def test_a_question_is_answered_once() -> None:
    """A second click has the same id: with the same score it is the same event, with another a conflict.

    Another order, campaign or customer is another question; when the link expires is none of it.
    """
    assert link().event_id == link(score=1).event_id == link(expires=LATER + 9).event_id
    others = [link(campaign="spring"), link(ids={"user_id": "43"}), link(about={"order_id": "1"}), link(scale="stars")]
    assert len({each.event_id for each in (link(), *others)}) == 5


def test_the_same_score_again_is_the_same_event(clicks: Client) -> None:
    """Its time is no content."""
    token = sign(link(), KEY)
    for _ in range(2):
        clicks.http.get(f"/v1/rate/{token}")
    first, again = (DOOR.admit(orjson.dumps(each), SHOP, NOW) for each in clicks.events())
    assert (first.event_id, first.content_hash) == (again.event_id, again.content_hash)


@given(at=st.integers(0, 10_000), to=st.sampled_from("AZaz09-_.x%"))
def test_a_link_that_was_changed_is_refused(at: int, to: str) -> None:
    """Any letter, any other key."""
    token = sign(link(), KEY)
    at %= len(token)
    changed = token[:at] + to + token[at + 1 :]
    for mine, key in ((changed, KEY), (token, signing_key("another")), (token, b""), (changed[:at], KEY)):
        if (mine, key) != (token, KEY):
            try:
                assert verify(mine, key, NOW.timestamp()) == link()  # base64 has letters whose last bits say nothing
            except RequestError as refused:
                assert refused.code == "unauthorized"


@pytest.mark.parametrize(
    ("token", "status", "words"),
    [
        ("nothing", 404, "not valid"),
        ("é.é", 404, "not valid"),
        ("A" * 3000 + ".A", 404, "not valid"),
        (sign(link(expires=int(NOW.timestamp())), KEY), 410, "expired"),
        (sign(link(source="gone"), KEY), 404, "not valid"),
        (sign(link(ids={"nose": "long"}), KEY), 404, "not valid"),
    ],
)
def test_other_links(clicks: Client, token: str, status: int, words: str) -> None:
    """A page says what is the matter; no score is written."""
    answer = clicks.http.get(f"/v1/rate/{token}")
    assert answer.status_code == status
    assert words in answer.text
    assert clicks.events() == []


def test_looking_ahead_is_no_click(clicks: Client) -> None:
    """Browsers fetch what may be opened next; they come again when it is."""
    token = sign(link(), KEY)
    answer = clicks.http.get(f"/v1/rate/{token}", headers={"Sec-Purpose": "prefetch;prerender"})
    assert answer.status_code == 503
    assert clicks.http.head(f"/v1/rate/{token}").status_code == 405
    assert clicks.log.records == []


def test_kafka_away(clicks: Client) -> None:
    """The page asks to click again."""
    clicks.log.away = True
    answer = clicks.http.get(f"/v1/rate/{sign(link(), KEY)}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "again" in answer.text


def test_the_command_makes_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each score, signed with the secret of the data directory, about what it was told."""
    (tmp_path / "keys.json").write_bytes(orjson.dumps({"link_secret": "secret of a data directory"}))
    monkeypatch.chdir(tmp_path)
    asked = ["rate-link", "user_id:42", "--scale", "csat", "--order", "1001", "--url", "https://cdp.example.com/"]
    told = CliRunner().invoke(build(), [*asked, "--data-dir", str(tmp_path)])
    assert told.exit_code == 0, told.output
    lines = told.stdout.split("\n")[:-1]
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5"]
    token = re.fullmatch(r"4 https://cdp\.example\.com/v1/rate/(\S+)", lines[3])
    assert token
    made = verify(token[1], KEY, 0)
    assert (made.score, made.about, made.source) == (4, {"order_id": "1001"}, "default")


@pytest.mark.parametrize("wrong", [["nose:1"], ["user_id:1", "--scale", "x"], ["user_id:1", "--score", "11"]])
def test_the_command_says_what_is_wrong(tmp_path: Path, wrong: list[str]) -> None:
    """A sentence, and no link."""
    (tmp_path / "keys.json").write_bytes(orjson.dumps({"link_secret": "s"}))
    told = CliRunner().invoke(build(), ["rate-link", *wrong, "--data-dir", str(tmp_path)])
    assert told.exit_code == 2
    assert "/v1/rate/" not in told.stdout
