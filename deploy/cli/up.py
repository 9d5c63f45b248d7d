"""`cdp up`: starts the platform and stays."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.cli.starting import Starting
from deploy.embedded.lock import DirectoryLock
from deploy.platform import Platform, assemble
from deploy.running import run
from schemas.settings import Settings

_LOOKED_AT = 0.3
"""Seconds for which `cdp status` may hold the lock at most, to see whether it is held."""


def up(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print addresses and keys as one line of JSON.")] = False,
) -> None:
    """Start the platform on this machine and stay; Ctrl-C stops it.

    Kafka and ClickHouse come along unless CDP_KAFKA__BOOTSTRAP and CDP_CLICKHOUSE__URL name others. Everything lives
    in the data directory: start again with the same one, after whatever crash, and it goes on where it was.
    """
    settings = settings_for(data_dir)
    with owned(settings), Starting(notes()) as starting:
        platform = assemble(settings, os.environ, progress=starting.fetching)

        async def tell(pids: Mapping[str, int | None]) -> bool:
            starting.stop()
            description = platform.description(pids)
            if as_json:
                print(json.dumps(description, ensure_ascii=False), flush=True)
            else:
                results().print(addresses_panel(description))
            return True

        asyncio.run(run(settings.data_dir, platform, starting.show, tell))
    notes().print("Stopped.")


@contextmanager
def owned(settings: Settings) -> Iterator[None]:
    """Hold the data directory, and leave quietly on a signal that comes before the supervisor listens."""
    lock = DirectoryLock(settings.data_dir)
    lock.acquire(_LOOKED_AT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        lock.release()


def addresses_panel(description: Mapping[str, Any]) -> Panel:
    """Where everything answers, and a first event to send."""
    table = Table.grid(padding=(0, 2))
    for name in ("ingest", "api", "kafka", "clickhouse"):
        table.add_row(f"[bold]{name}[/]", description[name])
    table.add_row("[bold]write key[/]", f"{description['write_key']}  [dim](source {description['source']})[/]")
    table.add_row("[bold]API key[/]", description["api_key"])
    return Panel(Group(table, "", Syntax(curl(description), "bash", background_color="default")), title="The platform is up", expand=False)


def curl(description: Mapping[str, Any]) -> str:
    """Two commands to paste: send an event, ask for the customer."""
    event = (
        '{"event_id":"hello-1","type":"order.completed","occurred_at":"2026-01-01T08:00:00+08:00",'
        '"ids":{"phone":"138 0013 8000"},"data":{"order_id":"1","total":"268.00","lines":[]}}'
    )
    return (
        f"curl -s {description['ingest']}/v1/events -H 'Authorization: Bearer {description['write_key']}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n  -d '{event}'\n"
        f"curl -s {description['api']}/v1/profiles/phone:%2B8613800138000 \\\n"
        f"  -H 'Authorization: Bearer {description['api_key']}'"
    )
