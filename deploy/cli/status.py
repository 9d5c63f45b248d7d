"""`cdp status`: what runs on a data directory."""

from __future__ import annotations

import asyncio
import time

import typer
from rich.markup import escape
from rich.table import Table

from deploy.addresses import Addresses, read_addresses
from deploy.cli.console import results
from deploy.cli.options import DataDir, settings_for
from deploy.doors import api_key, api_url
from deploy.embedded.process import Snapshot
from deploy.embedded.supervisor import read_state
from deploy.letters.door import LettersDoor, breaker
from deploy.letters.showing import breaker_lines
from deploy.owner import is_owned
from schemas.errors import CdpError
from schemas.settings import Settings

_DOWN = 3  # as LSB says of a service that does not run


def status(data_dir: DataDir = None) -> None:
    """Show what runs: processes, addresses, restarts. Exits with 3 when the platform is down."""
    settings = settings_for(data_dir)
    if not is_owned(settings.data_dir):
        results().print(f"No platform runs on {settings.data_dir}. cdp up starts one.")
        raise typer.Exit(_DOWN)
    results().print(_table(read_state(settings.data_dir) or [], read_addresses(settings.data_dir)))
    for line in _held(settings):
        results().print(escape(line), soft_wrap=True)


def _held(settings: Settings) -> list[str]:
    """What is to be said when the recorder is held; nothing when the API cannot be asked now."""
    try:
        said = asyncio.run(breaker(LettersDoor(api_url(settings), api_key(settings))))
    except CdpError:
        return []
    return list(breaker_lines(said)) if said["state"] != "closed" else []


def _table(processes: list[Snapshot], addresses: Addresses | None) -> Table:
    table = Table()
    for name in ("process", "state", "pid", "since", "restarts", "address"):
        table.add_column(name)
    for each in processes:
        since = f"{time.time() - each.since:,.0f} s"
        address = addresses.of(each.name) if addresses else ""
        table.add_row(each.name, each.state.value, str(each.pid or "-"), since, str(each.restarts), address)
    return table
