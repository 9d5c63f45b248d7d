"""One process of a test: started, killed, stopped and started again by its own pid, gone when the test run is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded import child
from deploy.embedded.process import last_lines
from deploy.environment import plain_environment
from schemas.settings import Settings
from tests.stack.waiting import until


def inherited_environment() -> dict[str, str]:
    """What processes of tests inherit: no setting of whoever runs the tests, and bytecode that is kept."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("CDP_")}
    return plain_environment(Settings(_env_file=None), others)


@dataclass
class Process:
    """A program with its log. `ready` is asked until it says yes."""

    name: str
    argv: Callable[[], Sequence[str]]
    ready: Callable[[], bool]
    directory: Path
    env: Mapping[str, str] = field(default_factory=inherited_environment)
    _popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The present process."""
        assert self._popen is not None, f"{self.name} was never started"
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def log(self) -> str:
        """What it said so far, over all its lives."""
        return self._log_path.read_text(errors="replace")

    @property
    def _log_path(self) -> Path:
        return self.directory / f"{self.name}.log"

    def spawn(self) -> None:
        """Start it, without waiting until it is ready."""
        assert not self.alive, f"{self.name} runs already"
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-I", child.__file__, str(os.getpid()), str(int(signal.SIGKILL)), *self.argv()],
                env=dict(self.env),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def await_ready(self) -> None:
        """Wait until it is ready; fail with the end of its log when it dies on the way."""
        until(lambda: self.ready() or not self.alive, f"{self.name} becomes ready")
        assert self.alive, f"{self.name} ended:\n{last_lines(self._log_path)}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.spawn()
        self.await_ready()

    def kill(self) -> None:
        """End it as a power cut would (kill -9)."""
        self._end(signal.SIGKILL, 10)

    def stop(self, patience: float = 15.0) -> None:
        """Ask it to end (SIGTERM), and kill it when it has not after a while, as a supervisor does."""
        try:
            self._end(signal.SIGTERM, patience)
        except subprocess.TimeoutExpired:
            self.kill()

    def _end(self, number: signal.Signals, seconds: float) -> None:
        if self._popen is not None:
            if self.alive:
                self._popen.send_signal(number)
            self._popen.wait(seconds)


def stop_all(processes: Sequence[Process]) -> None:
    """End what still runs, without ceremony."""
    for each in processes:
        each.kill()
