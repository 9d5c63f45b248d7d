"""The platform's processes: how each is started, and when it is ready. Values only, nothing is started here."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from deploy.embedded.kafka import Installation, Node, is_answering, start_command
from deploy.embedded.process import ProcessSpec
from deploy.readiness import Probe, http_ready, worker_joined

_KAFKA_STOP_SECONDS = 30.0


def kafka(node: Node, installation: Installation, ready: Probe, env: Mapping[str, str], logs: Path) -> ProcessSpec:
    """The embedded broker."""
    command = start_command(node, installation)
    asked = lambda: is_answering(node) and ready()  # noqa: E731
    return ProcessSpec("kafka", command, env, asked, logs / "kafka.log", stop_timeout=_KAFKA_STOP_SECONDS)


def clickhouse(path: Path, port: int, database: str, ready: Probe, env: Mapping[str, str], logs: Path) -> ProcessSpec:
    """The embedded ClickHouse."""
    command = [sys.executable, "-m", "deploy.embedded.clickhouse_server", "--path", str(path), "--port", str(port)]
    command += ["--database", database]
    return ProcessSpec("clickhouse", command, env, ready, logs / "clickhouse.log")


def ingest(url: str, env: Mapping[str, str], logs: Path) -> ProcessSpec:
    """The channels' door."""
    return _module("ingest", http_ready(url), env, logs)


def processors(name: str, url: str, env: Mapping[str, str], logs: Path) -> ProcessSpec:
    """One worker, with all stages: see `processors/topology.py`. Its health is to be seen at the URL."""
    scratch = {"APP_DATADIR": str(logs.parent / "run" / "faust")}  # Faust would make one where the command was called
    own = {"CDP_PROCESSORS__PORT": str(urlsplit(url).port)}
    spec = _module("processors", worker_joined(url), {**env, **scratch, **own}, logs)
    return replace(spec, name=name, log_path=logs / f"{name}.log")


def api(url: str, env: Mapping[str, str], logs: Path) -> ProcessSpec:
    """The query API."""
    return _module("api", http_ready(url), env, logs)


def together(specs: list[ProcessSpec]) -> list[ProcessSpec]:
    """Let these start at the same time."""
    return [replace(spec, beside=index > 0) for index, spec in enumerate(specs)]


def _module(name: str, ready: Probe, env: Mapping[str, str], logs: Path) -> ProcessSpec:
    return ProcessSpec(name, [sys.executable, "-m", name], env, ready, logs / f"{name}.log")
