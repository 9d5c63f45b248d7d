"""`cdp plan`: what definitions in files would change, before anything is changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from deploy.cli.console import results
from deploy.cli.options import DataDir, settings_for
from deploy.definitions.door import Door
from deploy.definitions.reading import Written, read_files
from deploy.doors import api_key, api_url

_CHANGES = 2
_EXAMPLES = 3

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILES…", exists=True, readable=True, help="YAML or JSON, or directories of such files."),
]
Url = Annotated[str, typer.Option("--url", help="The API, when it is not this machine's.")]
Key = Annotated[str, typer.Option("--key", help="API key, when it is not in the data directory.")]


def plan(
    files: Files,
    data_dir: DataDir = None,
    url: Url = "",
    key: Key = "",
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,  # noqa: FBT002 -- an option
) -> None:
    """Show what definitions in files would change: who would enter and leave, and what depends on them.

    Exits with 0 when nothing would change, with 2 when something would, with 1 when it cannot be said.
    """
    written = read_files(files)
    answer = asyncio.run(_plan(door(data_dir, url, key), written))
    if json:
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        tell(answer)
    if answer["changes"]:
        raise typer.Exit(_CHANGES)


def door(data_dir: Path | None, url: str, key: str) -> Door:
    """The platform that is meant."""
    settings = settings_for(data_dir)
    return Door(url or api_url(settings), key or api_key(settings))


async def _plan(platform: Door, written: list[Written]) -> Mapping[str, Any]:
    async with platform as api:
        return await api.plan(written)


def tell(answer: Mapping[str, Any]) -> None:
    """The plan for people."""
    results().print(plan_table(answer))
    for line in plan_lines(answer):
        results().print(escape(line), soft_wrap=True)
    changes = answer["changes"]
    results().print(f"{changes} of {len(answer['data'])} would change." if changes else "Nothing would change.")


def plan_table(answer: Mapping[str, Any]) -> Table:
    """One row a definition."""
    table = Table(title="Plan", title_justify="left")
    for name in ("definition", "change"):
        table.add_column(name, no_wrap=True)
    for name in ("size", "enter", "leave", "other value"):
        table.add_column(name, justify="right")
    for each in answer["data"]:
        size = each["size"]
        moves = [f"{size[name]:,}" for name in ("entering", "leaving", "revalued")] if size else [""] * 3
        table.add_row(f"{each['kind']} {each['key']}", each["change"], _sizes(size), *moves)
    return table


def _sizes(size: Mapping[str, int] | None) -> str:
    return f"{size['before']:,} → {size['after']:,}" if size else ""


def plan_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """Examples of who moves, and what depends on what changes."""
    for each in answer["data"]:
        name = f"{each['kind']} {each['key']}"
        for how, word in (("entering", "enter"), ("leaving", "leave")):
            if each[how]:
                yield f"{name}: {word}, for example, {', '.join(map(_person, each[how][:_EXAMPLES]))}"
        for other in each["dependents"] if each["change"] != "same" else ():
            sizes = f": {_sizes(other['size'])}" if other["size"] else ""
            yield f"{name}: the {other['kind']} {other['key']} depends on it{sizes}"


def _person(person: Mapping[str, Any]) -> str:
    for each in person["identifiers"]:
        scope = f"{each['source']}/" if each.get("source") else ""
        return f"{each['type']}:{scope}{each['value']}"
    return f"person:{person['person_id']}"
