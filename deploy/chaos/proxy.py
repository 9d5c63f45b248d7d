"""A proxy before ClickHouse that loses answers, or is slow with them: what was written is written all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from random import Random
from typing import Literal

Mode = Literal["pass", "lose", "slow"]
_CHUNK = 1 << 16
_INSERT = b"INSERT INTO"
_LOST = 0.5
_SLOWEST = 0.4


class _Exchange:
    """What was asked last on one connection."""

    def __init__(self) -> None:
        self.inserts = False


class Proxy:
    """Passes bytes between whoever connects and a server; lives on one event loop."""

    def __init__(self, host: str, port: int, chance: Random) -> None:
        self._host, self._port, self._chance = host, port, chance
        self._mode: Mode = "pass"
        self._connections: set[asyncio.Task[None]] = set()
        self.lost = 0
        """Answers to inserts that were lost so far."""

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Listen on this port of the loopback within the block."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        try:
            yield
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    @contextmanager
    def acting(self, mode: Mode) -> Iterator[None]:
        """Lose answers, or be slow, within the block."""
        self._mode = mode
        try:
            yield
        finally:
            self._mode = "pass"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection. The task is ours to end: asyncio would log it when it is cancelled."""
        passing = asyncio.create_task(self._pass(reader, writer))
        self._connections.add(passing)
        passing.add_done_callback(self._connections.discard)
        await asyncio.wait({passing})

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError):
            there, to_there = await asyncio.open_connection(self._host, self._port)
            with closing(to_there):
                exchange = _Exchange()
                both = {
                    asyncio.create_task(self._ask(reader, to_there, exchange)),
                    asyncio.create_task(self._answer(there, writer, exchange)),
                }
                try:
                    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in both:
                        task.cancel()
                    await asyncio.gather(*both, return_exceptions=True)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, exchange: _Exchange) -> None:
        while asked := await reader.read(_CHUNK):
            exchange.inserts = exchange.inserts or _INSERT in asked
            writer.write(asked)
            await writer.drain()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, exchange: _Exchange) -> None:
        """The server answers when it has done what was asked: an answer that is lost here was an insert that is not."""
        while answer := await reader.read(_CHUNK):
            if self._mode == "slow":
                await asyncio.sleep(self._chance.uniform(0, _SLOWEST))
            if self._mode == "lose" and exchange.inserts and self._chance.random() < _LOST:
                self.lost += 1
                return
            exchange.inserts = False
            writer.write(answer)
            await writer.drain()
