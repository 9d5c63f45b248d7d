"""Running a platform: what starts together, and what its work decides."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.addresses import Addresses
from deploy.embedded.process import ProcessSpec
from deploy.embedded.supervisor import read_state
from deploy.errors import CannotReach
from deploy.keys import Keys
from deploy.platform import Platform
from deploy.running import run

STARTS = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


def spec(directory: Path, name: str, waits_for: str, *, beside: bool) -> ProcessSpec:
    """A process that is ready when another one has started."""
    argv = [sys.executable, "-c", STARTS, str(directory / name)]
    ready = (directory / waits_for).exists
    return ProcessSpec(name, argv, dict(os.environ), ready, directory / f"{name}.log", beside=beside)


def platform(directory: Path) -> Platform:
    """Two processes each of which waits for the other."""
    specs = [spec(directory, "a", "b", beside=False), spec(directory, "b", "a", beside=True)]
    return Platform(specs, {}, Addresses("", "", "", ""), Keys({}, {}))


def test_those_beside_each_other_start_together(tmp_path: Path) -> None:
    """Processes that wait for each other come up; when the work says so, all are stopped."""
    seen: list[Mapping[str, int | None]] = []

    async def work(pids: Mapping[str, int | None]) -> bool:
        seen.append(dict(pids))
        return False

    asyncio.run(run(tmp_path, platform(tmp_path), lambda _: None, work))
    assert all(seen[0].values())
    assert [each.pid for each in read_state(tmp_path) or []] == [None, None]


def test_failed_work_stops_everything(tmp_path: Path) -> None:
    """What the work raises is raised, after all processes have been stopped."""

    async def work(_pids: Mapping[str, int | None]) -> bool:
        raise CannotReach("no answer")

    with pytest.raises(CannotReach, match="no answer"):
        asyncio.run(run(tmp_path, platform(tmp_path), lambda _: None, work))
    assert [each.pid for each in read_state(tmp_path) or []] == [None, None]


def test_a_server_of_others_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with the setting that points to it, and nothing is started."""
    monkeypatch.setattr("deploy.running._PATIENCE", 0.0)
    absent = Platform([], {"kafka": lambda: False}, Addresses("", "", "", ""), Keys({}, {}))

    async def work(_pids: Mapping[str, int | None]) -> bool:
        raise AssertionError

    with pytest.raises(Exception, match="kafka does not answer at the address in CDP_KAFKA__BOOTSTRAP"):
        asyncio.run(run(tmp_path, absent, lambda _: None, work))


def test_a_signal_ends_the_work_first(tmp_path: Path) -> None:
    """Ctrl-C in the middle of the work is a clean end: the work is not left to fail against stopped servers."""

    async def work(_pids: Mapping[str, int | None]) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.01)
        raise CannotReach("the servers are gone")

    asyncio.run(run(tmp_path, platform(tmp_path), lambda _: None, work))
    assert [each.pid for each in read_state(tmp_path) or []] == [None, None]
