"""The bar of a load: how far, how fast, how long still."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

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
