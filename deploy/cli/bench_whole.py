"""`cdp bench whole`: events a second from 202 to profiles and memberships."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.growth import growth
from deploy.bench.report import Report, show
from deploy.bench.whole import Whole, measure
from deploy.cli.bench_options import FACTS_A_CUSTOMER, MixName, MixOption, mixes
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for

FACTS, DEFINITIONS, WORKERS = (100_000, 1_000_000, 10_000_000), (0, 20, 100), (1, 2)


def whole(  # noqa: PLR0913 -- one argument an option
    *,
    facts: Annotated[
        list[int] | None,
        typer.Option(min=1_000, max=100_000_000, help="Facts that lie there; ten a customer. Default: 1000000."),
    ] = None,
    definitions: Annotated[
        list[int] | None,
        typer.Option(min=0, max=1_000, help="Live segments and tags, beside the built-in ones. Default: 20."),
    ] = None,
    workers: Annotated[
        list[int] | None, typer.Option(min=1, max=64, help="Processes that share the work. Default: 1.")
    ] = None,
    mix: MixOption = MixName.BOTH,
    seconds: Annotated[int, typer.Option(min=1, max=3_600, help="How long traffic lasts.")] = 60,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="How it grows: 0.1, 1, 10 M facts; 0, 20, 100 definitions; 1, 2 workers.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts and events.")] = 7,
    json_file: Json = None,
) -> None:
    """Measure how many events a second get from their 202 into profiles and memberships, and what one costs.

    First a backlog, as fast as ingest takes it (as large as takes at most about twice --seconds), until the last event
    is in the answers: the catch-up rate. Then 90 % of that rate for --seconds: the delay must not grow. Options that
    are given several times are combined, each combination on a platform of its own, and the growth is shown; so does
    --sweep.
    """
    values = (
        facts or (FACTS if sweep else (1_000_000,)),
        definitions or (DEFINITIONS if sweep else (20,)),
        workers or (WORKERS if sweep else (1,)),
    )
    points = [
        Whole(max(100, some // FACTS_A_CUSTOMER), some, live, share, mixes(mix), seconds, seed)
        for some, live, share in product(*values)
    ]
    tell(_measured(points), json_file)


def _measured(points: Sequence[Whole]) -> Report:
    found = []
    for number, point in enumerate(points, 1):
        if len(points) > 1:
            notes().print(f"[bold]{number} of {len(points)}[/]")
        found.append((point, _on_a_platform(point)))
        if len(points) > 1:
            show(found[-1][1], notes())
    return growth(found) if len(points) > 1 else found[0][1]


def _on_a_platform(point: Whole) -> Report:
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        settings, log = settings_for(Path(directory)), Path(directory) / "kafka"
        return measured(settings, lambda doors: measure(doors, point, notes(), log), workers=point.workers)
