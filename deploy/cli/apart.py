"""A platform that a command starts for itself, whatever this environment names, and stops in the end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from deploy.cli.console import notes
from deploy.cli.starting import Starting
from deploy.cli.up import owned
from deploy.platform import Platform, assemble
from deploy.running import run
from schemas.settings import (
    ApiSettings,
    ClickHouseSettings,
    IngestSettings,
    KafkaSettings,
    ProcessorsSettings,
    Settings,
)

Work = Callable[[Platform], Coroutine[Any, Any, None]]


def apart(settings: Settings, workers: int = 1) -> Settings:
    """The same with servers, ports and keys of its own, and so many workers of the processors."""
    return settings.model_copy(
        update={
            "ingest": IngestSettings(port=0),
            "api": ApiSettings(port=0),
            "processors": ProcessorsSettings(port=0, workers=workers),
            "kafka": KafkaSettings(port=0),
            "clickhouse": ClickHouseSettings(port=0),
            "write_keys": {},
            "api_keys": {},
        }
    )


def on_a_platform_of_its_own(settings: Settings, sources: Iterable[str], work: Work) -> None:
    """Start it, do the work, stop it."""
    with owned(settings), Starting(notes()) as starting:
        platform = assemble(settings, os.environ, needed=sources, progress=starting.fetching)

        async def alone(_pids: object) -> bool:
            starting.stop()
            await work(platform)
            return False

        asyncio.run(run(settings.data_dir, platform, starting.show, alone))
