"""`cdp contracts`: what sources promise, from files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape

from deploy.cli.console import results
from deploy.cli.options import DataDir, settings_for
from deploy.cli.plan import Key, Url
from deploy.cli.sources import Name
from deploy.doors import api_key, api_url
from deploy.errors import CannotStart
from deploy.sources.door import SourcesDoor, path_of
from schemas.definitions.decoding import decode_json, decode_yaml
from schemas.errors import CdpError
from schemas.numbers import plain

contracts = typer.Typer(
    no_args_is_help=True,
    help="Contracts: what the events of a source should be like.",
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
Order = tuple[str, str, Mapping[str, Any] | None]
"""Method, path and body."""
Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILES…", exists=True, readable=True, dir_okay=False, help="YAML or JSON, a contract each."),
]


@contracts.command()
def apply(files: Files, data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:
    """Put contracts in force for what is received two seconds from now and later."""
    said = [_read(path) for path in files]
    orders: list[Order] = [("PUT", path_of(each["source"], "contract"), each) for each in said]
    for path, answer in zip(files, _say(data_dir, url, key, orders), strict=True):
        results().print(f"{escape(str(path))} is version {answer['version']}: in force two seconds from now.")


@contracts.command()
def show(source: Name, data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:
    """Print the contract of a source as JSON, with its versions."""
    [answer] = _say(data_dir, url, key, [("GET", path_of(source, "contract"), None)])
    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))


@contracts.command()
def delete(source: Name, data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:
    """Take the contract of a source away, from two seconds from now on; its versions stay."""
    _say(data_dir, url, key, [("DELETE", path_of(source, "contract"), None)])
    results().print(f"{escape(source)} has no contract any more, two seconds from now.")


def _read(path: Path) -> dict[str, Any]:
    """A contract of a file; what is wrong with it the platform says. Raises CannotStart."""
    raw = path.read_bytes()
    try:
        said = plain((decode_json if path.suffix == ".json" else decode_yaml)(raw))
    except CdpError as wrong:
        raise CannotStart(f"{path}: {wrong.message}") from None
    if not isinstance(said, dict) or not isinstance(said.get("source"), str):
        raise CannotStart(f"{path}: a contract is an object, and says whose it is in `source`.")
    return said


def _say(data_dir: Path | None, url: str, key: str, orders: list[Order]) -> list[Mapping[str, Any]]:
    settings = settings_for(data_dir)

    async def run() -> list[Mapping[str, Any]]:
        async with SourcesDoor(url or api_url(settings), key or api_key(settings)) as door:
            return [await door.say(*order) for order in orders]

    return asyncio.run(run())
