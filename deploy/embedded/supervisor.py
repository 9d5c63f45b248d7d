"""Brings up the platform's processes in order, keeps them up, and takes all of them down with it."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from deploy.embedded.lock import AlreadyInUse, DirectoryLock
from deploy.embedded.process import ProcessSpec, RestartPolicy, Snapshot, State, SupervisorError
from deploy.embedded.supervised import Supervised

__all__ = [
    "AlreadyInUse", "DirectoryLock", "ProcessSpec", "RestartPolicy", "Snapshot", "State", "Supervisor",
    "SupervisorError", "read_state", "state_file", "supervise",
]  # fmt: skip


class Supervisor:
    """The processes of one data directory. Use from the main thread's event loop only (see `Supervised`).

    The caller holds the directory's `DirectoryLock`. Should this process be killed, the kernel kills the children.
    """

    def __init__(self, data_directory: Path, specs: Sequence[ProcessSpec], policy: RestartPolicy | None = None) -> None:
        self._state_file = state_file(data_directory)
        self._all = [Supervised(spec, policy or RestartPolicy(), self._write_state) for spec in specs]
        self._watches: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> Mapping[str, int | None]:
        """The present process id of each; it changes with a restart."""
        return {each.spec.name: each.snapshot.pid for each in self._all}

    @property
    def snapshots(self) -> list[Snapshot]:
        """All processes, in the order they are started."""
        return [each.snapshot for each in self._all]

    async def start(self) -> None:
        """Start each when those before are ready, watching those that run; raises `SupervisorError`."""
        for group in _groups(self._all):
            await self._first_failure_or(asyncio.create_task(_start_together(group)))
            self._watches += [asyncio.create_task(each.keep(), name=each.spec.name) for each in group]

    async def watch(self) -> None:
        """Keep all running until cancelled, or until one cannot be kept up: then `SupervisorError`."""
        await self._first_failure_or(None)

    async def stop(self) -> None:
        """Stop all, the last started first; each is gone before the next is asked."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches.clear()
        for each in reversed(self._all):
            await each.stop()

    async def _first_failure_or(self, starting: asyncio.Task[None] | None) -> None:
        waited = [*self._watches, *([starting] if starting else [])]
        try:
            done, _ = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if starting and not starting.done():
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
        for task in done:
            task.result()

    def _write_state(self) -> None:
        state = {
            "pid": os.getpid(),
            "written": time.time(),
            "processes": [asdict(snapshot) for snapshot in self.snapshots],
        }
        self._state_file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._state_file.with_name(self._state_file.name + ".new")
        fresh.write_text(json.dumps(state, indent=1))
        fresh.replace(self._state_file)


def _groups(processes: Sequence[Supervised]) -> list[list[Supervised]]:
    groups: list[list[Supervised]] = []
    for each in processes:
        if each.spec.beside and groups:
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


async def _start_together(group: Sequence[Supervised]) -> None:
    """All of them, or none goes on starting."""
    starting = [asyncio.create_task(each.start(), name=each.spec.name) for each in group]
    try:
        await asyncio.gather(*starting)
    finally:
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)


async def supervise(supervisor: Supervisor, started: Callable[[], None], stop: asyncio.Event | None = None) -> None:
    """Run until SIGINT, SIGTERM or `stop`, then stop all and return; raises `SupervisorError` after stopping all.

    `started` is called once, when every process is ready.
    """
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    work = asyncio.create_task(_run(supervisor, started))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([work, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not work.done():
            work.cancel()
        outcome = (await asyncio.gather(work, return_exceptions=True))[0]
        await supervisor.stop()
    if isinstance(outcome, Exception):
        raise outcome


async def _run(supervisor: Supervisor, started: Callable[[], None]) -> None:
    await supervisor.start()
    started()
    await supervisor.watch()


def state_file(data_directory: Path) -> Path:
    """Where the supervisor tells what runs."""
    return data_directory / "run" / "state.json"


def read_state(data_directory: Path) -> list[Snapshot] | None:
    """What the supervisor of a directory last told, or None. Whether it lives, its `DirectoryLock` knows."""
    try:
        state = json.loads(state_file(data_directory).read_text())
    except FileNotFoundError:
        return None
    return [Snapshot(**{**each, "state": State(each["state"])}) for each in state["processes"]]
