"""What every `cdp bench` command does: start a platform of its own, measure on it, tell what was found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.bench import report
from deploy.bench.facts import SOURCE
from deploy.bench.scale import Doors
from deploy.cli.apart import apart
from deploy.cli.console import notes, results
from deploy.cli.starting import Starting
from deploy.cli.up import owned
from deploy.embedded.process import ProcessSpec
from deploy.platform import Platform, assemble, clickhouse_address
from deploy.running import run
from projections.profiles import Terms
from schemas.settings import Settings

Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Also write it here.")]
_INTERRUPTED = 130
Measure = Callable[[Doors], Coroutine[Any, Any, report.Report]]


def measured(settings: Settings, measure: Measure, *, held: Collection[str] = (), workers: int = 1) -> report.Report:
    """What is measured on a platform of its own, in the settings' data directory; processes in `held` are not started.

    Nothing else is to be started together with those: hold the processors, or what comes after ingest.
    """
    found: list[report.Report] = []
    alone = apart(settings, workers)
    with owned(alone), Starting(notes()) as starting:
        platform = assemble(alone, os.environ, needed=(SOURCE,), progress=starting.fetching)
        aside = {spec.name: spec for spec in platform.specs if spec.name in held}
        platform = replace(platform, specs=[spec for spec in platform.specs if spec.name not in held])

        async def work(pids: Mapping[str, int | None]) -> bool:
            starting.stop()
            found.append(await measure(_doors(alone, platform, pids, aside)))
            return False

        asyncio.run(run(alone.data_dir, platform, starting.show, work))
    if not found:
        raise typer.Exit(_INTERRUPTED)
    return found[0]


def tell(found: report.Report, json_file: Path | None) -> None:
    """On the terminal, and in a file."""
    if json_file is not None:
        json_file.write_bytes(found.as_json())
    report.show(found, results())


def _doors(
    settings: Settings, platform: Platform, pids: Mapping[str, int | None], held: Mapping[str, ProcessSpec]
) -> Doors:
    addresses, keys = platform.addresses, platform.keys
    return Doors(
        ingest=addresses.ingest,
        write_key=keys.write_keys[SOURCE],
        api=addresses.api,
        api_key=keys.api_key,
        kafka=addresses.kafka,
        topic_prefix="",
        clickhouse=clickhouse_address(settings, addresses.clickhouse),
        terms=Terms(settings.currency, settings.time_zone, settings.trait_sources),
        pids={name: pid for name, pid in pids.items() if pid is not None},
        held=held,
    )
