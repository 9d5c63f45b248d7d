"""Bars: how far, how fast, how long still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from deploy.cli.console import notes
from deploy.rebuilding.steps import Phase, Share

_LEAST_SECONDS = 0.5


class Rate(ProgressColumn):
    """Events and events a second since the start."""

    def render(self, task: Task) -> Text:
        """Two figures; the second once there is something to divide by."""
        events, elapsed = task.fields.get("events", 0), task.finished_time or task.elapsed or 0.0
        rate = f" · {events / elapsed:,.0f}/s" if elapsed > _LEAST_SECONDS else ""
        return Text(f"{events:,} events{rate}", style="cyan")


def load_progress(console: Console) -> Progress:
    """Give each task a field `events`; its total may be in any unit."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=console,
    )


@contextmanager
def phases() -> Iterator[Phase]:
    """A bar a phase."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=notes()) as progress:

        def begin(name: str) -> Share:
            task = progress.add_task(name, total=1.0)
            return lambda share: progress.update(task, completed=share)

        yield begin
