"""`cdp bench reads`: how soon the API answers, alone and while events come in."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.reads import Reading, measure
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for


def reads(  # noqa: PLR0913 -- one argument an option
    *,
    customers: Annotated[int, typer.Option(min=100, max=10_000_000, help="How many customers.")] = 1_000_000,
    facts: Annotated[int, typer.Option(min=100, max=100_000_000, help="How many facts of theirs.")] = 10_000_000,
    definitions: Annotated[int, typer.Option(min=10, max=1_000, help="How many segments and tags.")] = 20,
    rate: Annotated[int, typer.Option(min=1, max=10_000, help="Dossiers a second while events come in.")] = 200,
    writes: Annotated[int, typer.Option(min=1, max=100_000, help="Events a second then.")] = 5_000,
    seconds: Annotated[int, typer.Option(min=1, max=3_600, help="How long each kind is asked.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts and questions.")] = 7,
    json_file: Json = None,
) -> None:
    """Time dossiers, timelines, members, previews and RFM: alone, and while events come in.

    Starts a platform of its own, with Kafka and ClickHouse, and stops it in the end.
    """
    if facts < customers:
        raise typer.BadParameter("Each customer has one fact at least.", param_hint="--facts")
    scale = Reading(customers, facts, definitions, rate, writes, seconds, seed)
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        found = measured(settings_for(Path(directory)), lambda doors: measure(doors, scale, notes()))
    tell(found, json_file)
