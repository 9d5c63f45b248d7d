"""Requests over connections that stay open: written whole, answered one by one, each latency kept.

A client as cheap as Python has them, so that what is measured is the server: it knows HTTP/1.1 just far enough to
find an answer's status and its end.
"""

from __future__ import annotations

import asyncio
import re
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

LOST = 0
"""The status of a request that was never answered: its connection closed, or there was none left."""
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)\r\n")
_END = b"\r\n\r\n"
_STATUS = slice(9, 12)
_SOONEST = 0.001  # the loop's timers go by the millisecond


@dataclass(slots=True)
class Tally:
    """What became of the requests."""

    latencies: array[float] = field(default_factory=lambda: array("d"))
    """Seconds of each that was answered, in the order of the answers."""
    statuses: Counter[int] = field(default_factory=Counter)
    began: float = 0.0
    """When the first went, in Unix seconds; with a rate, the request of a number was due `number / rate` later."""
    seconds: float = 0.0
    """Until the last answer."""


class Volley:
    """So many requests, fired once. Lives on one event loop.

    With a rate, in requests a second, they go when they are due; without, whenever a connection has its answer.
    """

    def __init__(self, requests: Iterator[bytes], count: int, rate: float | None = None) -> None:
        self.tally = Tally()
        self._requests, self._count, self._rate = requests, count, rate
        self._idle: deque[_Line] = deque()
        self._open = 0
        self._due, self._ended = 0, 0
        self._late: deque[float] = deque()
        self._done, self._gone = asyncio.Event(), asyncio.Event()
        self._began = 0.0

    async def connect(self, host: str, port: int, connections: int) -> None:
        """Open the connections. Raises OSError."""
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: _Line(self), host, port)

    async def fire(self) -> Tally:
        """All requests; returns after the last answer, or when no connection is left. Then all are closed."""
        self.tally.began, self._began = time.time(), time.perf_counter()
        if self._rate:
            self._send_due(self._rate)
        else:
            for _ in range(self._open):
                self._send_next()
        if self._open:
            await self._done.wait()
        self.tally.seconds = time.perf_counter() - self._began
        self.tally.statuses[LOST] += self._count - self._ended
        await self._hang_up()
        return self.tally

    def opened(self, line: _Line) -> None:
        """A connection is there."""
        self._open += 1
        self._idle.append(line)

    def answered(self, line: _Line, status: int, since: float) -> None:
        """A connection has its answer, and is free for what comes next."""
        self.tally.latencies.append(time.perf_counter() - since)
        self._idle.append(line)
        self._end(status)
        if self._rate is None:
            self._send_next()
        elif self._late:
            self._send(self._late.popleft())

    def closed(self, line: _Line, *, waiting: bool) -> None:
        """A connection is gone; with it what it had not answered."""
        self._open -= 1
        if waiting:
            self._end(LOST)
        else:
            self._idle.remove(line)
        if not self._open:
            self._done.set()
            self._gone.set()

    async def _hang_up(self) -> None:
        for line in tuple(self._idle):
            line.close()
        if self._open:
            await self._gone.wait()

    def _end(self, status: int) -> None:
        self.tally.statuses[status] += 1
        self._ended += 1
        if self._ended == self._count:
            self._done.set()

    def _send_next(self) -> None:
        if self._due < self._count:
            self._due += 1
            self._send(time.perf_counter())

    def _send_due(self, rate: float) -> None:
        now = time.perf_counter()
        while self._due < self._count and (due := self._began + self._due / rate) <= now:
            self._due += 1
            if self._idle:
                self._send(due)
            else:
                self._late.append(due)
        if self._due < self._count:
            wait = self._began + self._due / rate - time.perf_counter()
            asyncio.get_running_loop().call_later(max(wait, _SOONEST), self._send_due, rate)

    def _send(self, since: float) -> None:
        self._idle.popleft().send(next(self._requests), since)


class _Line(asyncio.Protocol):
    """One connection, with at most one request under way."""

    __slots__ = ("_read", "_since", "_transport", "_volley")

    def __init__(self, volley: Volley) -> None:
        self._volley = volley
        self._read = b""
        self._since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._volley.opened(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._volley.closed(self, waiting=self._since is not None)

    def close(self) -> None:
        """Close it; it has nothing under way."""
        self._transport.close()

    def send(self, request: bytes, since: float) -> None:
        """Write a request whose latency counts from then."""
        self._since = since
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        read = self._read + data if self._read else data
        end = _end_of_answer(read)
        if end > len(read) or self._since is None:
            self._read = read
            return
        since, self._since, self._read = self._since, None, read[end:]
        self._volley.answered(self, int(read[_STATUS]), since)


def _end_of_answer(read: bytes) -> int:
    """Where the answer ends that begins here; beyond what was read if that is not known yet."""
    head = read.find(_END)
    if head < 0:
        return len(read) + 1
    length = _LENGTH.search(read, 0, head + 2)
    return head + len(_END) + (int(length[1]) if length else 0)
