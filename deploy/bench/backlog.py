"""Bundles of made-up events published straight to Kafka, as a channel may do it that needs no ingest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection

import orjson

from deploy.bench.mixes import lines
from deploy.bench.spawning import Spawned, spawned
from projections.log.producer import LogProducer
from projections.log.records import Placed, Record
from projections.progress import TopicPartition
from schemas.bundle import HEADER_SOURCE, MAX_BUNDLE_EVENTS

_AT_ONCE = 25
_IN_FLIGHT = 8
_ACK_SECONDS = 60.0


def bundles(events: Iterator[bytes], topic: str, source: str) -> Iterator[Record]:
    """As large as bundles may be, each under the key of its first event."""
    headers = ((HEADER_SOURCE, source.encode()),)
    for value in lines(events, MAX_BUNDLE_EVENTS):
        [(kind, name)] = orjson.loads(value[: value.find(b"\n")] if b"\n" in value else value)["ids"].items()
        yield Record(topic, None, f"{kind}:{name}".encode(), value, headers)


def publish(log: LogProducer, records: Iterator[Record], advance: Callable[[float], None]) -> dict[TopicPartition, int]:
    """Write all of them, many in flight; tells `advance` how many more. Gives each partition's last offset.

    Raises Unavailable.
    """
    ends: dict[TopicPartition, int] = {}
    flying: deque[Future[list[Placed]]] = deque()

    def land() -> None:
        placed = flying.popleft().result()
        for each in placed:
            where = each.topic, each.partition
            ends[where] = max(each.offset, ends.get(where, -1))
        advance(len(placed))

    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        while part := list(islice(records, _AT_ONCE)):
            flying.append(pool.submit(log.publish, part, _ACK_SECONDS))
            if len(flying) == _IN_FLIGHT:
                land()
        while flying:
            land()
    return ends


@dataclass(frozen=True, slots=True)
class Straight:
    """What publishing took, without making the bundles."""

    bundles: int
    seconds: float
    cpu: float
    """Seconds of the producer's process."""


@contextmanager
def producer(bootstrap: str) -> Iterator[Spawned]:
    """A process that is told a list of records, takes the word, writes them, and says what was `Straight`; again."""
    with spawned("producer", _produce, bootstrap) as process:
        yield process


def _produce(line: Connection, bootstrap: str) -> None:
    with closing(LogProducer(bootstrap, "cdp-bench", linger_ms=0)) as log:
        while True:
            first, *rest = line.recv()
            publish(log, iter([first]), lambda _: None)  # connected before the next counts
            line.send(None)
            line.recv()
            began, before = time.perf_counter(), time.process_time()
            publish(log, iter(rest), lambda _: None)
            line.send(Straight(len(rest), time.perf_counter() - began, time.process_time() - before))
