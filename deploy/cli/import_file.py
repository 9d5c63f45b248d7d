"""`cdp import`: rows of a file as events, by a mapping; proposes the mapping, and shows what would come of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape

from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.cli.progress import load_progress
from deploy.doors import ingest_url, write_key
from deploy.fixed import settle
from deploy.importing.checkpoint import Standing
from deploy.importing.guess.guessing import guess as propose
from deploy.importing.importing import Job, Outcome, import_file
from deploy.importing.previewing import Preview, Seen, sample
from deploy.loading.client import Client
from schemas.door import Door
from schemas.errors import BadFile
from schemas.mapping import Mapping, parse_mapping, read_mapping
from schemas.settings import Settings

_SOME_REJECTED = 1
_LAYOUT = parse_mapping({"name": "layout", "events": [{"type": "custom.row", "occurred_at": {"value": ""}}]})
"""How a file is read of which nothing is known yet."""

File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="CSV, Excel or Parquet.")
]
MappingFile = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="YAML", exists=True, dir_okay=False, help="How rows become events."),
]
SourceName = Annotated[
    str, typer.Option("--source", metavar="NAME", help="The source whose write key is used. [default: the mapping's]")
]
Url = Annotated[str, typer.Option("--url", help="Ingest, when it is not this machine's.")]
Key = Annotated[str, typer.Option("--key", help="Write key, when it is not in the data directory.")]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="CSV", help="Where refused rows go. [default: FILE.rejects.csv]"),
]
Again = Annotated[bool, typer.Option("--again", help="Send it even if it was imported before: that changes nothing.")]
Guess = Annotated[bool, typer.Option("--guess", help="Propose a mapping by the names of the columns; send nothing.")]
Show = Annotated[bool, typer.Option("--preview", help="Show the first events; send nothing.")]


def import_(  # noqa: PLR0913, PLR0917 -- one parameter an option of the command
    file: File,
    mapping: MappingFile = None,
    source: SourceName = "",
    preview: Show = False,  # noqa: FBT002 -- a flag of the command line
    guess: Guess = False,  # noqa: FBT002 -- the same
    rejects: Rejects = None,
    again: Again = False,  # noqa: FBT002 -- the same
    data_dir: DataDir = None,
    url: Url = "",
    key: Key = "",
) -> None:
    """Import a file: each row, or group of rows, becomes events, by a mapping in YAML. Safe to run twice, and to kill.

    Refused rows go to a file with the reason of each. Exits with 1 if there are any.
    """
    settings = settings_for(data_dir)
    settings = settle_zone(settings)
    if guess:
        return _propose(file, settings)
    if mapping is None:
        raise BadFile(f"--mapping says how rows become events; cdp import {file.name} --guess proposes one.")
    said = read_mapping(mapping.read_bytes())
    name = source or said.source or "default"
    if preview:
        return _show(_preview(said, name, settings).of(file), results_to_stdout=True)
    door = url or ingest_url(settings)
    job = Job(file, said, name, door, settings.data_dir, settings.time_zone, rejects or rejects_of(file), again)
    outcome = asyncio.run(run(Client(door, key or write_key(settings, name)), job))
    tell(outcome)
    if outcome.standing.rejected:
        raise typer.Exit(_SOME_REJECTED)
    return None


def settle_zone(settings: Settings) -> Settings:
    """The settings with the platform's own time zone, where it is known on this machine."""
    return settle(settings.data_dir, settings) if (settings.data_dir / "platform.json").exists() else settings


def rejects_of(file: Path) -> Path:
    """Where a file's rejects go: beside it."""
    return file.with_name(f"{file.name}.rejects.csv")


async def run(client: Client, job: Job) -> Outcome:
    """Import with a progress bar."""
    with load_progress(notes()) as progress:
        task = progress.add_task(escape(job.file.name), total=None, events=0)

        def advance(done: int, size: int, standing: Standing) -> None:
            events = standing.accepted + standing.refused
            progress.update(task, completed=done, total=size, events=events)

        async with client as ingest:
            return await import_file(ingest, job, advance)


def tell(outcome: Outcome) -> None:
    """Say what became of the rows."""
    standing, console = outcome.standing, notes()
    if outcome.before:
        console.print("This file was imported before; nothing was sent. --again sends it once more.", soft_wrap=True)
    console.print(
        f"{standing.rows:,} rows: {standing.rows - standing.skipped - standing.rejected:,} imported, "
        f"{standing.skipped:,} passed over, {standing.rejected:,} rejected. "
        f"{standing.accepted:,} events accepted. Position: {standing.position}",
        soft_wrap=True,
    )
    if standing.rejected:
        console.print(f"  Rejected rows, with the reason of each: {escape(str(outcome.rejects))}", soft_wrap=True)


def _propose(file: Path, settings: Settings) -> None:
    text = propose(file, *sample(file, _LAYOUT))
    results().file.write(text)
    seen = _preview(read_mapping(text), "default", settings).of(file)
    _show(seen, results_to_stdout=False)


def _preview(mapping: Mapping, source: str, settings: Settings) -> Preview:
    return Preview(mapping, Door(settings.region), source, settings.time_zone, datetime.now(UTC))


def _show(seen: list[Seen], *, results_to_stdout: bool) -> None:
    """The events as JSON, and what is wrong with them."""
    console = results() if results_to_stdout else notes()
    for each in seen:
        console.print(f"[dim]row {each.row}[/]")
        if each.event:
            console.print(msgspec.json.format(each.event, indent=2).decode(), markup=False, soft_wrap=True)
        if each.wrong:
            why = f"{each.wrong.code} {each.wrong.pointer}: {each.wrong.message}"
            console.print(f"[red]refused[/] {escape(why)}", soft_wrap=True)
