"""The platform under test: where its doors are, and what its supervisor says of its processes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.process import Snapshot, State
from deploy.embedded.supervisor import read_state
from deploy.errors import CannotReach

_LOOK = 0.02


@dataclass(frozen=True, slots=True)
class Processes:
    """The supervised processes of a data directory, as its supervisor last told."""

    directory: Path

    def of(self, name: str) -> Snapshot:
        """One of them."""
        return next(each for each in read_state(self.directory) or () if each.name == name)

    def restarts(self) -> dict[str, int]:
        """How often each was started again so far."""
        return {each.name: each.restarts for each in read_state(self.directory) or ()}

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one that runs."""
        if (pid := self.of(name).pid) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    async def ready(self) -> None:
        """Return when all of them are ready."""
        await until(lambda: self._states() == {State.READY}, "all processes are ready")

    async def renewed(self, name: str, before: Snapshot) -> None:
        """Return when one was started again since, and is ready."""
        await until(lambda: _is_renewed(self.of(name), before), f"{name} is started again")

    def _states(self) -> set[State]:
        return {each.state for each in read_state(self.directory) or ()}


def _is_renewed(now: Snapshot, before: Snapshot) -> bool:
    return now.restarts > before.restarts and now.state is State.READY


async def until(condition: Callable[[], bool], what: str, seconds: float = 90.0) -> None:
    """Return when it holds. Raises CannotReach when it has not after so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise CannotReach(f"Not within {seconds:g} s: {what}.")
        await asyncio.sleep(_LOOK)
