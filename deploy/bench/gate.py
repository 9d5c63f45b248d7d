"""The gate: a short measurement of the hot paths in CPU seconds, held against the shares that were committed.

It needs Kafka, ClickHouse, ingest and the API, and no processors: what they do is done here, one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from deploy.bench.bare import bare
from deploy.bench.costs import LEAST_SECONDS, Pair
from deploy.bench.filling import fill
from deploy.bench.firing import generator
from deploy.bench.hot_paths import PATHS, Bench
from deploy.bench.machine import cpu_seconds, machine, resident_bytes
from deploy.bench.phases import Phases
from deploy.bench.rebuild import attached_to
from deploy.bench.report import Figure, Report
from deploy.bench.scale import Doors, Scale
from deploy.bench.shares import held
from deploy.rebuilding.steps import producer
from projections.database import Database

HELD = ("processors",)
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Gating:
    """How much there is, and how long a sample takes at least, in CPU seconds."""

    customers: int = 4_000
    facts: int = 80_000
    definitions: int = 100
    seed: int = 7
    least: float = LEAST_SECONDS

    @property
    def scale(self) -> Scale:
        """As far as facts and definitions go."""
        return Scale(self.customers, self.facts, self.definitions, 0, 0, self.seed)


async def measure(doors: Doors, gating: Gating, known: Mapping[str, float], console: Console) -> Report:
    """Every path in turn; one that misses what was committed is measured again before that is believed."""
    return await asyncio.to_thread(_measure, doors, gating, known, Phases(console, doors.pids))


def _measure(doors: Doors, gating: Gating, known: Mapping[str, float], phases: Phases) -> Report:
    found, now = machine(), datetime.now(UTC)
    with (
        closing(Database(doors.clickhouse, brief=True)) as database,
        producer(attached_to(doors)) as log,
        generator() as sender,
        bare() as endpoint,
    ):
        fill(database, doors, gating.scale, phases, now)
        run = f"gate-{int(now.timestamp())}"
        bench = Bench(doors, gating.scale, database, log, sender, endpoint, now, run)
        figures = [of_pair(make(bench), gating.least, known, phases) for make in PATHS]
    cpu, resident = cpu_seconds(doors.pids), resident_bytes(doors.pids)
    return Report(found, gating.scale.said(), figures, {}, phases.done, cpu, resident)


def of_pair(pair: Pair, least: float, known: Mapping[str, float], phases: Phases) -> Figure:
    """Both sides in turn, three times; and three times more when that is not enough.

    The best round is held against what was committed; what is to be committed is the one in the middle.
    """
    share = known.get(pair.name)
    figure = _sampled(pair, least, share, phases, pair.name)
    return _sampled(pair, least, share, phases, f"{pair.name}, again") if figure.misses else figure


def _sampled(pair: Pair, least: float, share: float | None, phases: Phases, name: str) -> Figure:
    with phases.phase(name, _ROUNDS) as advance:
        for _ in range(_ROUNDS):
            pair.sample(least)
            advance(1)
    shown = pair.middle if share is None else pair.best
    return held(pair.name, shown.cost, shown.limit, share)
