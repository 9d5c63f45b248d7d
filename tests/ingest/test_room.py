"""A disk that is nearly full: events are refused before anything breaks, and taken again when there is room."""

from __future__ import annotations

from pathlib import Path

import orjson
from starlette.testclient import TestClient

from ingest.room import free_bytes
from tests.ingest.events import viewed
from tests.ingest.fakes import FakeLog, Hands, Start


def test_events_are_refused_until_there_is_room(client: TestClient, log: FakeLog, hands: Hands) -> None:
    """503 with a code of its own and when to come back; readyz says the same; by itself all is well again."""
    log.free, hands.seconds = 2**29 - 1, 2.1
    answer = client.post("/v1/events", content=orjson.dumps(viewed()))
    assert (answer.status_code, answer.json()["code"]) == (503, "disk_nearly_full")
    assert answer.headers["Retry-After"] == "15"
    assert "512 MiB" in answer.json()["detail"]
    assert client.get("/readyz").json()["code"] == "disk_nearly_full"
    assert client.get("/livez").status_code == 200
    assert log.records == []
    log.free, hands.seconds = 2**29, 4.3
    assert client.get("/readyz").status_code == 200
    assert client.post("/v1/events", content=orjson.dumps(viewed())).status_code == 202
    assert "cdp_ingest_disk_free_bytes 5.36870912e+08" in client.get("/metrics").text


def test_without_a_limit_nothing_is_looked_at(start: Start, log: FakeLog) -> None:
    """0 leaves the disk to others."""
    log.free = 0
    assert start(min_free_bytes=0).post("/v1/events", content=orjson.dumps(viewed())).status_code == 202


def test_a_strangers_key_learns_nothing_of_the_disk(client: TestClient, log: FakeLog) -> None:
    """Who may not send is told only that."""
    log.free = 0
    answer = client.post("/v1/events", content=b"{}", headers={"Authorization": "Bearer guess"})
    assert answer.status_code == 401


def test_a_directory_that_is_not_there_lies_on_the_disk_above_it(tmp_path: Path) -> None:
    """Ingest on a machine without a data directory looks at what it would be on."""
    assert free_bytes(tmp_path / "not" / "there") > 0
