"""`cdp bench all`: every measurement, one after the other, in one table."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import orjson
import typer

from deploy.bench.together import Json as Found
from deploy.bench.together import Measurement, run, show
from deploy.cli.console import notes, results
from deploy.cli.measuring import Json

_FEW = ("--customers", "500", "--facts", "5000")
_FACTS = ("--facts", "2000", "--definitions", "1")
MEASUREMENTS = (
    Measurement("ingest", ("--seconds", "0.2", "--rounds", "1")),
    Measurement("recorder", ("--facts", "5000", "--events", "1000")),
    Measurement("whole", (*_FACTS, "--mix", "sessions", "--seconds", "1"), ("--sweep",)),
    Measurement("latency", (*_FACTS, "--mix", "sessions", "--rate", "50", "--seconds", "1"), ("--facts", "10000000")),
    Measurement("hot", (*_FACTS, "--events", "500", "--rate", "50", "--seconds", "2")),
    Measurement("reads", (*_FEW, "--rate", "20", "--writes", "200", "--seconds", "2")),
    Measurement("rebuild", (*_FEW, "--from-log", "1000")),
    Measurement(
        "segments",
        ("--customers", "500", "--events", "5000", "--definitions", "10", "--rate", "20", "--seconds", "5"),
    ),
    Measurement("idle", ("--seconds", "1", "--after", "0")),
)
"""All that write a report; a new one is a line here."""


def all_(
    *,
    small: Annotated[
        bool, typer.Option("--small", help="A few customers: whether everything works, not how fast.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Run every measurement, each on a platform of its own, and print one table. Takes hours; with --small minutes."""
    found: dict[str, Found] = {}
    failed = []
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        for each in MEASUREMENTS:
            notes().print(f"[bold]cdp bench {each.command}[/]")
            report = run(each, Path(directory), small=small)
            if report is None:
                failed.append(each.command)
            else:
                found[each.command] = report
    if json_file is not None:
        json_file.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    show(found, results())
    if failed:
        notes().print(f"[bold red]cdp:[/] These ended with an error, told above: {', '.join(failed)}.")
        raise typer.Exit(1)
