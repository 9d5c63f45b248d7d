"""`cdp bench rebuild`: how long dossiers take from the facts, everything from the log, and RFM of everybody."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.rebuild import Rebuilt, measure
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for


def rebuild(
    *,
    customers: Annotated[int, typer.Option(min=100, max=10_000_000, help="How many customers.")] = 1_000_000,
    facts: Annotated[int, typer.Option(min=100, max=100_000_000, help="How many facts of theirs.")] = 10_000_000,
    from_log: Annotated[
        int, typer.Option(min=0, max=10_000_000, help="How many events to send, and replay from the log.")
    ] = 200_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts.")] = 7,
    json_file: Json = None,
) -> None:
    """Time `cdp rebuild profiles` from facts and from the log, and the RFM boundaries of everybody.

    Starts a platform of its own, with Kafka and ClickHouse, and stops it in the end.
    """
    if facts < customers:
        raise typer.BadParameter("Each customer has one fact at least.", param_hint="--facts")
    scale = Rebuilt(customers, facts, from_log, seed)
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        found = measured(settings_for(Path(directory)), lambda doors: measure(doors, scale, notes()))
    tell(found, json_file)
