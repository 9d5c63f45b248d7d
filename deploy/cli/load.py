"""`cdp load`: sends files of events through ingest."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deploy.cli.console import notes
from deploy.cli.options import DataDir, settings_for
from deploy.cli.progress import load_progress
from deploy.doors import ingest_url, write_key
from deploy.loading.batches import Batch, cut, read_files
from deploy.loading.client import Client, Receipt
from deploy.loading.load import Report
from deploy.loading.load import load as send_all

_SOME_REJECTED = 1

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE…", exists=True, dir_okay=False, readable=True, help="NDJSON files; .gz are inflated."),
]
SourceName = Annotated[str, typer.Option("--source", metavar="NAME", help="The source whose write key is used.")]
Url = Annotated[str, typer.Option("--url", help="Ingest, when it is not this machine's.")]
Key = Annotated[str, typer.Option("--key", help="Write key, when it is not in the data directory.")]


def load(files: Files, source: SourceName = "default", data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:
    """Send NDJSON files of events through ingest; safe to run twice.

    One event a line, as POST /v1/events takes it. Exits with 1 if any was rejected; those are kept as dead letters.
    """
    settings = settings_for(data_dir)
    report = asyncio.run(_load(Client(url or ingest_url(settings), key or write_key(settings, source)), files))
    _tell(report)
    if report.rejected:
        raise typer.Exit(_SOME_REJECTED)


async def _load(door: Client, files: list[Path]) -> Report:
    with load_progress(notes()) as progress:
        task = progress.add_task("Loading", total=sum(path.stat().st_size for path in files), events=0)
        events = 0

        def advance(batch: Batch, _receipt: Receipt) -> None:
            nonlocal events
            events += len(batch.lines)
            progress.update(task, advance=batch.size, events=events)

        async with door as ingest:
            return await send_all(ingest, cut(read_files(files)), advance)


def _tell(report: Report) -> None:
    console = notes()
    console.print(
        f"{report.accepted:,} accepted, {report.rejected:,} rejected. Position: {report.position}", soft_wrap=True
    )
    for place, why in report.errors:
        console.print(f"  [red]{escape(place)}[/] {escape(why)}", soft_wrap=True)
    if report.rejected > len(report.errors):
        console.print(f"  … and {report.rejected - len(report.errors):,} more; GET /v1/dead-letters has them all.")
