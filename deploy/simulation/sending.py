"""Posts what happens in a simulated mall to ingest of a running platform, at a rate, each source under its own key."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import orjson

from deploy.loading.batches import Batch, Line, cut
from deploy.loading.client import Client, Receipt, send
from deploy.simulation.story import Happening

_TICK = 0.25
"""Seconds between two portions: many small ones would cost requests, few large ones would come in bursts."""


@dataclass(slots=True)
class Sent:
    """What became of it, so far."""

    accepted: int = 0
    rejected: int = 0
    seconds: float = 0.0
    until: datetime | None = None
    """When the last of it happened."""
    types: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def note(self, receipts: Iterable[Receipt], portion: Iterable[Happening]) -> None:
        """Count a portion that was sent."""
        for receipt in receipts:
            self.accepted += receipt.accepted
            self.rejected += receipt.rejected
            self.errors = [*self.errors, *(why for _, why in receipt.errors)][:5]
        for each in portion:
            self.types[each.event["type"]] += 1
            self.sources[each.source] += 1
            self.until = each.at


async def post(
    doors: Mapping[str, Client],
    happening: Iterator[Happening],
    rate: int,
    most_seconds: float | None,
    advance: Callable[[Sent], None],
) -> Sent:
    """Send until all has happened or the time is over. Raises CannotReach when the platform stays away.

    Slower than `rate` when the platform is: nothing is left out, and what it does is what is told.
    """
    sent, begun = Sent(), time.monotonic()
    async with AsyncExitStack() as stack:
        for door in doors.values():
            await stack.enter_async_context(door)
        while most_seconds is None or time.monotonic() - begun < most_seconds:
            due = int(rate * (time.monotonic() - begun + _TICK)) - sent.accepted - sent.rejected
            portion = list(islice(happening, max(1, min(due, rate))))
            if not portion:
                break
            sent.note(await _posted(doors, portion), portion)
            sent.seconds = time.monotonic() - begun
            advance(sent)
            await asyncio.sleep(max(0.0, (sent.accepted + sent.rejected) / rate - sent.seconds))
    return sent


async def _posted(doors: Mapping[str, Client], portion: Iterable[Happening]) -> list[Receipt]:
    """One portion, its sources beside each other, each in its order."""
    by_source: dict[str, list[Line]] = {}
    for each in portion:
        by_source.setdefault(each.source, []).append(Line(orjson.dumps(each.event), each.event["event_id"]))
    done = await asyncio.gather(*(_sent(doors[source], cut(lines)) for source, lines in by_source.items()))
    return [receipt for receipts in done for receipt in receipts]


async def _sent(door: Client, batches: Iterable[Batch]) -> list[Receipt]:
    return [await send(door, batch) for batch in batches]
