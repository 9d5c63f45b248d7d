"""The whole chain measured: events a second from 202 until profiles and memberships are current, and what they cost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy.bench.chain import Chain
from deploy.bench.evaluation import counts
from deploy.bench.footprint import log_bytes, stored
from deploy.bench.keeping_up import Passed, catch_up, keep_up
from deploy.bench.ledger import read_rows, rounds
from deploy.bench.mixes import Mix
from deploy.bench.preparing import Found, reported
from deploy.bench.report import Figure, Report, percentile
from deploy.bench.scale import Doors, Scale
from deploy.bench.trend import delays

LOAD = 0.9
"""Share of what a backlog was done at that must be sustained."""
CATCH_UP: Mapping[Mix, float | None] = {"sessions": 40_000, "scattered": None}
SUSTAINED: Mapping[Mix, float] = {"sessions": 20_000, "scattered": 5_000}
MANY_DEFINITIONS = 100
"""From so many on half of it will do."""
_MOST_GROWTH = 0.02
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Whole:
    """How much there is, and how much of what is sent; the same seed gives the same."""

    customers: int
    facts: int
    definitions: int
    workers: int
    mixes: Sequence[Mix]
    seconds: int
    """How long traffic lasts; a backlog takes about as long."""
    seed: int

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"mixes": " + ".join(self.mixes)}

    @property
    def scale(self) -> Scale:
        """As far as facts and definitions go."""
        return Scale(self.customers, self.facts, self.definitions, 0, self.seconds, self.seed)


async def measure(doors: Doors, whole: Whole, console: Console, log_directory: Path | None = None) -> Report:
    """Both ways of sending, for each mix. The log directory is the broker's, where it is on this machine.

    Raises CannotStart where there are facts already, CannotReach when events do not come through.
    """

    async def work(chain: Chain, found: Found) -> None:
        await asyncio.to_thread(measure_on, chain, whole, found, log_directory)

    return await reported(doors, whole, console, work)


def measure_on(chain: Chain, whole: Whole, found: Found, log_directory: Path | None = None) -> None:
    """The same on a platform that is prepared."""
    before = counts(chain.database).facts
    for mix in whole.mixes:
        _mix(chain, whole, found, mix)
    _leave_behind(chain, found, before, log_directory)


def _mix(chain: Chain, whole: Whole, found: Found, mix: Mix) -> None:
    """A backlog, then traffic at most of the rate at which it was done."""
    caught = catch_up(chain, mix, whole.seconds)
    rate = LOAD * caught.per_second
    kept = keep_up(chain, mix, rate, whole.seconds)
    target = SUSTAINED[mix] / (2 if whole.definitions >= MANY_DEFINITIONS else 1)
    limit = found.machine.json_lines
    found.figures += [
        Figure(f"catch-up, {mix}", caught.per_second, CATCH_UP[mix], limit, "events/s", more=True),
        Figure(f"sustained, {mix}", kept.sustained(rate), target, limit, "events/s", more=True),
        Figure(f"delay grows at {LOAD:.0%}, {mix}", kept.growth, _MOST_GROWTH, None, "s a second"),
        *_delays(mix, kept),
        *_costs(mix, caught),
    ]
    found.counted |= _counted(chain, mix, caught) | {f"events refused, {mix}": caught.refused + kept.refused}


def _delays(mix: Mix, kept: Passed) -> list[Figure]:
    """How long events took under that load; each of those recorded together as long as the first."""
    found = [delay for _, delay in delays(kept.chunks)]
    return [
        Figure(f"log → current at {LOAD:.0%} p{share * 100:g}, {mix}", percentile(found, share))
        for share in (0.5, 0.95)
    ]


def _costs(mix: Mix, caught: Passed) -> list[Figure]:
    """CPU seconds a million events, while the backlog came and was done."""
    spent = {**caught.phase.cpu, "all processes": sum(caught.phase.cpu.values())}
    name = "CPU of {}, 1 M events, {}"
    return [Figure(name.format(each, mix), cpu * _MILLION / caught.events) for each, cpu in spent.items()]


def _counted(chain: Chain, mix: Mix, caught: Passed) -> dict[str, float]:
    done = rounds(read_rows(chain.database), caught.began)
    said = {
        f"events of the backlog, {mix}": caught.events,
        f"events/s at ingest meanwhile, {mix}": caught.events / (caught.posted - caught.began),
        f"persons a round, {mix}": done.persons / max(1, done.rounds),
        f"CPU of the load generator, 1 M events, {mix}": caught.generator * _MILLION / caught.events,
    }
    return said if caught.drained is None else {**said, f"events/s after the last 202, {mix}": caught.drained}


def _leave_behind(chain: Chain, found: Found, before: int, log_directory: Path | None) -> None:
    kept = stored(chain.database)
    found.counted |= {
        "facts in the end": kept.rows,
        "ClickHouse bytes a fact": kept.facts / kept.rows,
        "ClickHouse bytes a fact, all tables": kept.tables / kept.rows,
    }
    if log_directory is not None:
        posted = counts(chain.database).facts - before
        found.counted["Kafka bytes an event"] = log_bytes(log_directory, chain.topics["events"]) / posted
