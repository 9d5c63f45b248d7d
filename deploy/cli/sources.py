"""`cdp sources`: how good what sources send is; their write keys, made, rotated and disabled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from deploy.cli.console import results
from deploy.cli.letter_options import Json
from deploy.cli.options import DataDir, settings_for
from deploy.cli.plan import Key, Url
from deploy.doors import api_key, api_url
from deploy.sources.door import SourcesDoor, path_of
from deploy.sources.showing import keys_table, minted_lines, source_lines, sources_table

sources = typer.Typer(
    no_args_is_help=True,
    help="Sources: how good what they send is, and their write keys.",
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
Name = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name: a-z, 0-9, _ and -.")]
KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="As `cdp sources keys` shows it.")]
Hours = Annotated[int, typer.Option("--hours", min=1, max=2160, help="Figures of so many hours up to now.")]
Label = Annotated[str | None, typer.Option("--label", help="A name for people.")]
Rate = Annotated[int | None, typer.Option("--rate", min=1, help="Events a second. [default: the platform's]")]
Types = Annotated[
    list[str] | None, typer.Option("--type", help="An event type it may send, or order.*; repeatable. [default: any]")
]
Origins = Annotated[
    list[str] | None,
    typer.Option("--origin", help="A web origin whose pages may use it, https://shop.example; repeatable."),
]
Overlap = Annotated[int, typer.Option("--overlap", min=0, help="Seconds for which the old key is taken, too.")]


@sources.command("list")
def list_sources(
    hours: Hours = 24,
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Show every source: how much came, how much of it passed, how late, what repeats, conflicts, or went silent."""
    answer = _asked(data_dir, url, key, lambda door: door.every(f"?hours={hours}"))
    _show(answer, as_json, lambda: results().print(sources_table(answer["data"], hours)))


@sources.command()
def show(
    source: Name, hours: Hours = 24,
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Show one source: which fields its events have, what is new, what was refused, what breaks its contract."""
    answer = _say(data_dir, url, key, "GET", f"{path_of(source)}?hours={hours}")

    def tell() -> None:
        results().print(sources_table([answer], hours))
        _lines(source_lines(answer))

    _show(answer, as_json, tell)


@sources.command()
def keys(
    source: Name,
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """List the write keys of a source. A key itself is shown once, when it is made."""
    answer = _asked(data_dir, url, key, lambda door: door.every(path_of(source, "keys")))
    _show(answer, as_json, lambda: results().print(keys_table(answer["data"])))


@sources.command()
def create(  # noqa: PLR0913, PLR0917 -- one argument an option
    source: Name, label: Label = None, rate: Rate = None, types: Types = None, origins: Origins = None,
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Make a write key. A new name declares the source, also for those who write to Kafka themselves."""
    grants = {"label": label, "rate": rate, "types": types, "origins": origins}
    body = {name: value for name, value in grants.items() if value}
    answer = _say(data_dir, url, key, "POST", path_of(source, "keys"), body)
    _show(answer, as_json, lambda: _lines(minted_lines(answer)))


@sources.command()
def rotate(  # noqa: PLR0913, PLR0917 -- one argument an option
    source: Name, key_id: KeyId, overlap: Overlap = 86_400,
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Make a new write key in place of another; both are taken until the overlap is over."""
    path = path_of(source, "keys", f"{key_id}:rotate")
    answer = _say(data_dir, url, key, "POST", path, {"overlap_seconds": overlap})
    _show(answer, as_json, lambda: _lines(minted_lines(answer)))


@sources.command()
def change(  # noqa: PLR0913, PLR0917 -- one argument an option
    source: Name, key_id: KeyId, label: Label = None, rate: Rate = None, types: Types = None, origins: Origins = None,
    data_dir: DataDir = None, url: Url = "", key: Key = "",
) -> None:  # fmt: skip
    """Change what a write key may do; what is not given stays as it is."""
    grants = {"label": label, "rate": rate, "types": types, "origins": origins}
    body = {name: value for name, value in grants.items() if value is not None}
    answer = _say(data_dir, url, key, "PATCH", path_of(source, "keys", key_id), body)
    results().print(keys_table([answer]))


@sources.command()
def disable(source: Name, key_id: KeyId, data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:
    """Have a write key taken no more, for ever."""
    answer = _say(data_dir, url, key, "POST", path_of(source, "keys", f"{key_id}:disable"))
    _lines([f"The write key {answer['key_id']} of {answer['source']} is taken no more."])


def _say(
    data_dir: Path | None, url: str, key: str, method: str, path: str, body: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    return _asked(data_dir, url, key, lambda door: door.say(method, path, body))


def _asked(
    data_dir: Path | None, url: str, key: str, ask: Callable[[SourcesDoor], Awaitable[Mapping[str, Any]]]
) -> Mapping[str, Any]:
    settings = settings_for(data_dir)

    async def run() -> Mapping[str, Any]:
        async with SourcesDoor(url or api_url(settings), key or api_key(settings)) as door:
            return await ask(door)

    return asyncio.run(run())


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        results().print(line, soft_wrap=True)


def _show(answer: Mapping[str, Any], as_json: bool, tell: Callable[[], None]) -> None:  # noqa: FBT001 -- an option
    if as_json:
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        tell()
