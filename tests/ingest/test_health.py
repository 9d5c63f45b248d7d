"""Liveness, readiness, metrics, the description."""

from __future__ import annotations

import orjson
from starlette.testclient import TestClient

from tests.ingest.events import viewed
from tests.ingest.fakes import FakeLog, Hands


def test_alive_without_kafka(client: TestClient, log: FakeLog, hands: Hands) -> None:
    """A process without Kafka lives, but is not ready."""
    log.away = True
    hands.seconds = 2.1
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        503,
        "kafka_unavailable",
        "1",
    )
    kafka, disk = answer.json()["dependencies"]
    assert (disk["name"], disk["state"]) == ("disk", "up")
    assert (kafka["name"], kafka["state"], kafka["message"]) == ("kafka", "down", "Kafka is away.")
    assert 'cdp_dependency_up{dependency="kafka"} 0.0' in client.get("/metrics").text


def test_readiness_is_remembered_for_a_moment(client: TestClient, log: FakeLog, hands: Hands) -> None:
    """Probes do not become load on Kafka; what they say is at most two seconds old."""
    assert client.get("/readyz").status_code == 200
    log.away = True
    assert client.get("/readyz").status_code == 200
    hands.seconds = 2.1
    assert client.get("/readyz").status_code == 503


def test_metrics_count_events_and_answers(client: TestClient) -> None:
    """By source and outcome; nothing of a customer is a label."""
    client.post("/v1/events", content=orjson.dumps([viewed(), {}]))
    text = client.get("/metrics").text
    assert 'cdp_ingest_events_total{outcome="accepted",source="pos"} 1.0' in text
    assert 'cdp_ingest_events_total{outcome="rejected",source="pos"} 1.0' in text
    assert 'cdp_ingest_requests_total{status="202"} 1.0' in text
    assert 'cdp_ingest_requests_total{status="200"}' not in client.get("/metrics").text, "health is nobody's request"
    assert "cdp_ingest_buffer_bytes 0.0" in text
    assert "M42" not in text


def test_the_description_is_complete(client: TestClient) -> None:
    """Every reference leads somewhere, and the answers of the contract are there."""
    document = client.get("/openapi.json").json()
    answers = document["paths"]["/v1/events"]["post"]["responses"]
    assert set(answers) == {"202", "400", "401", "403", "413", "415", "422", "429", "500", "503"}
    references = {part.split('"')[0] for part in orjson.dumps(document).decode().split('"#/components/schemas/')[1:]}
    assert references <= document["components"]["schemas"].keys()
