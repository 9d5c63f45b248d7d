"""The watchdog: a worker whose partitions stand still while records wait is ended with its stacks in the log.

It runs in a thread of its own, so a blocked event loop does not stop it; it asks the broker through a connection of
its own, so a consumer that fetches no more does not deceive it. Whether this thread runs, faulthandler's timer in C
sees to: where not even the interpreter's lock is given up, that one writes the stacks and ends the process.
Whoever started the process starts it again, and it goes on from what was acknowledged.
"""

from __future__ import annotations

import asyncio
import faulthandler
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from processors.pulse import Place, Pulse
from processors.stalling import Sight, Stalling
from schemas.errors import Unavailable

_LOOKS = 20
_SHORTEST, _LONGEST = 0.5, 5.0
_FRAMES = 5
_SILENCE = 60.0
"""Seconds after which this thread itself is taken to hang. Longer than its questions may take together."""

_log = structlog.get_logger()


class Log(Protocol):
    """What the watchdog asks Kafka; `projections.log.admin.LogAdmin` is one. All raise Unavailable."""

    def committed(self, group: str) -> Mapping[Place, int]:
        """What the group has acknowledged."""

    def begin_offsets(self, topics: Sequence[str]) -> Mapping[Place, int]:
        """Where partitions begin."""

    def end_offsets(self, topics: Sequence[str]) -> Mapping[Place, int]:
        """Where partitions end."""

    def group_members(self, group: str) -> Sequence[str]:
        """Who reads."""


@dataclass(slots=True)
class Watchdog:
    """One worker's. `assigned`, `answers` (whether ClickHouse does) and `on_hang` may be called from any thread."""

    log: Log
    group: str
    topics: Sequence[str]
    pulses: Sequence[Pulse]
    assigned: Callable[[], Collection[Place]]
    answers: Callable[[], bool]
    on_hang: Callable[[], None]
    after: float
    clock: Callable[[], float] = time.monotonic
    _stalling: Stalling = field(init=False)

    def __post_init__(self) -> None:
        """Nothing was seen yet."""
        self._stalling = Stalling(self.after)

    def start(self) -> None:
        """Watch from now on."""
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    def look(self) -> bool:
        """Look once; a worker that hangs is ended. Tells whether it does."""
        try:
            sight = self._sight()
        except Unavailable:
            self._stalling.forget()
            return False
        stalled, silent = self._stalling.look(sight), self._stalling.silent(sight)
        if not stalled and not silent:
            return False
        if not self.answers():
            self._stalling.forget()
            return False
        standing = {f"{topic}/{partition}": round(seconds, 1) for (topic, partition), seconds in stalled.items()}
        _log.critical("hanging", seconds_by_partition=standing, silent_steps=silent)
        self.on_hang()
        return True

    def _run(self) -> None:
        pause = min(max(self.after / _LOOKS, _SHORTEST), _LONGEST)
        while True:
            faulthandler.dump_traceback_later(_SILENCE, exit=True, file=sys.__stderr__ or sys.stderr)
            self.look()
            time.sleep(pause)

    def _sight(self) -> Sight:
        committed = self.log.committed(self.group)
        begins, ends = self.log.begin_offsets(self.topics), self.log.end_offsets(self.topics)
        signs = [sign for pulse in self.pulses if (sign := pulse.sign)]
        return Sight(self.clock(), self._watched(ends), committed, begins, ends, signs)

    def _watched(self, ends: Mapping[Place, int]) -> Collection[Place]:
        """The partitions of this worker. Who has none, and is alone, should have all: it may have been forgotten."""
        mine = self.assigned()
        if mine or len(self.log.group_members(self.group)) > 1:
            return mine
        return ends.keys()


def write_stacks(loop: asyncio.AbstractEventLoop) -> None:
    """Write to the log what every thread is at, then what every task of the event loop waits for."""
    log = sys.__stderr__ or sys.stderr
    faulthandler.dump_traceback(all_threads=True, file=log)
    for task in asyncio.all_tasks(loop):
        task.print_stack(limit=_FRAMES, file=log)
    log.flush()
