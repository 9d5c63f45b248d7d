"""An ingest with a fake log, a fixed clock and the key `k1` of the source `pos`."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from ingest.app import Parts, create_app
from ingest.keys import KeyRing
from schemas.door import Door
from schemas.health import Dependency
from schemas.settings import IngestSettings
from schemas.sources import Source
from schemas.topics import catalogue
from tests.ingest.fakes import NOW, FakeLog, Hands, Start

HASHES = {sha256(key).hexdigest(): Source(name) for key, name in ((b"k1", "pos"), (b"k2", "web"))}


@pytest.fixture
def log() -> FakeLog:
    """Give a log that answers."""
    return FakeLog()


@pytest.fixture
def hands() -> Hands:
    """Give a clock that tests move."""
    return Hands()


@pytest.fixture
def start(log: FakeLog, hands: Hands) -> Iterator[Start]:
    """Start an ingest with these settings."""
    running: list[TestClient] = []

    def begin(*, door: Door | None = None, **settings: object) -> TestClient:
        parts = Parts(
            producer=log,
            door=door or Door("CN"),
            keys=KeyRing(HASHES),
            topics=catalogue(),
            dependencies=[Dependency("kafka", lambda: "Kafka is away." if log.away else "", "kafka_unavailable")],
            free=lambda: log.free,
            clock=lambda: NOW,
            seconds=hands,
        )
        app = create_app(IngestSettings.model_validate(settings), parts)
        client = TestClient(app, raise_server_exceptions=False, headers={"Authorization": "Bearer k1"})
        running.append(client)
        return client.__enter__()

    yield begin
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def client(start: Start) -> TestClient:
    """Give an ingest as it is by default."""
    return start()
