"""Sends batches with a few requests in flight. Safe to repeat: the same event_id is the same event for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from deploy.loading.batches import Batch
from deploy.loading.client import Client, Receipt, send
from schemas.positions import encode, merge

IN_FLIGHT = 4
KEPT_ERRORS = 10

OnDone = Callable[[Batch, Receipt], None]


@dataclass
class Report:
    """Sums over all requests, the first errors as (place, why), and the position behind everything sent."""

    accepted: int = 0
    rejected: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    position: str = field(default_factory=lambda: encode({}))

    def add(self, receipt: Receipt) -> None:
        """Count one request."""
        self.accepted += receipt.accepted
        self.rejected += receipt.rejected
        self.errors += receipt.errors[: KEPT_ERRORS - len(self.errors)]
        if receipt.position:
            self.position = encode(merge([self.position, receipt.position]))


async def load(ingest: Client, batches: Iterable[Batch], on_done: OnDone) -> Report:
    """Send everything; `on_done` is told of each request that was answered. Raises CannotReach."""
    report, waiting = Report(), iter(batches)

    async def lane() -> None:
        for batch in waiting:  # one iterator for all lanes: who is free takes the next
            receipt = await send(ingest, batch)
            report.add(receipt)
            on_done(batch, receipt)

    lanes = [asyncio.create_task(lane()) for _ in range(IN_FLIGHT)]
    try:
        await asyncio.gather(*lanes)
    finally:
        for each in lanes:
            each.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
    return report
