"""`cdp soak`: steady traffic for long, and whether memory, open files and threads stay as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from deploy.chaos.soak import Trend, trends, watch
from deploy.chaos.state import Processes
from deploy.chaos.steady import Counts, steady
from deploy.cli.apart import apart, on_a_platform_of_its_own
from deploy.cli.console import notes, results
from deploy.cli.options import settings_for
from deploy.loading.client import Client
from deploy.platform import Platform

_SOURCE = "default"


def soak(
    *,
    minutes: Annotated[float, typer.Option(min=0.1, max=100_000, help="How long.")] = 60.0,
    rate: Annotated[int, typer.Option(min=1, max=10_000, help="Events a second.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Send steadily to a platform of its own; show memory, open files and threads of each process, and their slopes."""
    found: dict[str, Mapping[str, Trend]] = {}
    counted: list[Counts] = []
    with tempfile.TemporaryDirectory(prefix="cdp-soak-") as directory:
        settings = apart(settings_for(Path(directory)))

        async def work(platform: Platform) -> None:
            processes, keys = Processes(settings.data_dir), platform.keys.write_keys
            async with Client(platform.addresses.ingest, keys[_SOURCE]) as ingest, steady(ingest, rate, 7) as counts:
                notes().print(f"{minutes:g} minutes of {rate} events a second …")
                samples = await watch(processes, 60 * minutes, interval=5.0)
            counted.append(counts)
            found.update({name: trends(some) for name, some in samples.items() if some})

        on_a_platform_of_its_own(settings, (_SOURCE,), work)
    if as_json:
        said = {name: {figure: asdict(trend) for figure, trend in some.items()} for name, some in found.items()}
        typer.echo(orjson.dumps({"minutes": minutes, "counts": asdict(counted[0]), "processes": said}))
        return
    results().print(f"{counted[0].accepted:,} of {counted[0].sent:,} events accepted in {minutes:g} minutes")
    results().print(_table(found))


def _table(found: Mapping[str, Mapping[str, Trend]]) -> Table:
    table = Table()
    for name in ("process", "", "settled", "end", "most", "slope an hour"):
        table.add_column(name, justify="left" if name in {"process", ""} else "right")
    for process, figures in found.items():
        for name, trend in figures.items():
            shown = (f"{trend.first:,.0f}", f"{trend.last:,.0f}", f"{trend.most:,.0f}", f"{trend.an_hour:+,.1f}")
            table.add_row(process, name, *shown)
    return table
