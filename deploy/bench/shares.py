"""The committed shares: how much of what is possible each hot path reached when that was last written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from deploy.bench.report import Figure

FILE = Path(__file__).with_name("shares.json")
LEAST = 0.7
"""Of its committed share a path must reach so much: the rest is what other machines and their noise may take."""


def committed(file: Path = FILE) -> dict[str, float]:
    """By name; nothing before any was committed."""
    found: dict[str, float] = orjson.loads(file.read_bytes()) if file.exists() else {}
    return found


def commit(figures: Mapping[str, float], file: Path = FILE) -> None:
    """Write them down, rounded: a change of the file shows what changed by more than noise."""
    rounded = {name: float(f"{share:.2g}") for name, share in sorted(figures.items())}
    file.write_bytes(orjson.dumps(rounded, option=orjson.OPT_INDENT_2) + b"\n")


def held(name: str, cost: float, limit: float, share: float | None) -> Figure:
    """A cost as a figure: its target is what it may be for the committed share not to be missed by too much."""
    return Figure(name, cost, None if share is None else limit / (LEAST * share), limit, "µs of CPU")


def complaint(figure: Figure, share: float | None) -> str:
    """One sentence about a figure that misses its target, or has none; '' about any other."""
    if share is None:
        return f"{figure.name}: no share was committed."
    if not figure.misses:
        return ""
    measured, limit = figure.share or 0.0, figure.limit or 0.0
    return (
        f"{figure.name}: {measured:.2%} of what is possible, {1 - measured / share:.0%} less than the committed "
        f"{share:.2%}; {figure.value:,.1f} µs of CPU, where {limit:,.2f} µs are the least."
    )
