"""Processes that a measurement starts beside itself, so that what they take is theirs and told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from deploy.errors import CannotReach


@dataclass(frozen=True, slots=True)
class Spawned:
    """One of them, and the line to it."""

    name: str
    pid: int
    line: Connection

    def tell(self, what: object = None) -> None:
        """Give it what it waits for. Raises CannotReach when it is gone."""
        try:
            self.line.send(what)
        except OSError:
            raise self._gone() from None

    def said(self) -> Any:
        """What it says next. Raises CannotReach when it ends without a word."""
        try:
            return self.line.recv()
        except (EOFError, OSError):
            raise self._gone() from None

    def _gone(self) -> CannotReach:
        return CannotReach(f"The {self.name} ended before it was done: what it talks to may have gone away.")


@contextmanager
def spawned(name: str, work: Callable[..., None], *given: object) -> Iterator[Spawned]:
    """Run `work(line, *given)` in a process of its own, which never outlives the block."""
    spawn = get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=work, args=(there, *given), daemon=True)
    process.start()
    there.close()
    try:
        yield Spawned(name, process.pid or 0, here)
    finally:
        process.kill()
        process.join()
        here.close()
