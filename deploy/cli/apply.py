"""`cdp apply`: puts definitions from files in force, just as they were planned."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from deploy.cli.console import notes, results
from deploy.cli.options import DataDir
from deploy.cli.plan import Files, Key, Url, door, tell
from deploy.definitions.door import Door
from deploy.definitions.reading import Written, read_files
from deploy.errors import CannotStart

_LOOK = 0.3


def apply(
    files: Files,
    data_dir: DataDir = None,
    url: Url = "",
    key: Key = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,  # noqa: FBT002 -- an option
) -> None:
    """Put definitions from files in force, after showing what changes; waits until everybody is computed.

    All are put together, or none when one is no longer what it was when it was planned.
    """
    written = read_files(files)
    done = asyncio.run(_apply(door(data_dir, url, key), written, sure=yes))
    if done:
        results().print(f"{done} definitions are in force.")


async def _apply(platform: Door, written: list[Written], *, sure: bool) -> int:
    async with platform as api:
        answer = await api.plan(written)
        tell(answer)
        planned = [each for each in answer["data"] if each["change"] != "same"]
        if planned and not sure:
            _ask()
        await _put(api, planned)
        return len(planned)


def _ask() -> None:
    if not sys.stdin.isatty():
        raise CannotStart("Nobody is there to confirm. Use --yes.")
    typer.confirm("Apply?", abort=True, err=True)


async def _put(api: Door, planned: Sequence[Mapping[str, Any]]) -> None:
    with _progress() as progress:
        tasks = [progress.add_task(f"{each['kind']} {each['key']}", total=1.0) for each in planned]
        position = await api.put(planned) if planned else ""
        for each, task in zip(planned, tasks, strict=True):
            while (share := await api.share(each, position)) < 1:
                progress.update(task, completed=share)
                await asyncio.sleep(_LOOK)
            progress.update(task, completed=1.0)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=notes())
