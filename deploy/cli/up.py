"""`cdp up`: starts the platform and stays."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from deploy.cli.announcement import first_event, tell_addresses
from deploy.cli.console import notes
from deploy.cli.options import DataDir, settings_for
from deploy.cli.starting import Starting
from deploy.embedded.lock import DirectoryLock
from deploy.platform import assemble
from deploy.running import run
from schemas.settings import Settings

_LOOKED_AT = 0.3
"""Seconds for which `cdp status` may hold the lock at most, to see whether it is held."""


def up(
    data_dir: DataDir = None,
    *,
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
                typer.echo(json.dumps(description, ensure_ascii=False))  # flushes
            else:
                tell_addresses(description, first_event(description))
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
