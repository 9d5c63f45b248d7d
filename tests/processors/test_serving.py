"""Health and metrics of a worker: the answers of ingest and API, on a port that is always found."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime

from starlette.testclient import TestClient

from processors import serving
from processors.metrics import Membership, ProcessorMetrics
from schemas.health import Dependency, Health

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def client(membership: Membership) -> TestClient:
    metrics = ProcessorMetrics(membership)
    group = Dependency("group", membership.complaint, "not_ready")
    health = Health([group], clock=lambda: NOW, seconds=time.monotonic, keep=0.0, told=metrics.tell_dependency)
    return TestClient(serving.create_app(health, metrics.registry))


def test_a_worker_is_ready_when_it_has_joined():
    """Before, and while the group shares out anew, it says what it lacks; one left without a partition is ready."""
    membership = Membership()
    with client(membership) as asked:
        assert asked.get("/livez").json() == {"status": "ok"}
        answer = asked.get("/readyz")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert (answer.json()["code"], answer.headers["Retry-After"]) == ("not_ready", "1")
        assert answer.json()["dependencies"][0]["message"] == answer.json()["detail"]
        for partitions in (0, 5):
            membership.partitions = partitions
            assert asked.get("/readyz").json()["status"] == "ok"
            assert f"cdp_processors_partitions {partitions}.0" in asked.get("/metrics").text
        membership.partitions = None
        assert asked.get("/readyz").status_code == 503


def test_what_was_done_is_counted():
    """By step; persons by round; dead letters by code."""
    metrics = ProcessorMetrics(Membership())
    metrics.done("recorder", 7, 0.3)
    metrics.waits("recorder", "clickhouse")
    metrics.failed("profiler")
    metrics.looked_at(40)
    metrics.buried(["missing_field", "id_conflict", "missing_field"])
    value = metrics.registry.get_sample_value
    assert value("cdp_processors_step_seconds_count", {"step": "recorder"}) == 1
    assert value("cdp_processors_records_total", {"step": "recorder"}) == 7
    assert value("cdp_processors_waits_total", {"step": "recorder", "dependency": "clickhouse"}) == 1
    assert value("cdp_processors_faults_total", {"step": "profiler"}) == 1
    assert value("cdp_processors_round_persons_sum") == 40
    assert value("cdp_processors_dead_letters_total", {"code": "missing_field"}) == 2


def test_a_port_that_is_taken_does_not_stop_a_worker():
    """It listens on another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving._bound("127.0.0.1", port) as listening:
            assert listening.getsockname()[1] not in {0, port}
