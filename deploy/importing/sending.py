"""Sends chunks with a few requests in flight, and settles them in order: what comes first is known first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from deploy.loading.client import Answer, Client, deliver
from ingest.files.chunks import Chunk, Group
from schemas.errors import Rejected

IN_FLIGHT = 4
_NOTHING = Answer(200, {"accepted": 0, "rejected": 0, "errors": ()})


@dataclass(frozen=True, slots=True)
class Settled:
    """A chunk with what ingest said of it."""

    chunk: Chunk
    accepted: int
    position: str | None
    errors: tuple[dict[str, Any], ...]

    def refused(self) -> Iterator[tuple[Group, Rejected]]:
        """All groups of rows that were refused, here or by ingest, in the order of the file."""
        found = [*self.chunk.refused, *((self.chunk.owners[each["index"]], _rejected(each)) for each in self.errors)]
        yield from sorted(found, key=lambda each: each[0].last)


def _rejected(error: dict[str, Any]) -> Rejected:
    return Rejected(error["code"], error["pointer"], error["message"], error["event_id"])


async def send_all(ingest: Client, chunks: Iterable[Chunk], on_settled: Callable[[Settled], None]) -> None:
    """Send everything; each chunk is settled once ingest has acknowledged it and all before it. Raises CannotReach."""
    waiting: deque[tuple[Chunk, asyncio.Task[Answer]]] = deque()

    async def settle() -> None:
        chunk, sending = waiting[0]
        on_settled(_settled(ingest, chunk, await sending))
        waiting.popleft()

    try:
        for chunk in chunks:
            waiting.append((chunk, asyncio.create_task(_send(ingest, chunk))))
            await asyncio.sleep(0)
            while len(waiting) >= IN_FLIGHT or waiting[0][1].done():
                await settle()
                if not waiting:
                    break
        while waiting:
            await settle()
    finally:
        for _, sending in waiting:
            sending.cancel()
        await asyncio.gather(*(sending for _, sending in waiting), return_exceptions=True)


async def _send(ingest: Client, chunk: Chunk) -> Answer:
    return await deliver(ingest, chunk.body) if chunk.events else _NOTHING


def _settled(ingest: Client, chunk: Chunk, answer: Answer) -> Settled:
    said = answer.body
    if "accepted" not in said:
        raise ingest.complaint(answer)
    return Settled(chunk, said["accepted"], said.get("position"), tuple(said["errors"]))
