"""Kafka and ClickHouse for tests: fresh topics and databases on servers that are there."""

from __future__ import annotations

import itertools
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from deploy.embedded import clickhouse_server
from deploy.embedded.kafka import is_answering, prepare, start_command
from deploy.installation import kafka_installation
from deploy.ports import pick
from projections.database import Address
from projections.log.admin import LogAdmin
from projections.migrations import migrate
from schemas.settings import Settings
from schemas.topics import catalogue
from tests.stack.processes import Process

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Kafka:
    """A broker; `process` is the embedded one's."""

    address: str
    process: Process | None = None

    def fresh_prefix(self) -> str:
        """A prefix nobody used, with all topics behind it."""
        prefix = f"t{next(_numbers)}-{uuid.uuid4().hex[:6]}."
        admin = LogAdmin(self.address, timeout=30)
        admin.ensure_topics(catalogue(prefix).values())
        admin.close()
        return prefix


@dataclass(frozen=True)
class ClickHouse:
    """A server; `process` is the embedded one's."""

    url: str
    user: str = "default"
    password: str = ""
    process: Process | None = None

    def fresh_database(self) -> Address:
        """A database nobody used, with the newest schema."""
        address = Address(self.url, f"t{next(_numbers)}_{uuid.uuid4().hex[:6]}", self.user, self.password)
        migrate(address)
        return address


def embedded_kafka(directory: Path) -> Kafka:
    """The embedded broker, not started; it keeps its address over restarts."""
    installation = kafka_installation(Settings(_env_file=None), os.environ, None)
    node = prepare(directory / "kafka", installation, 0, directory / "kafka-server.log")
    argv = lambda: start_command(node, installation)  # noqa: E731
    return Kafka(node.address, Process("kafka", argv, lambda: is_answering(node), directory))


def embedded_clickhouse(directory: Path) -> ClickHouse:
    """The embedded ClickHouse, not started; it keeps its address over restarts."""
    port = pick(())
    url = f"http://127.0.0.1:{port}"
    argv = clickhouse_server.argv(directory / "clickhouse", port)
    return ClickHouse(url, process=Process("clickhouse", lambda: argv, lambda: _answers(url), directory))


def _answers(url: str) -> bool:
    with suppress(OSError), urlopen(f"{url}/ping", timeout=5) as answer:
        return bool(answer.status == 200)
    return False
