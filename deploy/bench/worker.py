"""Processors that a measurement starts and ends itself, and in which only some stages get anywhere."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

from deploy.bench.scale import Doors
from deploy.embedded.process import ProcessSpec, RestartPolicy
from deploy.embedded.supervised import Supervised
from deploy.errors import CannotReach
from projections.log.admin import LogAdmin
from projections.progress import Offsets

_PATIENCE, _LOOK = 60.0, 0.1
_NEVER = "86400"


@asynccontextmanager
async def worker(doors: Doors, hanging: Iterable[str] = ()) -> AsyncIterator[int]:
    """Its process, from when it reads until the block ends; then it dies as in a power cut, and loses nothing.

    The first step of each stage in `hanging` never ends, so that the others have the process for themselves.
    """
    await asyncio.to_thread(_await_nobody, doors)
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as faults:
        for stage in hanging:
            (Path(faults) / f"{stage}.hang").touch()
        process = Supervised(_spec(doors.held["processors"], faults), RestartPolicy(failures=0), lambda: None)
        try:
            await process.start()
            yield process.snapshot.pid or 0
        finally:
            await process.stop()


def _spec(spec: ProcessSpec, faults: str) -> ProcessSpec:
    env = {**spec.env, "CDP_FAULTS": faults, "CDP_WATCHDOG_AFTER": _NEVER}
    return replace(spec, env=env, stop_signal=signal.SIGKILL)


def await_committed(doors: Doors, ends: Offsets) -> None:
    """Return when the group has committed these last offsets: what is not would be read again by the next worker."""
    with closing(LogAdmin(doors.kafka, client_id="cdp-bench")) as admin:

        def left() -> bool:
            committed = admin.committed(_group(doors))
            return any(committed.get(place, 0) <= last for place, last in ends.items())

        _wait_while(left, "The processors have not committed what they have done.")


def _await_nobody(doors: Doors) -> None:
    """The group's last member may have been killed: it stays until its session ends."""
    with closing(LogAdmin(doors.kafka, client_id="cdp-bench")) as admin:
        _wait_while(lambda: bool(admin.group_members(_group(doors))), "Other processors of this platform run.")


def _wait_while(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while condition():
        if time.monotonic() > deadline:
            raise CannotReach(otherwise)
        time.sleep(_LOOK)


def _group(doors: Doors) -> str:
    return f"{doors.topic_prefix}cdp-processors"
