"""`cdp load`: sends files of events through ingest."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.console import notes
from deploy.cli.options import DataDir, settings_for
from deploy.cli.progress import load_progress
from deploy.doors import ingest_url, write_key
from deploy.loading.batches import Batch, cut, read_files
from deploy.loading.client import Client, Receipt
from deploy.loading.load import Report
from deploy.loading.load import load as send_all

_SOME_REJECTED = 1


def load(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", exists=True, dir_okay=False, readable=True, help="NDJSON files, .gz too.")
    ],
    source: Annotated[str, typer.Option(metavar="NAME", help="The source the events are of: its write key is used.")] = "default",
    data_dir: DataDir = None,
    url: Annotated[str, typer.Option(help="Ingest, when it is not this machine's.")] = "",
    key: Annotated[str, typer.Option(help="Write key, when it is not in the data directory.")] = "",
) -> None:
    """Send NDJSON files of events through ingest; safe to run twice.

    One event a line, as POST /v1/events takes it. Exits with 1 if any event was rejected; those are kept as dead letters.
    """
    settings = settings_for(data_dir)
    door = Client(url or ingest_url(settings), key or write_key(settings, source))
    console = notes()
    report = asyncio.run(_load(door, files, console))
    console.print(f"{report.accepted:,} accepted, {report.rejected:,} rejected. Position: [dim]{report.position}[/]", soft_wrap=True)
    for place, why in report.errors:
        console.print(f"  [red]{place}[/] {why}", soft_wrap=True)
    if report.rejected > len(report.errors):
        console.print(f"  … and {report.rejected - len(report.errors):,} more: GET /v1/dead-letters has them all")
    if report.rejected:
        raise typer.Exit(_SOME_REJECTED)


async def _load(door: Client, files: list[Path], console: Console) -> Report:
    with load_progress(console) as progress:
        task = progress.add_task("Loading", total=sum(path.stat().st_size for path in files), events=0)
        events = 0

        def advance(batch: Batch, _receipt: Receipt) -> None:
            nonlocal events
            events += len(batch.lines)
            progress.update(task, advance=batch.size, events=events)

        async with door as ingest:
            return await send_all(ingest, cut(read_files(files)), advance)
