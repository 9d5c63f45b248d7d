"""The ports of a data directory: the configured ones, or free ones picked once and kept."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from deploy import files
from deploy.errors import CannotStart

# Below what Linux (32768) and others hand out for outgoing connections: a port of that range may be taken while its
# process restarts, or a client that keeps dialling it may even connect to itself.
_PICKED_FROM = range(20_000, 32_000)
_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Listener:
    """Something that will listen; port 0 = any free one."""

    name: str
    host: str
    port: int

    @property
    def setting(self) -> str:
        """Which setting its port is; of processors-2 it is that of processors."""
        return f"CDP_{self.name.partition('-')[0].upper()}__PORT"


def settle(directory: Path, listeners: Iterable[Listener], patience: float = 5.0) -> dict[str, int]:
    """Give each listener its configured port; for 0 the one it had before if it is free, else a new one.

    All are remembered. What a killed platform left behind may hold its ports for `patience` seconds. Raises CannotStart
    when a configured one is busy, or is configured twice.
    """
    listeners = list(listeners)
    _require_distinct(listeners)
    memory = directory / "run" / "ports.json"
    known, chosen = files.read(memory), dict[str, int]()
    deadline = time.monotonic() + patience
    for each in listeners:
        port = each.port or known.get(each.name, 0)
        if port and not _becomes_free(each.host, port, deadline):
            if each.port:
                raise CannotStart(_complaint(each))
            port = 0
        chosen[each.name] = port or pick({*chosen.values(), *known.values()})
    if {**known, **chosen} != known:
        files.write(memory, {**known, **chosen})
    return chosen


def pick(taken: Collection[int]) -> int:
    """A port that nobody listens on now, and that no outgoing connection will be given."""
    candidates = random.sample(_PICKED_FROM, 200)
    return next(port for port in candidates if port not in taken and is_free("127.0.0.1", port))


def is_free(host: str, port: int) -> bool:
    """Whether one could listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _becomes_free(host: str, port: int, deadline: float) -> bool:
    while not is_free(host, port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
    return True


def _require_distinct(listeners: Iterable[Listener]) -> None:
    """Two of them on one port: the second would find it free now, and taken when it starts."""
    found: dict[tuple[str, int], Listener] = {}
    for each in listeners:
        if each.port and (other := found.setdefault((each.host, each.port), each)) is not each:
            raise CannotStart(
                f"{other.name} and {each.name} would both listen on port {each.port}. "
                f"Set {each.setting} to another port (0 = any free one)."
            )


def _complaint(listener: Listener) -> str:
    return (
        f"Port {listener.port} of {listener.host} is in use by another program. "
        f"Stop that, or set {listener.setting} to another port (0 = any free one)."
    )
