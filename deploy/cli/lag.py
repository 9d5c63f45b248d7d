"""`cdp lag`: how far the processors are behind the log, as it changes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from deploy.cli.console import results
from deploy.cli.lag_view import everything
from deploy.cli.options import DataDir, settings_for
from deploy.cli.words import Language, language_of, word
from deploy.doors import api_key, api_url
from deploy.errors import CannotReach
from deploy.loading.client import Client

_EVERY = 1.0


def lag(
    data_dir: DataDir = None,
    url: Annotated[str, typer.Option(help="The API, when it is not this machine's.")] = "",
    key: Annotated[str, typer.Option(help="API key, when it is not in the data directory.")] = "",
    *,
    once: Annotated[bool, typer.Option("--once", help="Show it once instead of watching.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what GET /v1/lag answers, once.")] = False,
    lang: Annotated[Language | None, typer.Option(help="en or zh; by default the terminal's.")] = None,
) -> None:
    """Show lag by topic and partition: records, seconds, rates, when it is drained, in what state; live on a terminal.

    Also how fresh the projections are, and by fingerprint who fills partitions that are behind.
    """
    settings = settings_for(data_dir)
    door = Client(url or api_url(settings), key or api_key(settings))
    language = lang or language_of(os.environ)
    console = results()
    if as_json:
        typer.echo(json.dumps(asyncio.run(_ask(door)), ensure_ascii=False))
    elif once or not console.is_terminal:
        console.print(everything(asyncio.run(_ask(door)), language))
    else:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_watch(door, console, language))


async def _ask(door: Client) -> Mapping[str, Any]:
    async with door as api:
        return await api.get("/v1/lag")


async def _watch(door: Client, console: Console, language: Language) -> None:
    """Show it anew each second. Why there is no answer is shown, too: an operator watches just then."""
    hint = Text(word("Ctrl-C ends this", language), "dim")
    shown: RenderableType = ""
    async with door as api:
        with Live(shown, console=console, screen=True, auto_refresh=False) as live:
            while True:
                try:
                    shown = everything(await api.get("/v1/lag"), language, console.height)
                    live.update(Group(shown, hint), refresh=True)
                except CannotReach as away:
                    live.update(Group(Text(str(away), "bold red"), shown, hint), refresh=True)
                await asyncio.sleep(_EVERY)
