"""`cdp watch`: imports whatever files are put into a folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from deploy.cli.console import notes
from deploy.cli.import_file import Key, SourceName, Url, run, settle_zone
from deploy.cli.options import DataDir, settings_for
from deploy.doors import ingest_url, write_key
from deploy.importing.folder import Folder, rejects_of
from deploy.importing.importing import Job, Outcome
from deploy.importing.watching import Watch
from deploy.loading.client import Client
from schemas.errors import BadFile
from schemas.mapping import InvalidMapping, Mapping, read_mapping

_POLL = 1.0
_SUFFIXES = (".yaml", ".yml", ".json")

Directory = Annotated[
    Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, writable=True, help="The folder to watch.")
]
Mappings = Annotated[
    list[Path],
    typer.Option("--mapping", metavar="PATH", exists=True, help="A mapping, or a folder of them; repeatable."),
]
Settle = Annotated[
    float,
    typer.Option("--settle", min=0, metavar="SECONDS", help="A file that did not change for so long is complete."),
]
Once = Annotated[bool, typer.Option("--once", help="End when all that lies there is imported.")]


def watch(  # noqa: PLR0913, PLR0917 -- one parameter an option of the command
    directory: Directory,
    mapping: Mappings,
    source: SourceName = "",
    settle: Settle = 5.0,
    once: Once = False,  # noqa: FBT002 -- a flag of the command line
    data_dir: DataDir = None,
    url: Url = "",
    key: Key = "",
) -> None:
    """Import every file that is put into a folder, by the mapping whose `files` its name matches; then move it.

    To `done/`, or to `failed/` when nothing of it could be imported, with its rejects beside it. A marker NAME.done
    says that NAME is complete. Safe to kill; a second watcher of a folder stands by.
    """
    settings = settle_zone(settings_for(data_dir))
    door = url or ingest_url(settings)

    async def import_one(path: Path, by: Mapping) -> Outcome:
        name = source or by.source or "default"
        job = Job(path, by, name, door, settings.data_dir, settings.time_zone, rejects_of(path))
        return await run(Client(door, key or write_key(settings, name)), job)

    def say(sentence: str) -> None:
        notes().print(escape(sentence), soft_wrap=True)

    watched = Watch(Folder(directory, _read(mapping), settle), import_one, say, min(_POLL, settle or _POLL))
    try:
        asyncio.run(watched.run(once=once))
    except KeyboardInterrupt:
        say("Stopped. What was not finished goes on at the next start.")


def _read(paths: list[Path]) -> list[Mapping]:
    files = [each for path in paths for each in (sorted(path.iterdir()) if path.is_dir() else [path])]
    found = [_one(each) for each in files if each.suffix in _SUFFIXES]
    if not found:
        raise BadFile("There is no mapping (.yaml) at --mapping.")
    return found


def _one(path: Path) -> Mapping:
    try:
        return read_mapping(path.read_bytes())
    except InvalidMapping as error:
        raise BadFile(f"{path.name}: {error}") from None
