"""`cdp bench idle`: what the platform takes while nothing arrives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.idling import IdleScale, measure
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for


def idle(
    *,
    seconds: Annotated[float, typer.Option(min=0.1, max=3_600, help="How long to look.")] = 60,
    after: Annotated[float, typer.Option(min=0, max=3_600, help="How long to leave it alone before.")] = 20,
    json_file: Json = None,
) -> None:
    """CPU and memory of each process and of all, while nothing arrives.

    CPU in percent of one core. Memory as the system divides it: what processes share counts once. The process that
    starts the others and watches them counts too.

    Starts a platform of its own, with Kafka and ClickHouse, and stops it in the end.
    """
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        settings = settings_for(Path(directory))
        found = measured(settings, lambda doors: measure(doors, IdleScale(seconds, after), notes()))
    tell(found, json_file)
