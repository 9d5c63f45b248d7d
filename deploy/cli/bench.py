"""`cdp bench`: measurements on made-up data, the same for the same seed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.bench.scale import Scale
from deploy.bench.segments import measure
from deploy.bench.traffic import customers_needed
from deploy.cli.bench_all import all_
from deploy.cli.bench_gate import gate
from deploy.cli.bench_hot import hot
from deploy.cli.bench_idle import idle
from deploy.cli.bench_ingest import ingest
from deploy.cli.bench_latency import latency
from deploy.cli.bench_reads import reads
from deploy.cli.bench_rebuild import rebuild
from deploy.cli.bench_recorder import recorder
from deploy.cli.bench_whole import whole
from deploy.cli.console import notes, results
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for
from deploy.cli.recovery import recovery
from deploy.simulation.scoring import RULES, Score, score, true_people
from deploy.simulation.year import simulate
from projections.identity.weighing import resolve

bench = typer.Typer(no_args_is_help=True, help="Measure on made-up data.", pretty_exceptions_enable=False)

People = Annotated[int, typer.Option(min=100, max=1_000_000, help="How many people.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same year.")]


@bench.callback()
def _group() -> None:
    """Measure on made-up data."""


@bench.command()
def identity(people: People = 50_000, seed: Seed = 7, json_file: Json = None) -> None:
    """Count wrong and missed merges in a simulated year of a mall, by our rules and by others."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=notes(), transient=True
    ) as bar:
        task = bar.add_task("A year goes by", total=people)
        mall = simulate(people, seed, lambda steps: bar.advance(task, steps))
        sightings, owner = mall.sightings, mall.truth.owner
        truth = true_people(sightings, owner)
        scores = {}
        for name, rules in RULES.items():
            bar.update(task, description=f"Weighing: {name}", total=None)
            scores[name] = score(resolve(sightings, rules), truth, owner)
    figures = {
        "people": people,
        "seed": seed,
        "events": mall.events,
        "sightings": len(sightings),
        "identifiers": len(owner),
    }
    if json_file is not None:
        found = {**figures, "scores": {name: asdict(each) for name, each in scores.items()}}
        json_file.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    results().print(", ".join(f"{name} {count:,}" for name, count in figures.items()))
    results().print(_table(scores))


@bench.command()
def segments(  # noqa: PLR0913 -- one argument an option
    *,
    customers: Annotated[int, typer.Option(min=100, max=10_000_000, help="How many customers.")] = 1_000_000,
    events: Annotated[int, typer.Option(min=100, max=100_000_000, help="How many events they have made.")] = 10_000_000,
    definitions: Annotated[int, typer.Option(min=10, max=1_000, help="How many segments and tags.")] = 100,
    rate: Annotated[int, typer.Option(min=1, max=10_000, help="Events a second of live traffic.")] = 200,
    seconds: Annotated[int, typer.Option(min=1, max=3_600, help="How long that lasts.")] = 60,
    seed: Seed = 7,
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the data here; it must hold none yet. [default: nowhere]")
    ] = None,
    json_file: Json = None,
) -> None:
    """Time segments and tags on made-up facts: evaluating everybody, live traffic, previews.

    Starts a platform of its own, with Kafka and ClickHouse, and stops it in the end.
    """
    if events < customers:
        raise typer.BadParameter("Each customer has one event at least.", param_hint="--events")
    if customers < customers_needed(rate, seconds):
        needed = customers_needed(rate, seconds)
        raise typer.BadParameter(f"That much live traffic needs {needed:,} customers.", param_hint="--customers")
    scale = Scale(customers, events, definitions, rate, seconds, seed)
    with nullcontext(data_dir) if data_dir else tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        found = measured(settings_for(Path(directory)), lambda doors: measure(doors, scale, notes()))
    tell(found, json_file)


bench.command("all")(all_)
bench.command()(recovery)
bench.command()(whole)
bench.command()(latency)
bench.command()(hot)
bench.command()(gate)
bench.command()(reads)
bench.command()(rebuild)
bench.command()(ingest)
bench.command()(recorder)
bench.command()(idle)


def _table(scores: Mapping[str, Score]) -> Table:
    table = Table()
    table.add_column("rules")
    for name in ("wrong merges", "people in them", "biggest", "people missed", "precision", "recall"):
        table.add_column(name, justify="right")
    for name, each in scores.items():
        counts = (each.mixed, each.people_mixed, each.biggest, each.missed)
        table.add_row(name, *(f"{count:,}" for count in counts), f"{each.precision:.4f}", f"{each.recall:.4f}")
    return table
