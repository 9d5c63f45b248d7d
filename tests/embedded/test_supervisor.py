"""The supervisor: order, readiness, restarts, giving up, stopping, and no orphan whatever happens."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from deploy.embedded.supervisor import (
    AlreadyInUse,
    DirectoryLock,
    ProcessSpec,
    RestartPolicy,
    State,
    Supervisor,
    SupervisorError,
    read_state,
    supervise,
)

# Notes its start and its SIGTERM in a journal, says that it is ready, and waits.
PROGRAM = """
import pathlib, signal, sys, time
name, journal, ready = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
def note(word):
    with journal.open("a") as file: file.write(f"{word} {name}\\n")
def stop(*_):
    note("stop"); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
note("start"); print("hello from", name, flush=True); ready.touch()
while True: time.sleep(1)
"""

# The supervisor in a process of its own, over the programs named in its arguments.
SUPERVISOR = """
import asyncio, os, pathlib, sys
from deploy.embedded.supervisor import *
directory, program = pathlib.Path(sys.argv[1]), sys.argv[2]
def spec(name):
    ready = directory / f"{name}.ready"
    return ProcessSpec(name, [sys.executable, "-c", program, name, str(directory / "journal"), str(ready)],
                       dict(os.environ), ready.exists, directory / f"{name}.log")
lock = DirectoryLock(directory); lock.acquire()
asyncio.run(supervise(Supervisor(directory, [spec(n) for n in sys.argv[3:]]), lambda: print("up", flush=True)))
"""


def spec(directory: Path, name: str, program: str = PROGRAM, timeout: float = 10.0) -> ProcessSpec:
    ready = directory / f"{name}.ready"
    argv = [sys.executable, "-c", program, name, str(directory / "journal"), str(ready)]
    log = directory / f"{name}.log"
    return ProcessSpec(name, argv, dict(os.environ), ready.exists, log, ready_timeout=timeout, stop_timeout=5.0)


def journal(directory: Path) -> Sequence[str]:
    return (directory / "journal").read_text().splitlines()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def eventually(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def test_starts_in_order_and_stops_in_reverse(tmp_path: Path) -> None:
    """Each process starts when the one before is ready; the last started is the first to be asked to stop."""

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path, [spec(tmp_path, name) for name in "abc"])
        await supervisor.start()
        assert {each.state for each in supervisor.snapshots} == {State.READY}
        await supervisor.stop()

    asyncio.run(scenario())
    assert journal(tmp_path) == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]
    states = read_state(tmp_path)
    assert states is not None
    assert [(each.name, each.state, each.pid) for each in states] == [(name, State.STOPPED, None) for name in "abc"]


def test_a_dead_process_is_started_again(tmp_path: Path) -> None:
    """A killed process comes back under another pid, the others keep theirs, and the state file tells."""

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path, [spec(tmp_path, name) for name in "ab"])
        await supervisor.start()
        before = dict(supervisor.pids)
        assert before["a"]
        os.kill(before["a"], signal.SIGKILL)
        await eventually(lambda: supervisor.snapshots[0].restarts == 1 and supervisor.snapshots[0].state is State.READY)
        assert supervisor.pids["a"] not in (None, before["a"])
        assert supervisor.pids["b"] == before["b"]
        told = read_state(tmp_path)
        assert told is not None
        assert (told[0].pid, told[0].restarts) == (supervisor.pids["a"], 1)
        await supervisor.stop()

    asyncio.run(scenario())


def test_gives_up_loudly(tmp_path: Path) -> None:
    """A process that keeps dying ends everything, with its last words in the error."""
    broken = "print('no such table: facts', flush=True); raise SystemExit(3)"
    policy = RestartPolicy(first_delay=0.01, failures=2)

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path, [spec(tmp_path, "a"), spec(tmp_path, "b", broken)], policy)
        with pytest.raises(SupervisorError, match=r"b exited with 3, 3 times(?s:.*)no such table: facts"):
            await supervise(supervisor, lambda: None)
        assert [each.state for each in supervisor.snapshots] == [State.STOPPED, State.STOPPED]
        assert set(supervisor.pids.values()) == {None}

    asyncio.run(scenario())
    assert journal(tmp_path) == ["start a", "stop a"]


def test_never_ready_is_a_failure(tmp_path: Path) -> None:
    """A process that runs but does not become ready in time counts as dead."""
    mute = "import time; print('still loading', flush=True); time.sleep(60)"

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path, [spec(tmp_path, "a", mute, timeout=0.5)], RestartPolicy(0.01, failures=0))
        with pytest.raises(SupervisorError, match=r"not ready within 0.5 s(?s:.*)still loading"):
            await supervisor.start()
        await supervisor.stop()

    asyncio.run(scenario())


def test_a_deaf_process_is_killed(tmp_path: Path) -> None:
    """Whoever ignores the stop signal is killed after its time."""
    deaf = PROGRAM.replace('note("stop"); sys.exit(0)', "pass")
    stubborn = spec(tmp_path, "a", deaf)
    stubborn = ProcessSpec("a", stubborn.argv, stubborn.env, stubborn.ready, stubborn.log_path, stop_timeout=0.3)

    async def scenario() -> int:
        supervisor = Supervisor(tmp_path, [stubborn])
        await supervisor.start()
        pid = supervisor.pids["a"]
        await supervisor.stop()
        assert pid
        return pid

    assert not alive(asyncio.run(scenario()))


def start_supervisor(directory: Path, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SUPERVISOR, str(directory), PROGRAM, "a", "b"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout as said:
        assert said.readline() == "up\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_on_a_signal(tmp_path: Path, environment: Mapping[str, str], number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end it cleanly: the children are asked by it, in reverse, and by nobody else."""
    process = start_supervisor(tmp_path, environment)
    process.send_signal(number)
    assert process.wait(20) == 0
    assert journal(tmp_path)[2:] == ["stop b", "stop a"]


def test_no_orphan_after_kill_nine(
    tmp_path: Path, environment: Mapping[str, str], until: Callable[[Callable[[], object]], None]
) -> None:
    """When the supervisor itself is killed, the kernel takes its children along, and the directory is free again."""
    process = start_supervisor(tmp_path, environment)
    pids = [each["pid"] for each in json.loads((tmp_path / "run" / "state.json").read_text())["processes"]]
    with pytest.raises(AlreadyInUse):
        DirectoryLock(tmp_path).acquire()
    process.kill()
    process.wait()
    until(lambda: not any(alive(pid) for pid in pids))
    with DirectoryLock(tmp_path):
        pass


def test_the_second_owner_is_refused(tmp_path: Path) -> None:
    """A held directory is refused by name, and given up it can be taken."""
    first, second = DirectoryLock(tmp_path), DirectoryLock(tmp_path)
    first.acquire()
    with pytest.raises(AlreadyInUse, match="already in use"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_a_large_log_is_moved_aside(tmp_path: Path) -> None:
    """A log over its size is kept once beside the new one."""
    log = tmp_path / "a.log"
    log.write_bytes(b"x" * (21 << 20))

    async def scenario() -> None:
        supervisor = Supervisor(tmp_path, [spec(tmp_path, "a")])
        await supervisor.start()
        await supervisor.stop()

    asyncio.run(scenario())
    assert log.read_text() == "hello from a\n"
    assert (tmp_path / "a.log.1").stat().st_size == 21 << 20
