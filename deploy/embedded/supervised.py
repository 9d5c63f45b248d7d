"""One process under supervision: started in a session of its own, watched, started again, stopped."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from deploy.embedded import child
from deploy.embedded.process import ProcessSpec, RestartPolicy, Snapshot, State, SupervisorError, last_lines

_POLL: Final = 0.05
_LOG_BYTES: Final = 20 << 20


class Supervised:
    """Keeps one spec's process alive. All methods run on the event loop of the main thread.

    The main thread, because the kernel's word to the child (die with your parent) is bound to the thread that forked.
    """

    def __init__(self, spec: ProcessSpec, policy: RestartPolicy, changed: Callable[[], None]) -> None:
        self.spec = spec
        self._policy = policy
        self._changed = changed
        self._process: subprocess.Popen[bytes] | None = None
        self._state = State.WAITING
        self._since = time.time()
        self._restarts = 0
        self._failures: deque[float] = deque()

    @property
    def snapshot(self) -> Snapshot:
        """Where the process stands now."""
        pid = self._process.pid if self._process and self._process.returncode is None else None
        return Snapshot(self.spec.name, pid, self._state, self._restarts, self._since)

    async def start(self) -> None:
        """Start and wait for readiness; deaths on the way are treated as later ones: again, until it is too often."""
        while not await self._started():
            await self._again()

    async def keep(self) -> None:
        """Watch until cancelled; raises `SupervisorError` when the process cannot be kept up."""
        while True:
            ready_at = time.monotonic()
            while self._running():  # noqa: ASYNC110 - nothing wakes us when a process of the system dies
                await asyncio.sleep(_POLL)
            if time.monotonic() - ready_at >= self._policy.healthy_after:
                self._failures.clear()
            await self._again()
            while not await self._started():
                await self._again()

    async def stop(self) -> None:
        """Ask, wait, then kill, the whole session each time."""
        if self._process is None or not self._running():
            self._enter(State.STOPPED)
            return
        self._enter(State.STOPPING)
        self._signal(self.spec.stop_signal)
        deadline = time.monotonic() + self.spec.stop_timeout
        while self._running() and time.monotonic() < deadline:  # noqa: ASYNC110 - the same
            await asyncio.sleep(_POLL)
        self._kill()
        self._enter(State.STOPPED)

    async def _started(self) -> bool:
        self._spawn()
        deadline = time.monotonic() + self.spec.ready_timeout
        while self._running() and time.monotonic() < deadline:
            if await asyncio.to_thread(self.spec.ready) and self._running():
                self._enter(State.READY)
                return True
            await asyncio.sleep(_POLL)
        return False

    async def _again(self) -> None:
        """Count a failure, clear up what is left of the process, and wait out the delay."""
        code = self._process.returncode if self._process else None
        self._kill()
        now = time.monotonic()
        self._failures.append(now)
        while now - self._failures[0] > self._policy.period:
            self._failures.popleft()
        if len(self._failures) > self._policy.failures:
            self._enter(State.FAILED)
            raise SupervisorError(self._complaint(code))
        self._restarts += 1
        self._enter(State.RESTARTING)
        doublings = min(len(self._failures) - 1, 16)
        await asyncio.sleep(min(self._policy.first_delay * 2**doublings, self._policy.longest_delay))

    def _complaint(self, code: int | None) -> str:
        how = f"was not ready within {self.spec.ready_timeout:g} s" if code is None else _ending(code)
        times = f"{len(self._failures)} times within {self._policy.period:g} s"
        return f"{self.spec.name} {how}, {times}. The end of {self.spec.log_path}:\n{last_lines(self.spec.log_path)}"

    def _spawn(self) -> None:
        with _open_log(self.spec.log_path) as log:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", child.__file__, str(os.getpid()), str(int(signal.SIGKILL)), *self.spec.argv],
                env=dict(self.spec.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._enter(State.STARTING)

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _signal(self, number: signal.Signals) -> None:
        """To the process's whole group, so that what it started goes with it."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def _enter(self, state: State) -> None:
        self._state = state
        self._since = time.time()
        self._changed()


def _ending(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"exited with {code}"


def _open_log(path: Path) -> BinaryIO:
    """Append; a log grown large is moved aside first, so that two files are kept at most."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")
