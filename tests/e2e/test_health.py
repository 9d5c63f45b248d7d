"""Health tells the truth: each dependency is really stopped, and each process says so, and since when.

One platform on servers of its own; every test leaves it as it found it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import closing

import httpx2
import pytest
from typer.testing import CliRunner

from deploy.cli.__main__ import build
from deploy.ports import pick
from projections.log.admin import LogAdmin
from projections.progress import heads
from schemas.metrics import METRICS, series
from tests.e2e.events import completed
from tests.stack.platforms import Json, Platform
from tests.stack.processes import Process, stop_all
from tests.stack.servers import embedded_clickhouse, embedded_kafka
from tests.stack.waiting import until

pytestmark = pytest.mark.platform

NEEDS = {
    "ingest": {"kafka": True, "disk": True},
    "processors": {"kafka": True, "clickhouse": True, "group": True},
    "api": {"clickhouse": True, "kafka": False},
}
"""What each process depends on, and whether it can do nothing without it."""


class World:
    """The platform, where each of its processes answers, and its servers."""

    def __init__(self, platform: Platform, processors_port: int) -> None:
        assert platform.kafka.process
        assert platform.clickhouse.process
        self.platform = platform
        self.kafka, self.clickhouse = platform.kafka.process, platform.clickhouse.process
        processors = f"http://127.0.0.1:{processors_port}"
        self.urls = {"ingest": platform.ingest_url, "processors": processors, "api": platform.api_url}

    def ready(self, process: str) -> tuple[int, str, dict[str, Json]]:
        """Status, code ('' if well) and dependencies by name."""
        answer = self.platform.http.get(f"{self.urls[process]}/readyz")
        said = answer.json()
        return answer.status_code, said.get("code", ""), {each["name"]: each for each in said["dependencies"]}

    def becomes(self, process: str, status: int, code: str = "") -> dict[str, Json]:
        """Wait until /readyz answers so; gives the dependencies."""
        until(lambda: self.ready(process)[:2] == (status, code), f"{process} says {status} {code}")
        return self.ready(process)[2]

    def all_ready(self) -> None:
        """Wait until everything can do its work."""
        for process in self.urls:
            self.becomes(process, 200)

    def metrics(self, process: str) -> str:
        """What Prometheus would scrape."""
        return self.platform.http.get(f"{self.urls[process]}/metrics").text

    def lag(self, topic: str = "events") -> list[Json]:
        """The rows of a topic."""
        name = self.platform.topic("events") if topic == "events" else topic
        return [row for row in self.platform.ask("/v1/lag")["groups"] if row["topic"] == name]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("health")
    kafka, clickhouse = embedded_kafka(directory), embedded_clickhouse(directory)
    assert kafka.process
    assert clickhouse.process
    servers = [kafka.process, clickhouse.process]
    for each in servers:
        each.spawn()
    for each in servers:
        each.await_ready()
    port = pick(())
    platform = Platform(kafka, clickhouse, directory, {"CDP_PROCESSORS__PORT": str(port)})
    platform.start()
    yield World(platform, port)
    platform.close()
    stop_all(servers)


def test_each_names_what_it_depends_on(world: World) -> None:
    """Name, state, since when, and whether it can do nothing without it."""
    world.all_ready()
    for process, needs in NEEDS.items():
        dependencies = world.ready(process)[2]
        assert {name: each["required"] for name, each in dependencies.items()} == needs
        assert {(each["state"], each["message"]) for each in dependencies.values()} == {("up", "")}
        assert world.platform.http.get(f"{world.urls[process]}/livez").json() == {"status": "ok"}


def test_every_metric_of_the_catalogue_is_served(world: World) -> None:
    """By the processes it says, once there was traffic; nothing of the customer is in it."""
    event = completed("M-SECRET", "health-1")
    position = world.platform.send(event)
    world.platform.send(event)
    world.platform.post([{"event_id": "bad"}, event])
    world.platform.ask("/v1/rfm", after=position)
    until(lambda: "cdp_processors_dead_letters_total{" in world.metrics("processors"), "the bad one is kept")
    rare = {"cdp_processors_waits_total", "cdp_processors_faults_total", "cdp_lag_deleted_in_seconds"}
    for process in world.urls:
        text = world.metrics(process)
        names = set(re.findall(r"^(\w+)(?:\{| )", text, re.MULTILINE))
        for metric in METRICS.values():
            assert (process in metric.of) == (series(metric) <= names) or metric.name in rare, (process, metric.name)
        assert "M-SECRET" not in text
    lags = re.findall(rf'kafka_consumergroup_lag{{consumergroup="{world.platform.group}"', world.metrics("api"))
    assert len(lags) == 8 + 1 + 8 + 4 + 1


def test_the_command_shows_it(world: World) -> None:
    """Once where nobody watches, in the language asked for; or as the API answers."""
    door = ["--url", world.platform.api_url, "--key", "operator"]
    shown = CliRunner().invoke(build(), ["lag", *door, "--lang", "zh"])
    assert shown.exit_code == 0
    assert world.platform.topic("touched") in shown.output
    assert {"主题", "正常"} <= set(shown.output.split())
    said = CliRunner().invoke(build(), ["lag", *door, "--json"])
    assert json.loads(said.output)["groups"][0]["group"] == world.platform.group


def test_clickhouse_gone(world: World) -> None:
    """Processors and API say no, ingest goes on; lag is still told, from Kafka alone, with who fills it."""
    since = world.ready("api")[2]["clickhouse"]["since"]
    world.clickhouse.kill()
    api, processors = (world.becomes(each, 503, "clickhouse_unavailable") for each in ("api", "processors"))
    assert world.ready("ingest")[0] == 200
    assert [each["clickhouse"]["state"] for each in (api, processors)] == ["down", "down"]
    assert api["clickhouse"]["since"] > since
    assert api["clickhouse"]["message"] == "clickhouse does not answer."
    assert 'cdp_dependency_up{dependency="clickhouse"} 0.0' in world.metrics("processors")

    for number in range(30):
        world.platform.send(completed("M-HOT", f"hot-{number}"))
    behind = until(lambda: [row for row in world.lag() if row["hot_keys"]], "somebody is hot")
    assert len(behind) == 1
    assert behind[0]["lag"] > 0
    assert behind[0]["lag_seconds"] >= 1
    assert (behind[0]["hot_keys"][0]["type"], behind[0]["hot_keys"][0]["source"]) == ("member_id", "pos")
    assert "M-HOT" not in str(behind)

    world.clickhouse.start()
    world.all_ready()
    assert world.ready("api")[2]["clickhouse"]["since"] > api["clickhouse"]["since"]
    until(lambda: all(row["lag"] == 0 for row in world.lag()), "it is caught up")


def test_clickhouse_that_hangs_is_no_clickhouse(world: World) -> None:
    """A server that takes connections and says nothing is down, too; health itself never hangs with it."""
    os.kill(world.clickhouse.pid, signal.SIGSTOP)
    try:
        world.becomes("api", 503, "clickhouse_unavailable")
        assert world.platform.get("/v1/lag").status_code == 200
    finally:
        os.kill(world.clickhouse.pid, signal.SIGCONT)
    world.all_ready()


def test_kafka_gone(world: World) -> None:
    """Ingest and processors say no; the API answers on, says what it lacks, and knows no lag."""
    world.kafka.kill()
    for process in ("ingest", "processors"):
        world.becomes(process, 503, "kafka_unavailable")
    until(lambda: world.ready("api")[2]["kafka"]["state"] == "down", "the API notices")
    assert world.ready("api")[0] == 200
    assert world.platform.get("/v1/rfm").status_code == 200
    answer = world.platform.get("/v1/lag")
    assert (answer.status_code, answer.json()["code"]) == (503, "kafka_unavailable")
    world.kafka.start()
    world.all_ready()
    until(lambda: world.platform.get("/v1/lag").status_code == 200, "the API knows the lag again")


def test_nobody_reads(world: World) -> None:
    """Without a worker every partition says so, and Prometheus counts no members."""
    (worker,) = world.platform.workers
    worker.kill()
    until(lambda: {row["state"] for row in world.lag()} == {"no_members"}, "the group is empty")
    until(lambda: "kafka_consumergroup_members" in world.metrics("api"), "it is measured")
    assert re.search(r"kafka_consumergroup_members\{\S+ 0\.0", world.metrics("api"))
    worker.start()
    world.all_ready()
    until(lambda: {row["state"] for row in world.lag()} == {"ok"}, "it is read again")
    with closing(LogAdmin(world.platform.kafka.address)) as admin:
        assert len(admin.readers(world.platform.group).assigned) == 8 + 1 + 8 + 4 + 1


def test_ingest_that_is_told_to_stop_answers_what_it_holds(world: World) -> None:
    """A request whose ack is outstanding when SIGTERM comes gets its 202, once Kafka answers."""
    answers: list[int] = []
    event = completed("M-GRACE", "graceful-1")
    sending = threading.Thread(target=lambda: answers.append(world.platform.post(event).status_code))
    ingest = world.platform.ingest
    os.kill(world.kafka.pid, signal.SIGSTOP)
    try:
        sending.start()
        until(lambda: "cdp_ingest_buffer_bytes 0.0" not in world.metrics("ingest"), "the request waits for its ack")
        os.kill(ingest.pid, signal.SIGTERM)
        until(lambda: refuses(world.urls["ingest"]), "nothing new is let in")
    finally:
        os.kill(world.kafka.pid, signal.SIGCONT)
    sending.join(30)
    assert answers == [202]
    until(lambda: not ingest.alive, "it ends")
    ingest.start()
    world.all_ready()


def refuses(url: str) -> bool:
    """Whether nobody takes connections there."""
    try:
        httpx2.get(f"{url}/livez", timeout=5)
    except httpx2.ConnectError:
        return True
    return False


def test_processors_that_are_told_to_stop_commit_what_they_did(world: World) -> None:
    """What the ledger has as done is committed when the process ends: the next one does nothing of it again."""
    for number in range(40):
        world.platform.send(completed(f"M{number}", f"stop-{number}"))
    (worker,) = world.platform.workers
    stop(worker)
    with closing(world.platform.database()) as database, closing(LogAdmin(world.platform.kafka.address)) as admin:
        committed = admin.committed(world.platform.group)
        done = {place: head.last + 1 for stage in heads(database).values() for place, head in stage.items()}
    assert {p: done[p] for p in committed} == committed
    worker.start()
    world.all_ready()


def stop(worker: Process) -> None:
    """Tell it to end, and see that it does by itself."""
    os.kill(worker.pid, signal.SIGTERM)
    until(lambda: not worker.alive, "it ends by itself", 20)
