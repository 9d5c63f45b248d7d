"""Keys that operators made: followed while ingest runs, with rates, types and origins of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from ingest.app import Parts, create_app
from ingest.channels.forms.channel import Forms
from ingest.channels.table import channels
from ingest.following import SourceFollowing
from ingest.keys import KeyRing
from schemas.control import Control
from schemas.door import Door
from schemas.forms import FormDefinition
from schemas.gates import ContractGate
from schemas.settings import IngestSettings
from schemas.source_register import SETTLING, Followed, SourceRegister
from schemas.sources import Source
from schemas.topics import catalogue
from schemas.write_keys import Grants, Minted, control_key, mint
from tests.ingest.events import viewed
from tests.ingest.fakes import NOW, FakeLog, Hands
from tests.stack.waiting import until

REVIEW = FormDefinition(
    key="review", source="pos", type="feedback.reviewed", ids={"email": "mail"}, data={"text": "message"}
)


class Said:
    """A control topic: what is said arrives at once; `silent` until it is let speak."""

    def __init__(self) -> None:
        self.records: list[Followed] = []
        self.given = 0
        self.speaks = Event()
        self.turn = Event()

    def say(self, kind: Any, key: str, value: dict[str, Any]) -> None:
        control = Control(kind=kind, key=key, value=value)
        record = Followed(
            len(self.records), NOW - SETTLING, f"{kind}/{key}".encode(), control.model_dump_json().encode()
        )
        self.records.append(record)

    def say_key(self, minted: Minted, **change: Any) -> None:
        said = minted.version.model_copy(update=change)
        self.say("write_key", control_key("till", said.key_id), said.model_dump(mode="json"))

    def all_news(self, seconds: float) -> Iterable[Followed]:
        self.speaks.wait(seconds)
        return self.news(0)

    def news(self, seconds: float) -> Iterable[Followed]:
        begin, self.given = self.given, len(self.records)
        if begin == self.given:
            self.turn.wait(0.001)
        return self.records[begin : self.given]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def client(said: Said, log: FakeLog, hands: Hands) -> Iterable[TestClient]:
    """An ingest without any key of the settings."""
    register = SourceRegister({"pos": Source("pos")})
    ring = KeyRing({}, is_known=False, now=lambda: NOW)
    parts = Parts(
        producer=log,
        door=ContractGate(Door("CN"), register.contract_at, frozenset({"block"})),
        keys=ring,
        topics=catalogue(),
        dependencies=(),
        channels=channels(forms=Forms({"review": REVIEW}, {"pos": Source("pos")})),
        following=SourceFollowing(said, register, ring),
        free=lambda: 2**40,
        clock=lambda: NOW,
        seconds=hands,
    )
    with TestClient(create_app(IngestSettings(), parts), raise_server_exceptions=False) as client:
        yield client
        said.speaks.set()


def post(client: TestClient, minted: Minted, *events: Any, **headers: str) -> Any:
    return client.post(
        "/v1/events", json=list(events) or [viewed()], headers={"Authorization": f"Bearer {minted.text}", **headers}
    )


def minted(**grants: Any) -> Minted:
    return mint(Grants(**grants), NOW)


def test_nothing_is_taken_before_all_keys_are_known(client: TestClient, said: Said) -> None:
    """Neither taken nor called unknown: a restart must not turn channels away for good."""
    key = minted()
    said.say_key(key)
    answer = post(client, key)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    said.speaks.set()
    until(lambda: post(client, key).status_code == 202, "the key is known")
    assert post(client, minted()).status_code == 401


def test_a_rotation_has_two_keys_and_then_one(client: TestClient, said: Said) -> None:
    """The old one is taken until it expires; one that is disabled is not any more."""
    said.speaks.set()
    old, new, gone = minted(), minted(), minted()
    said.say_key(old, expires_at=NOW + timedelta(seconds=1))
    said.say_key(gone, expires_at=NOW)
    said.say_key(new)
    until(lambda: post(client, new).status_code == 202, "the new key is known")
    assert [post(client, key).status_code for key in (old, new, gone)] == [202, 202, 401]
    said.say_key(old, disabled=True)
    until(lambda: post(client, old).status_code == 401, "the old key is disabled")


def test_a_key_has_its_own_rate_and_says_what_is_left(client: TestClient, said: Said, hands: Hands) -> None:
    """By the IETF's fields, counted in events; over it 429 with Retry-After, then taken again."""
    said.speaks.set()
    key = minted(rate=10)
    said.say_key(key)
    until(lambda: post(client, key).status_code == 202, "the key is known")
    hands.seconds += 60
    taken = post(client, key, *(viewed(f"e{n}") for n in range(8)))
    assert taken.headers["RateLimit-Policy"] == '"write-key";q=10;qu="events";w=1'
    assert taken.headers["RateLimit"] == '"write-key";r=2;t=1'
    assert post(client, key, *(viewed(f"f{n}") for n in range(22))).status_code == 202
    late = post(client, key)
    assert (late.status_code, late.headers["Retry-After"]) == (429, "2")
    assert late.headers["RateLimit"] == '"write-key";r=0;t=3'
    hands.seconds += 2.1
    assert post(client, key).status_code == 202


def test_other_types_are_refused_one_by_one(client: TestClient, said: Said, log: FakeLog) -> None:
    """What the key may not send is a dead letter; the rest of the request lands."""
    said.speaks.set()
    key = minted(types=["order.*", "page.viewed"])
    said.say_key(key)
    page = {**viewed("p1"), "type": "page.viewed", "data": {}}
    until(lambda: post(client, key, page).status_code == 202, "the key is known")
    answer = post(client, key, viewed("e2"), page).json()
    assert [(each["code"], each["pointer"], each["event_id"]) for each in answer["errors"]] == [
        ("type_not_allowed", "/type", "e2")
    ]
    assert len(log.values("cdp.dead-letters.v1")) == 1


def test_pages_of_other_origins_are_refused(client: TestClient, said: Said) -> None:
    """By the browser's Origin; the same of the channels that browsers speak."""
    said.speaks.set()
    key = minted(origins=["https://shop.example"])
    said.say_key(key)
    until(lambda: post(client, key).status_code == 202, "the key is known")
    assert post(client, key, Origin="https://shop.example").status_code == 202
    refused = post(client, key, Origin="https://other.example")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    track = {"type": "track", "event": "x", "userId": "u"}
    page = {"X-Write-Key": key.text, "Origin": "https://other.example"}
    assert client.post("/v1/track", json=track, headers=page).status_code == 403
    assert client.post("/v1/track", json=track, headers={"X-Write-Key": key.text}).status_code == 200


def test_a_contract_that_blocks_is_heard_at_the_door(client: TestClient, said: Said) -> None:
    """One that sets aside lets in: the recorder does that, and the channel's part is done."""
    said.speaks.set()
    key = minted()
    said.say_key(key)
    until(lambda: post(client, key).status_code == 202, "the key is known")
    rule = {"product.viewed": {"required": ["store"]}}
    said.say("contract", "till", {"source": "till", "mode": "block", "events": rule})
    answer = until(lambda: (said := post(client, key)).status_code == 422 and said.json(), "the contract counts")
    assert [(each["code"], each["pointer"]) for each in answer["errors"]] == [("contract_violation", "/store")]
    said.say("contract", "till", {"source": "till", "mode": "quarantine", "events": rule})
    until(lambda: post(client, key).status_code == 202, "the contract lets in")


def test_who_comes_without_a_key_is_held_against_the_contract_too(client: TestClient, said: Said) -> None:
    """A form, as a signed webhook or link: not before contracts are known, and then as everybody of that source."""
    post = {"mail": "a@example.com", "message": "good"}
    waiting = client.post("/v1/forms/review", json=post)
    assert (waiting.status_code, waiting.json()["code"]) == (503, "kafka_unavailable")
    said.say("contract", "pos", {"source": "pos", "mode": "block", "types": ["order.*"]})
    said.speaks.set()
    until(lambda: client.post("/v1/forms/review", json=post).status_code == 422, "the contract counts")
    refused = client.post("/v1/forms/review", json=post).json()
    assert [each["code"] for each in refused["errors"]] == ["contract_violation"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ended_is_no_secret(said: Said) -> None:
    """Keys that nobody follows any more make a process that is not ready, rather than one that is silently wrong."""
    ring = KeyRing({}, is_known=False)
    said.say("contract", "pos", {"source": "pos"})
    following = SourceFollowing(Broken(), SourceRegister({}), ring)
    assert "still being read" in following.complaint()
    following.start()
    assert until(lambda: "restart" in following.complaint(), "the thread has ended")


class Broken(Said):
    """Raises what nobody foresaw."""

    def all_news(self, seconds: float) -> Iterable[Followed]:
        raise RuntimeError(seconds)
