"""An ingest with a fake log, and what a client of a channel sees of it and of the log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx2
import orjson
import pytest
from starlette.testclient import TestClient

from ingest.app import Parts, create_app
from ingest.channels.shop.platform import Account
from ingest.channels.table import channels
from ingest.keys import KeyRing
from schemas.dead_letter import DeadLetter, decode
from schemas.door import Door
from schemas.event import Event
from schemas.settings import IngestSettings
from schemas.sources import Source
from schemas.topics import catalogue
from tests.ingest.fakes import NOW, FakeLog

Json = dict[str, Any]
TOPICS = catalogue()
DOOR = Door("CN")
SHOP = Source("shop")
ACCOUNTS = {
    "shopify": {"shop": Account(SHOP, (b"hush", b"formerly"))},
    "woocommerce": {"shop": Account(SHOP, (b"hush",)), "other": Account(Source("other"), (b"quiet",))},
    "youzan": {"shop": Account(SHOP, (b"hush",), b"client-7")},
}


@dataclass
class Client:
    """A program that sends to a channel; its key is `k1` of the source `shop`."""

    http: TestClient
    log: FakeLog

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """Send JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.http.post(path, content=content, headers={"X-Write-Key": "k1", **_named(headers)})

    def take(self, path: str, body: Any, **headers: str) -> list[Json]:
        """Send what is answered with success; gives the native events it became."""
        self.log.records.clear()
        answer = self.post(path, body, **headers)
        assert (answer.status_code, answer.json()) == (200, {"success": True}), answer.text
        return self.events()

    def one(self, path: str, body: Any, **headers: str) -> Json:
        """The only event a message became."""
        events = self.take(path, body, **headers)
        assert len(events) == 1, (events, self.letters())
        return events[0]

    def admitted(self, path: str, body: Any) -> Event:
        """The only event a message became, as every stage behind the door sees it."""
        return DOOR.admit(orjson.dumps(self.one(path, body)), SHOP, NOW)

    def letter(self, path: str, body: Any) -> DeadLetter:
        """The only dead letter of a message that became no event; its bytes are the message's."""
        assert self.take(path, body) == []
        (letter,) = self.letters()
        return letter

    def events(self) -> list[Json]:
        """What lies in the log, in order of partitions."""
        return [orjson.loads(line) for line in self.log.values(TOPICS["events"].name)]

    def letters(self) -> list[DeadLetter]:
        """What lies in the dead letters."""
        return [decode(line) for line in self.log.values(TOPICS["dead_letters"].name)]


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Numbers:
    """Makes ids that a test foresees."""

    made = 0

    def __call__(self) -> str:
        """The next one."""
        self.made += 1
        return f"made-{self.made}"


@pytest.fixture(scope="session")
def ingest() -> Iterator[tuple[TestClient, FakeLog, Numbers]]:
    """One ingest for all tests, since building it takes longer than most of them."""
    log, numbers = FakeLog(), Numbers()
    parts = Parts(
        producer=log,
        door=DOOR,
        keys=KeyRing({sha256(b"k1").hexdigest(): SHOP}),
        topics=TOPICS,
        dependencies=[],
        free=lambda: 2**40,
        clock=lambda: NOW,
        new_id=numbers,
        channels=channels(ACCOUNTS),
    )
    with TestClient(create_app(IngestSettings(), parts), raise_server_exceptions=False) as http:
        yield http, log, numbers


@pytest.fixture
def client(ingest: tuple[TestClient, FakeLog, Numbers]) -> Client:
    """Give a client of an ingest whose log is empty and answers at once."""
    http, log, numbers = ingest
    log.records.clear()
    log.away, numbers.made = False, 0
    return Client(http, log)
