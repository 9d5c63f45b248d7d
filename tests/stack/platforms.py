"""Whole platforms of real processes on servers that are there: each with topics, a database and ports of its own."""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import orjson

from deploy.ports import pick
from deploy.readiness import http_ready
from projections.database import Address, Database
from projections.log.admin import LogAdmin
from schemas.errors import Unavailable
from schemas.topics import Role, catalogue
from tests.stack.processes import Process, inherited_environment
from tests.stack.servers import ClickHouse, Kafka
from tests.stack.waiting import until

Json = dict[str, Any]
API_KEYS = {"all": "all", "crm": "crm:profiles+rfm", "operator": "operator:operations"}
SOURCES = ("pos", "shop", "app")


@dataclass
class Worker(Process):
    """A processors worker; ready when it has joined the group, whoever is in it still."""

    members: Callable[[], set[str]] = set
    _before: set[str] = field(default_factory=set)

    def spawn(self) -> None:
        """Start it, and remember who was there before."""
        self._before = self.members()
        self.ready = lambda: bool(self.members() - self._before)
        super().spawn()


class Platform:
    """Ingest, processors and API. Write keys are the sources' names, API keys the names in API_KEYS."""

    def __init__(self, kafka: Kafka, clickhouse: ClickHouse, directory: Path, more: Mapping[str, str]) -> None:
        self.kafka, self.clickhouse, self.directory = kafka, clickhouse, directory
        self.prefix = kafka.fresh_prefix()
        self.address: Address = clickhouse.fresh_database()
        self.ports = {"ingest": pick(()), "api": pick(())}
        self.env = {**inherited_environment(), **self._settings(), **more}
        self.ingest = self._service("ingest", self.ports["ingest"])
        self.api = self._service("api", self.ports["api"])
        self.workers: list[Process] = []
        self.http = httpx2.Client(timeout=60)

    @property
    def ingest_url(self) -> str:
        """Where channels send."""
        return f"http://127.0.0.1:{self.ports['ingest']}"

    @property
    def api_url(self) -> str:
        """Where questions are asked."""
        return f"http://127.0.0.1:{self.ports['api']}"

    @property
    def group(self) -> str:
        """The consumer group of the processors."""
        return f"{self.prefix}cdp-processors"

    def topic(self, role: Role) -> str:
        """The name of this platform's topic."""
        return catalogue(self.prefix)[role].name

    def start(self, workers: int = 1) -> None:
        """Start everything, and wait until all is ready."""
        made = [self.ingest, self.api, *(self._worker() for _ in range(workers))]
        for each in made:
            each.spawn()
        for each in made:
            each.await_ready()
        until(lambda: len(self.members()) >= workers, "all workers have joined")

    def start_worker(self) -> Process:
        """One more processors worker; returns when the group has one member more."""
        worker = self._worker()
        worker.start()
        return worker

    def close(self) -> None:
        """End all processes."""
        self.http.close()
        for each in (*self.workers, self.ingest, self.api):
            each.kill()

    def database(self) -> Database:
        """A connection to this platform's database."""
        return Database(self.address)

    def members(self) -> set[str]:
        """The ids of the group's members; one that was killed stays until its session ends."""
        with closing(LogAdmin(self.kafka.address)) as admin, suppress(Unavailable):
            described = admin._ask(lambda client: client.describe_groups([self.group]))[self.group]
            return {str(member["member_id"]) for member in described["members"]}
        return set()

    def post(self, events: Any, source: str = "pos", **more: Any) -> httpx2.Response:
        """Send a JSON body as a channel."""
        headers = {"Authorization": f"Bearer {source}", "Content-Type": "application/json", **more.pop("headers", {})}
        content = events if isinstance(events, bytes) else orjson.dumps(events)
        return self.http.post(f"{self.ingest_url}/v1/events", content=content, headers=headers, **more)

    def send(self, *events: Json, source: str = "pos") -> str:
        """Send events that are all accepted; gives the position to wait for."""
        answer = self.post(list(events), source)
        assert (answer.status_code, answer.json()["rejected"]) == (202, 0), answer.text
        position: str = answer.json()["position"]
        return position

    def get(self, path: str, key: str | None = "all", **parameters: Any) -> httpx2.Response:
        """Ask the API; `after` waits long enough for anything."""
        asked = {"timeout": "30", **parameters} if "after" in parameters else parameters
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.http.get(self.api_url + path, params=asked, headers=headers)

    def ask(self, path: str, **parameters: Any) -> Json:
        """What the API answers with 200."""
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def position(self, **ends: Mapping[int, int]) -> str:
        """A position made by hand, for what went to Kafka without ingest: role to partition to last offset."""
        return urlsafe_b64encode(orjson.dumps(ends, option=orjson.OPT_NON_STR_KEYS)).rstrip(b"=").decode()

    def _settings(self) -> dict[str, str]:
        return {
            "CDP_KAFKA__BOOTSTRAP": self.kafka.address,
            "CDP_KAFKA__TOPIC_PREFIX": self.prefix,
            "CDP_CLICKHOUSE__URL": self.address.url,
            "CDP_CLICKHOUSE__DATABASE": self.address.database,
            "CDP_CLICKHOUSE__USER": self.address.user,
            "CDP_CLICKHOUSE__PASSWORD": self.address.password,
            "CDP_INGEST__PORT": str(self.ports["ingest"]),
            "CDP_API__PORT": str(self.ports["api"]),
            "CDP_WRITE_KEY_HASHES": json.dumps(_hashed({name: name for name in SOURCES})),
            "CDP_API_KEY_HASHES": json.dumps(_hashed(API_KEYS)),
            "CDP_SOURCES": json.dumps({"app": {"orders_of": "shop"}, "kiosk": {}}),
            "APP_DATADIR": str(self.directory / "faust"),
        }

    def _service(self, name: str, port: int) -> Process:
        return Process(name, lambda: _module(name), http_ready(f"http://127.0.0.1:{port}"), self.directory, self.env)

    def _worker(self) -> Process:
        name = f"processors-{len(self.workers) + 1}"
        worker = Worker(name, lambda: _module("processors"), lambda: False, self.directory, self.env)
        worker.members = self.members
        self.workers.append(worker)
        return worker


def _hashed(keys: Mapping[str, str]) -> dict[str, str]:
    return {sha256(key.encode()).hexdigest(): said for key, said in keys.items()}


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]
