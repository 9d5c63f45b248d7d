"""A worker that hangs is ended, with its stacks in the log; one that waits for a server is left alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from processors.pulse import Place, Pulse
from processors.watchdog import Watchdog
from schemas.errors import Unavailable
from tests.stack.processes import inherited_environment

ONE = ("events", 0)
SCRIPT = """
import asyncio, os, threading, time
from processors import watchdog
from processors.pulse import Pulse
from processors.watchdog import Watchdog, write_stacks


class Log:
    committed = lambda self, group: {("events", 0): 0}
    begin_offsets = lambda self, topics: {("events", 0): 0}
    end_offsets = lambda self, topics: {("events", 0): 5}
    group_members = lambda self, group: ["me"]


async def the_blocked_loop():
    def end():
        write_stacks(loop)
        os._exit(70)

    loop = asyncio.get_running_loop()
    Watchdog(Log(), "g", ["events"], [Pulse("recorder")], lambda: {("events", 0)}, lambda: ANSWERS, end, 0.5).start()
    HANG


asyncio.run(the_blocked_loop())
"""


@dataclass
class Broker:
    """What Kafka says."""

    position: int = 5
    end: int = 9
    members: Sequence[str] = ("me",)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    def committed(self, group: str) -> Mapping[Place, int]:
        if self.away:
            raise Unavailable("kafka", "gone")
        return {ONE: self.position}

    def begin_offsets(self, topics: Sequence[str]) -> Mapping[Place, int]:
        return {ONE: 0}

    def end_offsets(self, topics: Sequence[str]) -> Mapping[Place, int]:
        return {ONE: self.end}

    def group_members(self, group: str) -> Sequence[str]:
        return self.members


class Dog:
    """A watchdog of one worker, with hands on its clock."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.now, self.mine, self.clickhouse = broker, 0.0, {ONE}, True
        self.ended = 0
        self.pulse = Pulse("recorder", lambda: self.now)
        self.dog = Watchdog(
            broker, "g", ["events"], [self.pulse], lambda: self.mine, lambda: self.clickhouse, self.end, 60, self.clock
        )

    def clock(self) -> float:
        return self.now

    def end(self) -> None:
        self.ended += 1

    def look(self, at: float) -> int:
        """Look at a moment; how often the worker was ended by then."""
        self.now = at
        self.dog.look()
        return self.ended


def test_a_hanging_worker_is_ended() -> None:
    """Its partition stands still, and both servers answer."""
    dog = Dog(Broker())
    assert [dog.look(at) for at in (0, 60, 61)] == [0, 0, 1]


def test_an_absent_server_is_no_hang() -> None:
    """Neither Kafka's absence nor ClickHouse's is a reason to restart, however long."""
    dog = Dog(Broker(away=True))
    assert [dog.look(at) for at in (0, 100, 200)] == [0, 0, 0]
    dog.broker.away, dog.clickhouse = False, False
    assert [dog.look(at) for at in (300, 400, 500)] == [0, 0, 0]
    dog.clickhouse = True
    assert [dog.look(at) for at in (501, 560, 570)] == [0, 0, 1]


def test_a_timer_that_hangs_is_seen_without_lag() -> None:
    """The clock has no partitions; its step gives no sign of life."""
    dog = Dog(Broker(position=9))
    dog.look(0)
    dog.pulse.begin(())
    assert [dog.look(at) for at in (60, 61)] == [0, 1]


def test_a_worker_that_was_forgotten_is_ended() -> None:
    """The group has nobody else, records wait, and it has no partition (faust-streaming#523)."""
    dog = Dog(Broker())
    dog.mine = set()
    assert [dog.look(at) for at in (0, 61)] == [0, 1]


def test_a_worker_without_partitions_is_left_alone_among_others() -> None:
    """There are more workers than partitions."""
    dog = Dog(Broker(members=("me", "other")))
    dog.mine = set()
    assert [dog.look(at) for at in (0, 61)] == [0, 0]


def run(tmp_path: Path, hang: str, *, answers: bool = True) -> subprocess.CompletedProcess[str]:
    """A process of its own that hangs in some way."""
    script = tmp_path / "hanging.py"
    script.write_text(SCRIPT.replace("ANSWERS", str(answers)).replace("HANG", hang))
    command = [sys.executable, str(script)]
    return subprocess.run(command, env=inherited_environment(), capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("hang", "seen"),
    [
        ("time.sleep(100)", "the_blocked_loop"),
        ("await asyncio.Event().wait()", "await asyncio.Event().wait()"),
        ("while True: pass", "the_blocked_loop"),
    ],
)
def test_the_log_says_where_each_thread_was(tmp_path: Path, hang: str, seen: str) -> None:
    """Even with a blocked event loop the process ends by itself, and its stacks say where it hung."""
    done = run(tmp_path, hang)
    assert done.returncode == 70
    assert "hanging" in done.stdout + done.stderr
    assert "Thread 0x" in done.stderr
    assert seen in done.stderr


def test_an_interpreter_that_is_never_given_up_is_ended_too(tmp_path: Path) -> None:
    """One C call that holds the interpreter's lock stops the watchdog's thread; the timer in C does not need it."""
    stuck = "watchdog._SILENCE = 1.0; time.sleep(1.5); import re; re.match('(a*)*b', 'a' * 60)"
    done = run(tmp_path, stuck, answers=False)
    assert done.returncode == 1
    assert "the_blocked_loop" in done.stderr
