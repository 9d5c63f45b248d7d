"""Whether a customer with very many events slows others down: how long theirs take, with and without it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from rich.console import Console

from deploy.bench.chain import Chain
from deploy.bench.facts import SOURCE
from deploy.bench.latency import Load, under
from deploy.bench.preparing import Found, reported
from deploy.bench.probing import Delays, follow, probe_event, segment, unprobed
from deploy.bench.report import Figure, Report, percentile, percentiles
from deploy.bench.scale import Doors, Scale, address_of
from deploy.loading.client import Client
from projections.database import Database

MOST = 1.1
"""How many times as long others may take: what measurements of the same differ by."""
TOUCH = "custom.touch"
_PATIENCE = 600.0

# What others have done, as if this customer had: all of it under ids, orders and places in the log of its own.
_HEAT = """
INSERT INTO events (key, subject, ids, thing, source, event_id, type, occurred_at, utc_offset, received_at,
                    schema_version, content_hash, hash_version, channel, store, currency, amount, data, context,
                    topic, log_partition, log_offset, log_index)
SELECT if(about = '', {hot:String}, about), {hot:String}, [{hot:String}],
       if(thing = '', '', concat(splitByChar(':', thing)[1], ':', {source:String}, '/hot-', event_id)) AS about,
       source, concat('hot-', event_id), type, occurred_at, utc_offset, received_at,
       schema_version, content_hash, hash_version, channel, store, currency, amount, data, context,
       topic, log_partition, log_offset, 1
FROM events WHERE type != 'customer.identified' LIMIT {count:UInt64}
"""


@dataclass(frozen=True, slots=True)
class Hot:
    """How much there is, and what is sent; the same seed gives the same."""

    customers: int
    facts: int
    hot: int
    """Events of the one customer."""
    definitions: int
    rate: int
    """Events a second of others."""
    seconds: int
    """How long probes go on, with and without it."""
    seed: int
    turns: int = 2
    """How often with and without take turns, so that what changes with time befalls both."""

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        said = ("customers", "facts", "hot", "definitions", "rate", "seconds", "seed")
        return {name: getattr(self, name) for name in said}

    @property
    def scale(self) -> Scale:
        """As far as facts and definitions go."""
        return Scale(self.customers, self.facts, self.definitions, self.rate, self.seconds, self.seed)

    @property
    def address(self) -> str:
        """The one customer's: traffic is of those before it."""
        return address_of(self.customers)


async def measure(doors: Doors, hot: Hot, console: Console) -> Report:
    """Probes of others by turns without and with it being touched once a second. Raises CannotStart, CannotReach."""

    async def work(chain: Chain, found: Found) -> None:
        await measure_on(chain, hot, found, unprobed(hot.scale))

    return await reported(doors, hot, console, work, [segment()])


async def measure_on(chain: Chain, hot: Hot, found: Found, customers: Iterator[int]) -> None:
    """The same on a platform that is prepared; these customers are probed."""
    doors, alone, beside = chain.doors, Delays(), Delays()
    async with Client(doors.ingest, doors.write_key) as ingest, Client(doors.api, doors.api_key) as api:
        touching = _Touching(ingest, api, hot.address, [])
        await _heat(chain, hot, touching)
        seconds = hot.seconds / hot.turns
        for _ in range(hot.turns):
            alone += await under(chain, Load("without it", "sessions", hot.rate), seconds, customers)
            async with touching.every_second():
                beside += await under(chain, Load("with it", "sessions", hot.rate), seconds, customers)
    found.figures += _figures(alone, beside, touching.own)
    found.counted |= {
        "probes without it": alone.sent,
        "probes with it": beside.sent,
        "probes that were not seen": alone.unseen + beside.unseen,
        "times it was touched and read": len(touching.own),
    }


@dataclass(frozen=True, slots=True)
class _Touching:
    """Events of the one customer."""

    ingest: Client
    api: Client
    address: str
    own: list[float]
    """Seconds from each event to the profile."""

    async def once(self) -> float | None:
        """One event, followed to the profile."""
        event = probe_event(self.address, f"touch-{time.time_ns()}", TOUCH)
        return (await follow(self.ingest, self.api, self.address, event)).seconds

    @asynccontextmanager
    async def every_second(self) -> AsyncIterator[None]:
        """One a second within the block, whether or not the one before is through."""
        going = asyncio.create_task(self._go_on())
        try:
            yield
        finally:
            going.cancel()
            with suppress(asyncio.CancelledError):
                await going

    async def _go_on(self) -> None:
        async with asyncio.TaskGroup() as touches:
            while True:
                touches.create_task(self._note())
                await asyncio.sleep(1.0)

    async def _note(self) -> None:
        if (seconds := await self.once()) is not None:
            self.own.append(seconds)


async def _heat(chain: Chain, hot: Hot, touching: _Touching) -> None:
    """Make its events, and have it folded and evaluated a first time."""
    with chain.phases.phase(f"{hot.hot:,} events of one customer"):
        await asyncio.to_thread(_make, chain.database, hot)
        await touching.once()
        await asyncio.to_thread(chain.await_current, _PATIENCE)


def _make(database: Database, hot: Hot) -> None:
    database.execute(_HEAT, {"hot": hot.address, "count": hot.hot, "source": SOURCE})


def _figures(alone: Delays, beside: Delays, own: list[float]) -> list[Figure]:
    shares = {0.5: None, 0.95: None}
    ratio = percentile(beside.membership, 0.95) / percentile(alone.membership, 0.95)
    found = [
        Figure("event → membership p95 of others, with ÷ without", ratio, MOST, None, "times"),
        *percentiles("event → membership of others, without", alone.membership, shares),
        *percentiles("event → membership of others, with", beside.membership, shares),
        *percentiles("event → profile of others, without", alone.profile, shares),
        *percentiles("event → profile of others, with", beside.profile, shares),
    ]
    return [*found, *(percentiles("event → profile of the customer itself", own, shares) if own else [])]
