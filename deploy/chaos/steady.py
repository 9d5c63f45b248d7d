"""Steady traffic: so many events a second of many customers, whatever becomes of those before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import orjson

from deploy.loading.client import Client
from schemas.times import format_time

_CUSTOMERS = 5_000
_REQUESTS_A_SECOND = 10


@dataclass(slots=True)
class Counts:
    """How many events were sent, and how many were acknowledged."""

    sent: int = 0
    accepted: int = 0


@asynccontextmanager
async def steady(client: Client, rate: int, seed: int) -> AsyncIterator[Counts]:
    """Send within the block; at its end all requests are answered."""
    counts, requests = Counts(), set[asyncio.Task[None]]()
    sending = asyncio.create_task(_send(client, rate, Random(seed), counts, requests))  # noqa: S311 -- guards nothing
    try:
        yield counts
    finally:
        sending.cancel()
        await asyncio.gather(sending, *requests, return_exceptions=True)


async def _send(client: Client, rate: int, chance: Random, counts: Counts, requests: set[asyncio.Task[None]]) -> None:
    began, number = time.monotonic(), 0
    run = int(time.time())
    while True:
        until = int((time.monotonic() - began + 1 / _REQUESTS_A_SECOND) * rate)
        body = b"\n".join(_event(f"{run}-{each}", chance) for each in range(number, until))
        if body:
            request = asyncio.create_task(_deliver(client, body, until - number, counts))
            requests.add(request)
            request.add_done_callback(requests.discard)
        counts.sent, number = until, until
        await asyncio.sleep(1 / _REQUESTS_A_SECOND)


async def _deliver(client: Client, body: bytes, events: int, counts: Counts) -> None:
    answer = await client.ask("POST", "/v1/events", ndjson=body)
    if answer.status == 202:
        counts.accepted += events


def _event(name: str, chance: Random) -> bytes:
    said: dict[str, object] = {
        "event_id": name,
        "occurred_at": format_time(datetime.now(UTC)),
        "ids": {"member_id": f"s{chance.randrange(_CUSTOMERS)}"},
    }
    if chance.random() < 0.8:
        return orjson.dumps({**said, "type": "product.viewed", "data": {"sku": f"P-{chance.randrange(50)}"}})
    total = str(chance.randrange(10, 900))
    lines = [{"sku": "P-1", "category": "perfume", "quantity": 1, "amount": total}]
    return orjson.dumps({**said, "type": "order.completed", "data": {"order_id": name, "total": total, "lines": lines}})
