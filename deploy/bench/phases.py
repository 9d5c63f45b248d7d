"""The phases of a measurement: shown while they run, and kept with how long each took and what each process spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from deploy.bench.machine import cpu_seconds

Advance = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase, with the CPU seconds each process of the platform spent in it."""

    name: str
    seconds: float
    cpu: Mapping[str, float]


@dataclass(slots=True)
class Phases:
    """Shows each on a line of its own."""

    console: Console
    pids: Mapping[str, int]
    done: list[Phase] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str, total: float | None = None) -> Iterator[Advance]:
        """Run one; gives what to call with how much of the total is done more."""
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        before, began = cpu_seconds(self.pids), time.monotonic()
        with Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(name, total=total)
            yield lambda more: bar.advance(task, more)
        seconds, after = time.monotonic() - began, cpu_seconds(self.pids)
        self.done.append(Phase(name, seconds, {each: after[each] - before.get(each, 0.0) for each in after}))
        self.console.print(f"[green]✓[/] {name} [dim]{seconds:.1f} s[/]")
