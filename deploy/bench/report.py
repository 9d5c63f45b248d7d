"""What was measured, as tables for people and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil

import orjson
from rich.console import Console
from rich.table import Table

from deploy.bench.machine import Machine
from deploy.bench.phases import Phase
from deploy.bench.scale import Scale


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in seconds; what it was to stay below, and what a bare statement took in the same run."""

    name: str
    seconds: float
    target: float | None = None
    floor: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the bare statement."""
        return self.seconds / self.floor if self.floor else None


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement."""

    machine: Machine
    scale: Scale
    figures: Sequence[Figure]
    counted: Mapping[str, float]
    """What is no time: how many there were, how many a second."""
    phases: Sequence[Phase]
    cpu: Mapping[str, float]
    """Seconds of each process, over the whole measurement."""
    resident: Mapping[str, int]
    """Bytes of each process, in the end."""

    def as_json(self) -> bytes:
        """Everything, indented."""
        figures = [{**asdict(each), "ratio": each.ratio} for each in self.figures]
        return orjson.dumps({**asdict(self), "figures": figures}, option=orjson.OPT_INDENT_2)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them does not exceed; of nothing it is not a number."""
    if not values:
        return float("nan")
    return sorted(values)[max(0, ceil(len(values) * share) - 1)]


def percentiles(name: str, values: Sequence[float], shares: Mapping[float, float | None]) -> list[Figure]:
    """A figure for each share, with its target."""
    return [Figure(f"{name} p{share * 100:g}", percentile(values, share), target) for share, target in shares.items()]


def show(report: Report, console: Console) -> None:
    """On a terminal."""
    machine, gib = report.machine, 2**30
    console.print(
        f"{machine.cores} cores, {machine.memory / gib:.0f} GiB, load before {machine.load_before:.1f}; "
        f"{report.scale.customers:,} customers, {report.scale.events:,} events, "
        f"{report.scale.definitions:,} definitions, seed {report.scale.seed}"
    )
    console.print(_figures(report.figures))
    console.print(", ".join(f"{name} {_plain(value)}" for name, value in report.counted.items()))
    console.print(_processes(report))


def _figures(figures: Sequence[Figure]) -> Table:
    table = Table()
    table.add_column("figure")
    for name in ("seconds", "target", "bare", "× bare"):
        table.add_column(name, justify="right")
    for each in figures:
        missed = each.target is not None and not each.seconds <= each.target
        said = f"[red]{_seconds(each.seconds)}[/]" if missed else _seconds(each.seconds)
        rest = (_seconds(each.target), _seconds(each.floor), "" if each.ratio is None else f"{each.ratio:.1f}")
        table.add_row(each.name, said, *rest)
    return table


def _processes(report: Report) -> Table:
    table = Table(title="CPU seconds by phase")
    table.add_column("phase")
    names = list(report.cpu)
    for name in ("seconds", *names):
        table.add_column(name, justify="right")
    for phase in report.phases:
        table.add_row(phase.name, f"{phase.seconds:.1f}", *(f"{phase.cpu.get(name, 0):.1f}" for name in names))
    table.add_row("all", "", *(f"{report.cpu[name]:.1f}" for name in names), style="bold")
    table.add_row("MiB in the end", "", *(f"{report.resident.get(name, 0) / 2**20:,.0f}" for name in names))
    return table


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"
