"""Runs a platform until it is told to stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from deploy.embedded.process import RestartPolicy
from deploy.embedded.supervisor import Snapshot, Supervisor, supervise
from deploy.errors import CannotStart
from deploy.platform import Platform
from deploy.readiness import Probe

_PATIENCE = 30.0
_LOOK = 0.1

Watcher = Callable[[list[Snapshot]], None]
Work = Callable[[Mapping[str, int | None]], Coroutine[Any, Any, bool]]
"""What to do once all is ready, given the process ids; true when the platform shall stay up afterwards."""


async def run(
    directory: Path, platform: Platform, watcher: Watcher, work: Work, policy: RestartPolicy | None = None
) -> None:
    """Start, do the work, and stay until a signal. What fails ends all processes before it is raised."""
    await asyncio.to_thread(_await_servers, platform.required)
    supervisor = Supervisor(directory, platform.specs, policy)
    stop, tasks = asyncio.Event(), list[asyncio.Task[None]]()
    watching = asyncio.create_task(_watch(supervisor, watcher))

    def started() -> None:
        watching.cancel()
        watcher(supervisor.snapshots)
        working = asyncio.create_task(_work(supervisor, work, stop))
        tasks.extend([working, asyncio.create_task(_end(working, stop))])

    try:
        await supervise(supervisor, started, stop)
    finally:
        for task in (watching, *tasks):
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _work(supervisor: Supervisor, work: Work, stop: asyncio.Event) -> None:
    stay = False
    try:
        stay = await work(supervisor.pids)
    finally:
        if not stay:
            stop.set()


async def _end(working: asyncio.Task[None], stop: asyncio.Event) -> None:
    """Once it is told to stop, the work must not go on to complain of servers that are gone."""
    await stop.wait()
    working.cancel()


async def _watch(supervisor: Supervisor, watcher: Watcher) -> None:
    while True:
        watcher(supervisor.snapshots)
        await asyncio.sleep(_LOOK)


def _await_servers(required: Mapping[str, Probe]) -> None:
    """Servers of others: wait for them a while, then say which does not answer."""
    deadline = time.monotonic() + _PATIENCE
    for name, probe in required.items():
        while not probe():
            if time.monotonic() > deadline:
                setting = {"kafka": "CDP_KAFKA__BOOTSTRAP", "clickhouse": "CDP_CLICKHOUSE__URL"}[name]
                raise CannotStart(f"{name} does not answer at the address in {setting}. Start it, or change that.")
            time.sleep(_LOOK)
