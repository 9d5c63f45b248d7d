"""How long until an event is in its customer's profile and memberships, under little load and much."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.console import Console

from deploy.bench.chain import Chain
from deploy.bench.floors import one_customer_seconds
from deploy.bench.keeping_up import catch_up
from deploy.bench.mixes import Mix
from deploy.bench.preparing import Found, reported
from deploy.bench.probing import Delays, probe, segment, unprobed
from deploy.bench.report import Figure, Report, percentiles
from deploy.bench.scale import Doors, Scale
from deploy.bench.whole import LOAD

SHARES = (0.1, 0.5, 0.9)
"""Of the sustained rate."""
TARGETS: Mapping[int, float] = {5_000: 1.0, 15_000: 2.5}
"""Sessions, events a second: the seconds that 95 of 100 memberships may take."""
SETTLING = 3.0
"""Seconds of traffic before the first probe, or as many as probes go on if that is less."""
LATE = 60.0
"""Seconds for which the last are waited for."""


@dataclass(frozen=True, slots=True)
class Latency:
    """How much there is, and what is sent; the same seed gives the same."""

    customers: int
    facts: int
    definitions: int
    workers: int
    mixes: Sequence[Mix]
    rate: int
    """Events a second that are sustained; 0: it is found out first."""
    seconds: int
    """How long probes go on under each load."""
    seed: int
    shares: Sequence[float] = SHARES

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        said = ("customers", "facts", "definitions", "workers", "rate", "seconds", "seed")
        return {name: getattr(self, name) for name in said} | {"mixes": " + ".join(self.mixes)}

    @property
    def scale(self) -> Scale:
        """As far as facts and definitions go."""
        return Scale(self.customers, self.facts, self.definitions, self.rate, self.seconds, self.seed)


@dataclass(frozen=True, slots=True)
class Load:
    """Traffic to probe under: its name, how much, and what p95 of memberships may be."""

    name: str
    mix: Mix
    rate: float
    target: float | None = None


async def measure(doors: Doors, latency: Latency, console: Console) -> Report:
    """For each mix, under each load. Raises CannotStart where there are facts already, CannotReach."""

    async def work(chain: Chain, found: Found) -> None:
        await measure_on(chain, latency, found, unprobed(latency.scale))

    return await reported(doors, latency, console, work, [segment()])


async def measure_on(chain: Chain, latency: Latency, found: Found, customers: Iterator[int]) -> None:
    """The same on a platform that is prepared; these customers are probed."""
    floor = await asyncio.to_thread(one_customer_seconds, chain.doors)
    for mix in latency.mixes:
        rate: float = latency.rate
        if not rate:
            rate = LOAD * (await asyncio.to_thread(catch_up, chain, mix, latency.seconds)).per_second
        found.counted[f"events/s sustained, {mix}"] = rate
        for load in _loads(mix, rate, latency.shares):
            seen = await under(chain, load, latency.seconds, customers)
            found.figures += told(load.name, seen, floor, load.target)
            found.counted |= {f"probes, {load.name}": seen.sent, f"probes that were not seen, {load.name}": seen.unseen}


def _loads(mix: Mix, rate: float, shares: Sequence[float]) -> list[Load]:
    """Shares of what is sustained; and what there is a target for, unless it is more than that."""
    found = [Load(f"{mix} at {share:.0%}", mix, share * rate) for share in shares]
    if mix != "sessions":
        return found
    fixed = [Load(f"{mix} at {events:,}/s", mix, events, target) for events, target in TARGETS.items()]
    return [*found, *(each for each in fixed if each.rate <= rate)]


async def under(chain: Chain, load: Load, seconds: float, customers: Iterator[int]) -> Delays:
    """Probes under traffic at a rate, once it has settled; returns when all of it is current."""
    settling = min(SETTLING, seconds)
    with (
        chain.traffic(load.mix, round(load.rate * (settling + seconds)), load.rate) as traffic,
        chain.phases.phase(f"probes, {load.name}: {load.rate:,.0f} a second"),
    ):
        traffic.begin()
        await asyncio.sleep(settling)
        found = await probe(chain.doors, chain.database, customers, seconds, LATE)
        await asyncio.to_thread(traffic.fired)
        await asyncio.to_thread(chain.await_current, LATE + 10 * seconds)
    return found


def told(name: str, found: Delays, floor: float, target: float | None = None) -> list[Figure]:
    """Figures of both; no event is through sooner than one customer is evaluated."""
    shares = {0.5: None, 0.95: target, 0.99: None}
    figures = [
        *percentiles(f"event → profile, {name}", found.profile, dict.fromkeys(shares)),
        *percentiles(f"event → membership, {name}", found.membership, shares),
    ]
    return [replace(each, limit=floor) for each in figures]
