"""When a process counts as ready. Each probe may block for a few seconds and is asked until it says yes."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import orjson

from projections.database import Address
from projections.log.admin import LogAdmin
from projections.migrations import migrate
from schemas.errors import Unavailable
from schemas.topics import catalogue

Probe = Callable[[], bool]


def kafka_ready(bootstrap: str, prefix: str, replication: int) -> Probe:
    """The broker answers and has every topic."""

    def probe() -> bool:
        if not _connects(*_host_and_port(bootstrap.partition(",")[0])):
            return False
        with closing(LogAdmin(bootstrap, client_id="cdp-up")) as admin:
            admin.ensure_topics(catalogue(prefix).values(), replication)
        return True

    return _patient(probe)


def clickhouse_ready(address: Address) -> Probe:
    """The server answers and has the newest schema."""

    def probe() -> bool:
        url = urlsplit(address.url)
        if not _connects(url.hostname or "", url.port or 8123):
            return False
        migrate(address)
        return True

    return _patient(probe)


def worker_joined(url: str) -> Probe:
    """A worker of the processors reads for its group; whether ClickHouse answers just now does not matter."""

    def probe() -> bool:
        _, body = _readyz(url)
        standing = {each["name"]: each["state"] for each in orjson.loads(body).get("dependencies", ())}
        return bool(standing.get("group") == "up")

    return _patient(probe)


def http_ready(url: str) -> Probe:
    """`/readyz` answers 200."""
    return _patient(lambda: _readyz(url)[0] == 200)


def _readyz(url: str) -> tuple[int, bytes]:
    """Status and body."""
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=5)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, answer.read()


def _patient(probe: Probe) -> Probe:
    """Not answering is not being ready; anything else, a changed migration say, ends the start."""

    def asked() -> bool:
        try:
            return probe()
        except (Unavailable, OSError, HTTPException, orjson.JSONDecodeError):
            return False

    return asked


def _connects(host: str, port: int) -> bool:
    with socket.create_connection((host, port), timeout=2):
        return True


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
