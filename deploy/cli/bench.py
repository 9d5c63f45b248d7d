"""`cdp bench`: measurements on made-up data, the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.cli.console import notes, results
from deploy.simulation.scoring import RULES, Score, score, true_people
from deploy.simulation.year import simulate
from projections.identity.weighing import resolve

bench = typer.Typer(no_args_is_help=True, help="Measure on made-up data.", pretty_exceptions_enable=False)

People = Annotated[int, typer.Option(min=100, max=1_000_000, help="How many people.")]
Seed = Annotated[int, typer.Option(help="The same seed gives the same year.")]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Also write it here.")]


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


def _table(scores: Mapping[str, Score]) -> Table:
    table = Table()
    table.add_column("rules")
    for name in ("wrong merges", "people in them", "biggest", "people missed", "precision", "recall"):
        table.add_column(name, justify="right")
    for name, each in scores.items():
        counts = (each.mixed, each.people_mixed, each.biggest, each.missed)
        table.add_row(name, *(f"{count:,}" for count in counts), f"{each.precision:.4f}", f"{each.recall:.4f}")
    return table
