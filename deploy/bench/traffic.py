"""Live traffic, sent by a process of its own: so many events a second, each a request at its own moment.

Four of five are `custom.bench`, each of another customer, who thereby enters a segment; the others are page views and
orders of anybody. A request starts when it is due, whether or not those before it were answered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from deploy.bench.scale import Scale, address_of
from deploy.bench.spawning import Spawned, spawned
from deploy.loading.client import Client
from schemas.times import format_time

EVENT = "custom.bench"
SEGMENT = "bench_live"
_OTHERS = 5
"""Every so manieth is another event."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, and where."""

    url: str
    key: str
    scale: Scale
    run: str
    """Makes the ids of events this run's own."""


@dataclass(frozen=True, slots=True)
class Entering:
    """A `custom.bench` event: its id, and the moment just before its request, in Unix seconds, at which it occurred."""

    event_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: each customer's `custom.bench` event, by the customer's address."""

    entering: dict[str, Entering]
    refused: int
    """Of all events, how many were not accepted."""
    seconds: float

    @property
    def per_second(self) -> float:
        """`custom.bench` events a second."""
        return len(self.entering) / self.seconds


def segment(scale: Scale) -> dict[str, Any]:
    """The segment that live traffic fills; time alone empties it."""
    return {"where": {"event": EVENT, "window": {"last": f"{scale.window_seconds}s"}}}


def customers_needed(rate: int, seconds: int) -> int:
    """How many must be there for each `custom.bench` event to be of another one."""
    total = rate * seconds
    return total - total // _OTHERS


def sending(what: Sending) -> AbstractContextManager[Spawned]:
    """Send while the caller goes on; what it says in the end is a `Sent`. The process never outlives the block."""
    return spawned("sender of live traffic", _run, what)


def _run(line: Connection, what: Sending) -> None:
    line.send(asyncio.run(_send_all(what)))


async def _send_all(what: Sending) -> Sent:
    scale, entering, answers = what.scale, dict[str, Entering](), list[asyncio.Task[bool]]()
    events = _events(what)
    async with Client(what.url, what.key) as client:
        await client.ask("GET", "/livez")  # connected before the first counts
        began = time.monotonic()
        for number, event in enumerate(events):
            await asyncio.sleep(began + number / scale.rate - time.monotonic())
            answers.append(asyncio.create_task(_send(client, event, entering)))
        seconds = time.monotonic() - began
        accepted = await asyncio.gather(*answers)
    return Sent(entering, accepted.count(False), seconds)


async def _send(client: Client, event: dict[str, Any], entering: dict[str, Entering]) -> bool:
    moment = time.time()
    event["occurred_at"] = format_time(datetime.fromtimestamp(moment, UTC))
    accepted = (await client.ask("POST", "/v1/events", json=event)).status == 202
    if accepted and event["type"] == EVENT:
        [(kind, value)] = event["ids"].items()
        entering[f"{kind}:{value}"] = Entering(event["event_id"], moment)
    return accepted


def _events(what: Sending) -> Iterator[dict[str, Any]]:
    scale = what.scale
    chance = Random(scale.seed)  # noqa: S311 -- made-up data, guards nothing
    total = scale.rate * scale.seconds
    entering = iter(chance.sample(range(scale.customers), customers_needed(scale.rate, scale.seconds)))
    for number in range(total):
        name = f"{what.run}-{number}"
        if number % _OTHERS < _OTHERS - 1:
            yield _event(name, EVENT, next(entering), {"number": number})
        else:
            yield _other(name, chance.randrange(scale.customers), chance)


def _other(name: str, customer: int, chance: Random) -> dict[str, Any]:
    if chance.random() < 0.7:
        return _event(name, "page.viewed", customer, {"url": "/perfume/1"})
    amount = str(chance.randrange(10, 900))
    line = {"sku": "P-1", "category": "perfume", "quantity": 1, "amount": amount}
    return _event(name, "order.completed", customer, {"order_id": name, "total": amount, "lines": [line]})


def _event(name: str, kind: str, customer: int, data: dict[str, Any]) -> dict[str, Any]:
    kind_of, _, value = address_of(customer).partition(":")
    return {"event_id": name, "type": kind, "ids": {kind_of: value}, "channel": "app", "data": data}
