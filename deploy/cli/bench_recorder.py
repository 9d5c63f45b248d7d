"""`cdp bench recorder`: how fast a backlog becomes facts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.recording import RecorderScale, measure
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for

_HELD = ("ingest", "processors", "api")


def recorder(
    *,
    facts: Annotated[int, typer.Option(min=100, max=100_000_000, help="How many are there before.")] = 10_000_000,
    events: Annotated[int, typer.Option(min=1_000, max=10_000_000, help="How many each backlog holds.")] = 500_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts and events.")] = 7,
    json_file: Json = None,
) -> None:
    """Events a second from a backlog in Kafka to facts, repetitions looked for among all that is there.

    Made-up facts with their claims, then a backlog of bundles of 100 for each of two mixes, sessions (ten events of a
    customer in a row) and scattered (each event another customer's), then the first of them once more: duplicates.
    Each is published while no processors run; then they start, and of them only the recorder works: resolver and
    profiler stand still. Done is what its ledger says. Limit: the same rows inserted straight, as many at once.

    Starts Kafka, ClickHouse and processors of its own, and stops them in the end.
    """
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        scale = RecorderScale(facts, events, seed)
        settings = settings_for(Path(directory))
        found = measured(settings, lambda doors: measure(doors, scale, notes()), held=_HELD)
    tell(found, json_file)
