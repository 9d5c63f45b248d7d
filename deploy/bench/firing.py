"""The load generator: a process of its own that sends requests, rendered beforehand, over connections it keeps open.

Closed: each connection sends its next request when the one before is answered, so the server is as busy as it can be.
Open, with a rate: a request goes when it is due, or as soon as a connection is free, and its latency counts from when
it was due, so that a slow answer makes those waiting behind it late as well.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

import uvloop

from deploy.bench.mixes import Mix, lines, stream
from deploy.bench.spawning import Spawned, spawned
from deploy.bench.volley import Tally, Volley

ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Posts:
    """Requests to ingest, without end: so many events of a mix each, as NDJSON."""

    url: str
    key: str
    mix: Mix
    customers: int
    seed: int
    run: str
    """Makes the ids of events this run's own."""
    events: int = 1
    """In each request."""

    def __iter__(self) -> Iterator[bytes]:
        """Each whole, with its head."""
        head = (
            f"POST /v1/events HTTP/1.1\r\nHost: {urlsplit(self.url).netloc}\r\nAuthorization: Bearer {self.key}\r\n"
            "Content-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n"
        ).encode()
        for body in lines(stream(self.mix, self.customers, self.seed, self.run), self.events):
            yield head % len(body) + body


@dataclass(frozen=True, slots=True)
class Firing:
    """What to send to a server without TLS, how much of it, and how."""

    url: str
    requests: Iterable[bytes]
    """Made in the load generator; what is handed over is this, pickled."""
    count: int
    """How many of them."""
    connections: int
    rate: float | None = None
    """Requests a second; None: each connection sends the next when the one before is answered."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of it."""

    tally: Tally
    cpu: float
    """Seconds the load generator itself took; without a rate, not counting what it took to make the requests."""

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.tally.latencies) / self.tally.seconds

    def refused(self, accepted: int = ACCEPTED) -> int:
        """How many requests had another answer, or none."""
        return self.tally.statuses.total() - self.tally.statuses[accepted]


@dataclass(frozen=True, slots=True)
class Generator:
    """A load generator: loaded, it waits for the word; when all is answered it may be loaded again."""

    process: Spawned

    def load(self, firing: Firing) -> None:
        """Have the requests made and the connections opened. Raises CannotReach."""
        self.process.tell(firing)
        self.process.said()  # that it is ready

    def begin(self) -> None:
        """Fire; returns at once. Raises CannotReach."""
        self.process.tell()

    def fired(self) -> Fired:
        """What became of it, when all is answered. Raises CannotReach when the generator ended before that."""
        found: Fired = self.process.said()
        return found

    def fire(self) -> Fired:
        """Fire, and wait for what becomes of it. Raises CannotReach."""
        self.begin()
        return self.fired()


@contextmanager
def generator(firing: Firing | None = None) -> Iterator[Generator]:
    """A load generator, loaded if it is said with what. Raises CannotReach."""
    with spawned("load generator", _run) as process:
        found = Generator(process)
        if firing is not None:
            found.load(firing)
        yield found


def _run(line: Connection) -> None:
    gc.freeze()
    gc.disable()  # nothing here makes cycles, and its pauses would count as the server's
    while True:
        uvloop.run(_fire(line, line.recv()))


async def _fire(line: Connection, firing: Firing) -> None:
    requests: Iterator[bytes] = islice(firing.requests, firing.count)
    if firing.rate is None:
        requests = iter(list(requests))
    volley, where = Volley(requests, firing.count, firing.rate), urlsplit(firing.url)
    await volley.connect(where.hostname or "", where.port or 80, firing.connections)
    line.send(None)
    line.recv()
    before = time.process_time()
    tally = await volley.fire()
    line.send(Fired(tally, time.process_time() - before))
