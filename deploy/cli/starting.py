"""What a person sees while the platform starts: Kafka's jars being fetched, then who is not ready yet."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

from deploy.embedded.process import Snapshot, State


class Starting:
    """A line that moves on a terminal; elsewhere one plain line for each process that became ready."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = Status("Preparing …", console=console)
        self._began = time.monotonic()
        self._told: set[str] = set()

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Leave the screen to others."""
        self._status.stop()

    def fetching(self, name: str, done: int, total: int) -> None:
        """Kafka's jars come in, the first time on this machine."""
        self._status.update(f"Fetching Kafka (once): {done} of {total} jars  [dim]{name}[/]")
        if not self._console.is_terminal and done == 0:
            self._console.print(f"Fetching Kafka's {total} jars (once) …")

    def show(self, snapshots: list[Snapshot]) -> None:
        """Where each process stands."""
        for each in snapshots:
            if each.state is State.READY and each.name not in self._told:
                self._told.add(each.name)
                self._console.print(f"[green]✓[/] {each.name} [dim]{time.monotonic() - self._began:.1f} s[/]")
        waited = [_words(each) for each in snapshots if each.state is not State.READY]
        self._status.update(f"Starting: {', '.join(waited)}" if waited else "Ready")


def _words(snapshot: Snapshot) -> str:
    again = f" (restart {snapshot.restarts})" if snapshot.restarts else ""
    return f"{snapshot.name}{again}"
