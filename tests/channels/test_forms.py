"""Forms: what a post becomes, who may post, and how it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ingest.app import Parts, create_app
from ingest.channels.forms.channel import Forms
from ingest.channels.forms.fields import MAX_FORM_BYTES
from ingest.channels.table import channels
from ingest.keys import KeyRing
from schemas.forms import FormDefinition, UnusableForm, read_forms
from schemas.settings import IngestSettings
from schemas.sources import Source
from tests.channels.conftest import DOOR, TOPICS, Client, Numbers
from tests.ingest.fakes import NOW, FakeLog, Hands

Json = dict[str, Any]
PAGE = "https://www.example.com"
SURVEY = """\
key: survey
source: website
type: survey.answered
ids: {email: mail}
constants: {survey: autumn}
rest: answers
"""
FORMS: list[Json] = [
    {
        "key": "review", "source": "website", "type": "feedback.reviewed", "ids": {"email": "mail", "phone": "tel"},
        "data": {"text": "message", "stars": "stars", "about.order_id": "order"}, "required": ["message", "mail"],
        "honeypot": "website", "origins": [PAGE], "redirect": f"{PAGE}/thanks",
    },
    {"key": "rating", "source": "website", "type": "feedback.rated", "ids": {"user_id": "u"},
     "data": {"score": "score"}, "constants": {"scale": "nps"}},
    {"key": "survey", "source": "website", "type": "survey.answered", "ids": {"email": "mail"},
     "constants": {"survey": "autumn"}, "rest": "answers"},
    {"key": "complaint", "source": "website", "type": "ticket.opened", "ids": {"phone": "tel"},
     "data": {"subject": "subject"}, "constants": {"kind": "complaint"}},
    {"key": "signup", "source": "website", "type": "customer.identified", "ids": {"email": "mail"},
     "data": {"traits.name": "name"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def hands() -> Hands:
    """Hands of the clock that limits rates."""
    return Hands()


@pytest.fixture
def site(web: tuple[Client, Numbers], hands: Hands) -> Client:
    """That ingest with an empty log, a minute later."""
    client, numbers = web
    client.log.records.clear()
    numbers.made = 0
    hands.seconds += 60
    return client


@pytest.fixture(scope="module")
def web(hands: Hands) -> Iterator[tuple[Client, Numbers]]:
    """An ingest with forms, of which an address may send ten posts a minute to each."""
    log, numbers = FakeLog(), Numbers()
    forms = Forms({each["key"]: FormDefinition(**each) for each in FORMS}, {"website": Source("website")})
    parts = Parts(
        producer=log,
        door=DOOR,
        keys=KeyRing({}),
        topics=TOPICS,
        dependencies=[],
        free=lambda: 2**40,
        clock=lambda: NOW,
        seconds=hands,
        new_id=numbers,
        channels=channels(forms=forms),
    )
    app = create_app(IngestSettings(public_rate=10), parts)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as http:
        yield Client(http, log), numbers


def test_urlencoded(site: Client) -> None:
    """As browsers post; blank fields say nothing, numbers become numbers."""
    fields = {"mail": "li@example.com", "tel": "", "message": "很好", "stars": "5", "order": "1001", "website": ""}
    answer = site.http.post("/v1/forms/review", data=fields)
    assert (answer.status_code, answer.json()) == (200, {"accepted": True})
    assert site.events() == [
        {
            "event_id": "form:review:made-1", "type": "feedback.reviewed", "occurred_at": "2026-11-22T00:00:00Z",
            "time_derived": True, "ids": {"email": "li@example.com"}, "channel": "form",
            "data": {"text": "很好", "stars": 5, "about": {"order_id": "1001"}}, "context": {"form": "review"},
        }
    ]  # fmt: skip


def test_multipart_and_json(site: Client) -> None:
    """The same event."""
    fields = {"mail": "li@example.com", "message": "一行\r\n两行", "_id": "p-1"}
    parts = {name: (None, value) for name, value in fields.items()}
    for answer in (site.http.post("/v1/forms/review", files=parts), site.http.post("/v1/forms/review", json=fields)):
        assert answer.status_code == 200, answer.text
    first, again = site.events()
    assert first == again
    assert (first["event_id"], first["data"]["text"]) == ("form:review:p-1", "一行\r\n两行")


@pytest.mark.parametrize(
    ("form", "fields", "kind", "data"),
    [
        ("rating", {"u": "7", "score": "9"}, "feedback.rated", {"scale": "nps", "score": 9}),
        ("survey", {"mail": "a@b.co", "q1": "yes", "q2": ["a", "b"], "_id": "s"}, "survey.answered",
         {"survey": "autumn", "answers": {"q1": "yes", "q2": ["a", "b"]}}),
        ("complaint", {"tel": "13800138000", "subject": "broken"}, "ticket.opened",
         {"kind": "complaint", "subject": "broken", "ticket_id": "complaint-made-1"}),
        ("signup", {"mail": "a@b.co", "name": "Li"}, "customer.identified", {"traits": {"name": "Li"}}),
    ],
)  # fmt: skip
def test_each_type(site: Client, form: str, fields: Json, kind: str, data: Json) -> None:
    """What a form may become."""
    assert site.http.post(f"/v1/forms/{form}", data=fields).status_code == 200
    (event,) = site.events()
    assert (event["type"], event["data"]) == (kind, data)


def test_a_browser_goes_on(site: Client) -> None:
    """To the form's own page, or to a small one of ours."""
    browser = {"Accept": "text/html,application/xhtml+xml", "Origin": PAGE}
    fields = {"mail": "a@b.co", "message": "x", "u": "7", "score": "9"}
    sent = site.http.post("/v1/forms/review", data=fields, headers=browser)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}/thanks")
    ours = site.http.post("/v1/forms/rating", data=fields, headers=browser)
    assert ours.status_code == 200
    assert "谢谢" in ours.text
    assert "Thank you" in ours.text
    assert "default-src 'none'" in ours.headers["content-security-policy"]


def test_a_robot_is_thanked(site: Client) -> None:
    """And nothing is written."""
    fields = {"mail": "a@b.co", "message": "x", "website": "http://spam"}
    assert site.http.post("/v1/forms/review", data=fields).status_code == 200
    assert site.log.records == []


def test_what_is_missing_is_said(site: Client) -> None:
    """To the person who can mend it; it is no dead letter."""
    answer = site.http.post("/v1/forms/review", data={"mail": "a@b.co", "message": " "})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_form")
    assert answer.json()["errors"][0]["pointer"] == "/message"
    assert site.log.records == []


def test_what_the_door_refuses(site: Client) -> None:
    """Is said, too, and kept."""
    answer = site.http.post("/v1/forms/rating", data={"u": "7", "score": "11"})
    assert (answer.status_code, answer.json()["code"]) == (422, "all_rejected")
    assert "0 to 10" in answer.json()["message"]
    (kept,) = site.letters()
    assert (kept.format, kept.original, kept.source) == ("form", b"u=7&score=11", "website")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"mail=%ff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"f%d=1" % n for n in range(300)), "application/x-www-form-urlencoded", 400),
        (b"message=" + b"x" * 9000, "application/x-www-form-urlencoded", 400),
        (b"x" * (MAX_FORM_BYTES + 1), "application/x-www-form-urlencoded", 413),
        (b"[1]", "application/json", 400),
        (b'{"message": {"a": 1}}', "application/json", 400),
        (b"nothing", "multipart/form-data", 400),
        (b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n',
         "multipart/form-data; boundary=b", 400),
    ],
)  # fmt: skip
def test_limits(site: Client, body: bytes, kind: str, status: int) -> None:
    """A form is small, has fields only, and is UTF-8."""
    answer = site.http.post("/v1/forms/review", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert site.log.records == []


def test_origins(site: Client) -> None:
    """Pages of other hosts may neither post nor read; who is no browser says no origin."""
    fields = {"mail": "a@b.co", "message": "x"}
    foreign = {"Origin": "https://evil.example"}
    refused = site.http.post("/v1/forms/review", data=fields, headers=foreign)
    assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in refused.headers
    asked = {"Access-Control-Request-Method": "POST"}
    assert site.http.options("/v1/forms/review", headers={**foreign, **asked}).status_code == 405
    assert site.http.options("/v1/forms/review", headers={"Origin": PAGE, **asked}).status_code == 204
    allowed = site.http.post("/v1/forms/review", data=fields, headers={"Origin": PAGE})
    assert allowed.headers["access-control-allow-origin"] == "*"
    assert site.http.post("/v1/forms/rating", data={"u": 1, "score": 1}, headers=foreign).status_code == 200


def test_rates(site: Client, hands: Hands) -> None:
    """An address may post ten a minute to one form; another form, and later, it may again."""
    answers = [site.http.post("/v1/forms/rating", data={"u": 7, "score": 1}) for _ in range(11)]
    assert [each.status_code for each in answers] == [200] * 10 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert answers[-1].headers["retry-after"] == "6"
    assert site.http.post("/v1/forms/signup", data={"mail": "a@b.co"}).status_code == 200
    hands.seconds += 6
    assert site.http.post("/v1/forms/rating", data={"u": 7, "score": 1}).status_code == 200
    assert site.http.post("/v1/forms/rating", data={"u": 7, "score": 1}).status_code == 429


def test_unknown_forms(site: Client) -> None:
    """404."""
    assert site.http.post("/v1/forms/nothing", data={}).json()["code"] == "not_found"


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(
        ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=b", ""]
    ),
)
def test_any_bytes_get_a_documented_answer(site: Client, hands: Hands, body: bytes, kind: str) -> None:
    """Never a fault of ours."""
    hands.seconds += 60
    answer = site.http.post("/v1/forms/survey", content=body, headers={"Content-Type": kind})
    assert answer.status_code in {200, 400, 422}, answer.text


def test_definitions_are_files(tmp_path: Path) -> None:
    """YAML or JSON, one a form; other files are passed over, and a folder that is not there has none."""
    (tmp_path / "survey.yaml").write_text(SURVEY)
    (tmp_path / "review.json").write_bytes(orjson.dumps(FORMS[0]))
    (tmp_path / "notes.txt").write_text("x")
    assert set(read_forms(tmp_path)) == {"survey", "review"}
    assert read_forms(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("key: a\nsource: b\ntype: order.paid\n", "type:"),
        ("key: a\nsource: b\ntype: ticket.opened\nids: {nose: n}\n", "there is no identifier nose"),
        ("key: a\nsource: b\ntype: ticket.opened\nmore: 1\n", "more:"),
        (SURVEY, "another file has a form survey"),
        ("key: a\nsource: b\ntype: ticket.opened\ndata: {kind: k}\nconstants: {kind: x}\n", "kind stands in data"),
    ],
)
def test_a_wrong_definition_is_said(tmp_path: Path, text: str, said: str) -> None:
    """With its file, and what is wrong in it."""
    (tmp_path / "a.yaml").write_text(SURVEY)
    (tmp_path / "b.yaml").write_text(text)
    with pytest.raises(UnusableForm) as refused:
        read_forms(tmp_path)
    assert "b.yaml" in refused.value.message
    assert said in refused.value.message
