"""`cdp bench ingest`: how many events ingest acknowledges, how soon, and what they cost."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.ingesting import IngestScale, measure
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for

_NEEDLESS = ("clickhouse", "processors", "api")


def ingest(
    *,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="About how long a round is.")] = 5,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="How many rounds; medians are told.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed gives the same events.")] = 7,
    json_file: Json = None,
) -> None:
    """Events a second that ingest acknowledges once Kafka has, how soon, and CPU seconds of a million of them.

    Requests of 100 events over 16 connections, and of 1 over 256, each sent when the one before is answered, by a
    process of its own. Two mixes: sessions (ten events of a customer in a row) and scattered (each event another
    customer's). Limits: a bare server with uvicorn that only reads the body, and of CPU seconds that together with
    writing the same bundles straight to Kafka. Targets are those of a gateway in Go, carried to this machine by how
    fast it is at json.loads.

    Starts Kafka and ingest only, of their own, and stops them in the end.
    """
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        scale = IngestScale(seconds, rounds, seed)
        settings = settings_for(Path(directory))
        found = measured(settings, lambda doors: measure(doors, scale, notes()), held=_NEEDLESS)
    tell(found, json_file)
