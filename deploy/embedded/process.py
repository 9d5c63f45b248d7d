"""What the supervisor is told about a process, and what it tells about one. Values only."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    """Where a process stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process to keep running. `ready` is asked in a thread until it says yes; `env` is the whole environment.

    `beside`: it is started together with the spec before it, not after that one is ready.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool]
    log_path: Path
    ready_timeout: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 15.0
    beside: bool = False


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When to start a dead process again. Seconds throughout.

    The first restart comes after `first_delay`, each further one after twice the one before, at most `longest_delay`;
    a process ready for `healthy_after` begins anew. More than `failures` within `period` is giving up.
    """

    first_delay: float = 0.2
    longest_delay: float = 10.0
    healthy_after: float = 30.0
    failures: int = 8
    period: float = 120.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One process in the state file; `since` is the Unix time of the last change of state."""

    name: str
    pid: int | None
    state: State
    restarts: int
    since: float


class SupervisorError(RuntimeError):
    """A process could not be brought up or kept up. The text quotes the end of its log."""


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for an error's text."""
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - 16_384, 0))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return "(no log)"
    return "\n".join(f"    {line}" for line in lines[-count:]) or "    (the log is empty)"
