"""The ports of a data directory: the configured ones, or free ones picked once and kept."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from deploy import files
from deploy.errors import CannotStart

# Below what Linux (32768) and others hand out for outgoing connections: a port of that range may be taken while its
# process restarts, or a client that keeps dialling it may even connect to itself.
_PICKED_FROM = range(20_000, 32_000)
_POLL = 0.05


def settle(directory: Path, configured: Mapping[str, int]) -> dict[str, int]:
    """Give each name its configured port; for 0 the one it had before, else a free one. All are remembered."""
    memory = directory / "run" / "ports.json"
    known = files.read(memory)
    chosen = {name: port or known.get(name, 0) for name, port in configured.items()}
    for name in [name for name, port in chosen.items() if not port]:
        chosen[name] = pick({*chosen.values(), *known.values()})
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


def expect_free(listeners: Iterable[tuple[str, str, int]], patience: float = 5.0) -> None:
    """Raise CannotStart for the first (setting, host, port) that is busy; what a killed platform left may yet end."""
    deadline = time.monotonic() + patience
    for setting, host, port in listeners:
        while not is_free(host, port):
            if time.monotonic() >= deadline:
                raise CannotStart(
                    f"Port {port} of {host} is in use by another program. "
                    f"Stop that, or set {setting} to another port (0 = any free one)."
                )
            time.sleep(_POLL)
