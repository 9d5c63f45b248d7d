"""How figures of the whole chain grow: many measurements of it beside each other, as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from deploy.bench.report import Figure, Report
from deploy.bench.whole import Whole

Point = tuple[Whole, Report]
MOST = 2.0
"""What an event may cost among the most facts, held against what it costs among the fewest."""
_SHOWN = ("catch-up", "sustained", "CPU of all processes")
_COST = "CPU of all processes, 1 M events, {}"


def growth(points: Sequence[Point]) -> Report:
    """The figures that matter of each, in their order, and how many times as much an event costs among more facts."""
    shown = [
        replace(figure, name=f"{figure.name}: {_place(whole)}")
        for whole, report in points
        for figure in report.figures
        if figure.name.startswith(_SHOWN)
    ]
    first, last = points[0][1], points[-1][1]
    swept = ("facts", "definitions", "workers")
    values = {name: _values([report.scale[name] for _, report in points]) for name in swept}
    return Report(first.machine, {**last.scale, **values}, [*shown, *_ratios(points)], {}, (), {}, {})


def _ratios(points: Sequence[Point]) -> list[Figure]:
    """For each mix, with the same definitions and workers."""
    found = []
    for (definitions, workers), among in _alike(points).items():
        (fewest, least), (most, largest) = among[0], among[-1]
        if fewest.facts == most.facts:
            continue
        for mix in fewest.mixes:
            name = _COST.format(mix)
            ratio = _value(largest, name) / _value(least, name)
            said = f"{most.facts:,} against {fewest.facts:,} facts, {definitions} definitions, {workers} workers"
            found.append(Figure(f"cost of an event, {mix}: {said}", ratio, MOST, None, "times"))
    return found


def _alike(points: Sequence[Point]) -> Mapping[tuple[int, int], list[Point]]:
    """Those that differ by facts alone, from the fewest to the most."""
    found: dict[tuple[int, int], list[Point]] = {}
    for point in sorted(points, key=lambda each: each[0].facts):
        found.setdefault((point[0].definitions, point[0].workers), []).append(point)
    return found


def _value(report: Report, name: str) -> float:
    return next(figure.value for figure in report.figures if figure.name == name)


def _place(whole: Whole) -> str:
    return f"{whole.facts:,} facts, {whole.definitions} definitions, {whole.workers} workers"


def _values(found: Sequence[object]) -> str:
    return " | ".join(f"{each:,}" for each in dict.fromkeys(found))
