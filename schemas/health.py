"""What a process depends on, looked at so that it may say whether it can do its work, and since when."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from schemas.errors import CdpError, Unavailable
from schemas.times import format_time

State = Literal["up", "down"]
_PATIENCE = 3.0
_INTERVAL = 2.0


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something without which a process cannot do its work; with `required=False`, not all of it.

    `probe` may block. It gives '' when all is well, else a sentence for a person, and may raise Unavailable.
    `code` is the problem that `/readyz` answers with.
    """

    name: str
    probe: Callable[[], str]
    code: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How a dependency stands, since when, and what is wrong with it."""

    dependency: Dependency
    state: State
    since: datetime
    message: str

    @property
    def is_fatal(self) -> bool:
        """Whether the process cannot do its work."""
        return self.state == "down" and self.dependency.required

    def shown(self) -> dict[str, Any]:
        """As `/readyz` shows it."""
        name, required = self.dependency.name, self.dependency.required
        since = format_time(self.since)
        return {"name": name, "state": self.state, "since": since, "required": required, "message": self.message}


class Health:
    """The dependencies of one process; whoever asks within `keep` seconds shares an answer. Lives on one event loop."""

    def __init__(
        self,
        dependencies: Sequence[Dependency],
        *,
        clock: Callable[[], datetime],
        seconds: Callable[[], float],
        told: Callable[[str, bool], None],
        keep: float = _INTERVAL,
    ) -> None:
        """`clock` gives the time of day, `seconds` one that only grows; `told` hears of every look."""
        self._dependencies = dependencies
        self._clock, self._seconds, self._keep, self._told = clock, seconds, keep, told
        self._lock = asyncio.Lock()
        self._probes: dict[str, asyncio.Future[str]] = {}
        # Threads of its own: those that all share may be held by questions that hang.
        self._threads = ThreadPoolExecutor(max(1, len(dependencies)), thread_name_prefix="health")
        self._standing: dict[str, Standing] = {}
        self._looked: float | None = None

    async def look(self) -> list[Standing]:
        """How each stands, as of `keep` seconds ago at most."""
        async with self._lock:
            now = self._seconds()
            if self._looked is None or now - self._looked > self._keep:
                await asyncio.gather(*map(self._renew, self._dependencies))
                self._looked = now
        return [self._standing[each.name] for each in self._dependencies]

    @contextlib.asynccontextmanager
    async def watched(self, interval: float = _INTERVAL) -> AsyncIterator[None]:
        """Look again and again within the block, so that `since` is right though nobody asks."""

        async def watch() -> None:
            while True:
                await self.look()
                await asyncio.sleep(interval)

        watching = asyncio.create_task(watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _renew(self, dependency: Dependency) -> None:
        message = await self._probed(dependency)
        state: State = "down" if message else "up"
        before = self._standing.get(dependency.name)
        since = before.since if before is not None and before.state == state else self._clock()
        self._standing[dependency.name] = Standing(dependency, state, since, message)
        self._told(dependency.name, state == "up")

    async def _probed(self, dependency: Dependency) -> str:
        """What the probe says. One that hangs is not asked a second time, and counts as down meanwhile."""
        probe = self._probes.pop(dependency.name, None)
        if probe is None:
            probe = asyncio.get_running_loop().run_in_executor(self._threads, dependency.probe)
        done, _ = await asyncio.wait({probe}, timeout=_PATIENCE)
        if not done:
            self._probes[dependency.name] = probe
            return f"{dependency.name} has not answered for {_PATIENCE:g} s or more."
        try:
            return probe.result()
        except Unavailable:
            return f"{dependency.name} does not answer."
        except CdpError as error:
            return error.message
