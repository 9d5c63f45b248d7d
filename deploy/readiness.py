"""When a process counts as ready. Each probe may block for a few seconds and is asked until it says yes."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

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


def group_joined(bootstrap: str, group: str) -> Probe:
    """The consumer group has a member: the processors read."""

    def probe() -> bool:
        with closing(LogAdmin(bootstrap, client_id="cdp-up")) as admin:
            return bool(admin.group_members(group))

    return _patient(probe)


def http_ready(url: str) -> Probe:
    """`/readyz` answers 200."""

    def probe() -> bool:
        parts = urlsplit(url)
        with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=5)) as connection:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200

    return _patient(probe)


def _patient(probe: Probe) -> Probe:
    """Not answering is not being ready; anything else, a changed migration say, ends the start."""

    def asked() -> bool:
        try:
            return probe()
        except (Unavailable, OSError, HTTPException):
            return False

    return asked


def _connects(host: str, port: int) -> bool:
    with socket.create_connection((host, port), timeout=2):
        return True


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
