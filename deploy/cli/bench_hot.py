"""`cdp bench hot`: whether a customer with very many events slows others down."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.hot import Hot, measure
from deploy.bench.probing import A_SECOND
from deploy.cli.bench_options import FACTS_A_CUSTOMER
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for


def hot(  # noqa: PLR0913 -- one argument an option
    *,
    events: Annotated[int, typer.Option(min=1, max=10_000_000, help="How many the one customer has.")] = 200_000,
    facts: Annotated[
        int, typer.Option(min=1_000, max=100_000_000, help="Facts of all others; ten a customer.")
    ] = 1_000_000,
    definitions: Annotated[
        int, typer.Option(min=0, max=1_000, help="Live segments and tags, beside the built-in ones.")
    ] = 20,
    rate: Annotated[int, typer.Option(min=1, max=100_000, help="Events a second of others.")] = 1_000,
    seconds: Annotated[int, typer.Option(min=2, max=3_600, help="How long, with it and without it.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts and events.")] = 7,
    json_file: Json = None,
) -> None:
    """Time other customers' events with and without one customer of very many events being touched once a second.

    Sessions at --rate, and ten probes a second, by turns without and with it; what counts is the ratio of their p95s.
    A rate that the platform does not sustain says nothing: cdp bench whole finds it out. On a platform of its own.
    """
    if facts < 2 * events:
        raise typer.BadParameter("Its events are copies of others': give twice as many facts.", param_hint="--facts")
    if facts // FACTS_A_CUSTOMER < 2 * A_SECOND * seconds:
        least = 2 * A_SECOND * seconds * FACTS_A_CUSTOMER
        raise typer.BadParameter(f"So many probes need {least:,} facts, or fewer --seconds.", param_hint="--facts")
    asked = Hot(facts // FACTS_A_CUSTOMER, facts, events, definitions, rate, seconds, seed)
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        tell(measured(settings_for(Path(directory)), lambda doors: measure(doors, asked, notes())), json_file)
