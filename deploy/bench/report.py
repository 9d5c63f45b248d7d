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


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: a time, of which less is better, or with `more` a rate, of which more is.

    `limit` is what bare means reach in the same run on the same machine: what no platform can be better than.
    """

    name: str
    value: float
    target: float | None = None
    limit: float | None = None
    unit: str = "s"
    more: bool = False

    @property
    def share(self) -> float | None:
        """How much of what is possible it reaches: 1 is the limit. This holds on any machine."""
        if not self.limit or not self.value:
            return None
        return self.value / self.limit if self.more else self.limit / self.value

    @property
    def misses(self) -> bool:
        """Whether it has a target, and does not reach it."""
        if self.target is None:
            return False
        return not (self.value >= self.target if self.more else self.value <= self.target)


@dataclass(frozen=True, slots=True)
class Report:
    """One measurement."""

    machine: Machine
    scale: Mapping[str, object]
    """How much there was of everything."""
    figures: Sequence[Figure]
    counted: Mapping[str, float]
    """What is held against nothing: how many there were, how many a second."""
    phases: Sequence[Phase]
    cpu: Mapping[str, float]
    """Seconds of each process, over the whole measurement."""
    resident: Mapping[str, int]
    """Bytes of each process, in the end."""

    def as_json(self) -> bytes:
        """Everything, indented."""
        figures = [{**asdict(each), "share": each.share} for each in self.figures]
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
        f"{machine.cores} cores, {machine.memory / gib:.0f} GiB, load before {machine.load_before:.1f}, "
        f"json.loads {machine.json_lines / 1000:,.0f} k lines/s; "
        + ", ".join(f"{name} {_said(value)}" for name, value in report.scale.items())
    )
    console.print(_figures(report.figures))
    if report.counted:
        console.print(", ".join(f"{name} {_plain(value)}" for name, value in report.counted.items()))
    if report.cpu:
        console.print(_processes(report))


def _figures(figures: Sequence[Figure]) -> Table:
    table = Table()
    table.add_column("figure")
    for name in ("measured", "target", "limit", "of the limit"):
        table.add_column(name, justify="right")
    for each in figures:
        table.add_row(each.name, *cells(each))
    return table


def cells(figure: Figure) -> tuple[str, str, str, str]:
    """For a table: measured, target, limit, and how much of the limit that is."""
    measured = _valued(figure.value, figure.unit)
    said = f"[red]{measured}[/]" if figure.misses else measured
    share = "" if figure.share is None else f"{figure.share:.1%}"
    return said, _valued(figure.target, figure.unit), _valued(figure.limit, figure.unit), share


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


def _valued(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    number = f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{number} {unit}"


def _said(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2f}"
