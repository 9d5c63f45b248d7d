"""Several measurements as one: each a command of its own, on its own platform; what they found in one table."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from deploy.bench.report import Figure, cells

Json = dict[str, Any]
_FIGURE = [each.name for each in fields(Figure)]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A command of `cdp bench` that writes a report; `small`: its options for seeing that it works, `full` for more."""

    command: str
    small: Sequence[str]
    full: Sequence[str] = ()


def run(one: Measurement, directory: Path, *, small: bool) -> Json | None:
    """What it found, as its JSON; None when it failed. Its progress goes where ours goes, its table nowhere."""
    file = directory / f"{one.command}.json"
    argv = [
        sys.executable,
        "-m",
        "deploy.cli",
        "bench",
        one.command,
        "--json",
        str(file),
        *(one.small if small else ()),
    ]
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 -- our own command
    if done.returncode or not file.exists():
        return None
    found: Json = orjson.loads(file.read_bytes())
    return found


def figures_of(report: Mapping[str, Any]) -> list[Figure]:
    """The figures of a report that was read from JSON."""
    return [Figure(**{name: each[name] for name in _FIGURE}) for each in report["figures"]]


def show(reports: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    """One table of all figures."""
    table = Table()
    for name in ("measurement", "figure"):
        table.add_column(name)
    for name in ("measured", "target", "limit", "of the limit"):
        table.add_column(name, justify="right")
    for command, report in reports.items():
        for number, figure in enumerate(figures_of(report)):
            table.add_row("" if number else command, figure.name, *cells(figure))
        table.add_section()
    console.print(table)
