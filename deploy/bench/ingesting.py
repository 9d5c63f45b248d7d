"""The measurement of ingest: as many events as it acknowledges, beside what bare means do on the same machine.

Each round is fired at ingest and at a bare server in turn, so that what else the machine does meets both alike.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from rich.console import Console

from deploy.bench.backlog import Straight, bundles, producer
from deploy.bench.bare import bare
from deploy.bench.facts import SOURCE
from deploy.bench.firing import Firing, Generator, Posts, generator
from deploy.bench.machine import cpu_seconds, machine, resident_bytes
from deploy.bench.mixes import MIXES, Mix, stream
from deploy.bench.phases import Phases
from deploy.bench.report import Figure, Report, percentile
from deploy.bench.rounds import Round, each_million, middle, taken
from deploy.bench.scale import Doors
from deploy.bench.spawning import Spawned
from schemas.bundle import MAX_BUNDLE_EVENTS
from schemas.topics import catalogue

REFERENCE_LINES = 508_000
"""Lines a second of `json.loads` on the machine where the targets were measured; times scale with it."""
_CUSTOMERS = 1_000_000
_SERVING, _BARE = ("ingest", "kafka"), "bare server"
_MOST = 1_000_000
"""Events of a round: all are in memory before it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How requests come, and what to reach: what another open platform's gateway, in Go, reached on that machine."""

    name: str
    events: int
    connections: int
    events_a_line: float
    """Events a second, as a share of the lines."""
    p99: float
    """Seconds there."""
    cpu: float
    """CPU seconds of a million events there, its storage included."""


SHAPES = (
    Shape("×100", 100, 16, 0.102, 0.067, 30.6),
    Shape("×1", 1, 256, 0.0254, 0.037, 99.0),
)


@dataclass(frozen=True, slots=True)
class IngestScale:
    """How long a round is about, and how many there are."""

    seconds: float
    rounds: int
    seed: int


@dataclass(frozen=True, slots=True)
class Server:
    """What is fired at: ingest, or the bare server."""

    url: str
    pids: Mapping[str, int]


@dataclass(slots=True)
class Run:
    """One measurement; what its rounds found is gathered here."""

    doors: Doors
    scale: IngestScale
    lines: float
    phases: Phases
    loaded: Generator
    writing: Spawned
    least: Server
    figures: list[Figure] = field(default_factory=list)
    began: int = field(default_factory=lambda: int(time.time()))
    fired: int = 0
    refused: int = 0
    started: int = 0
    """Rounds: each has ids of its own."""

    def next_name(self) -> str:
        """Of a round's events."""
        self.started += 1
        return f"{self.began}-{self.started}"


async def measure(doors: Doors, scale: IngestScale, console: Console) -> Report:
    """Do it all. Raises CannotReach when something goes away."""
    found = machine()
    with bare() as (url, pid), generator() as loaded, producer(doors.kafka) as writing:
        least, phases = Server(url, {_BARE: pid}), Phases(console, doors.pids)
        run = Run(doors, scale, found.json_lines, phases, loaded, writing, least)
        for mix in MIXES:
            straight = await asyncio.to_thread(_straight, run, mix)
            for shape in SHAPES:
                await asyncio.to_thread(_compare, run, mix, shape, straight)
    said = {"seconds a round": scale.seconds, "rounds": scale.rounds, "seed": scale.seed}
    counted = {"requests": run.fired, "requests refused": run.refused}
    cpu, resident = cpu_seconds(doors.pids), resident_bytes(doors.pids)
    return Report(found, said, run.figures, counted, run.phases.done, cpu, resident)


def _straight(run: Run, mix: Mix) -> Round:
    """The mix in bundles straight to Kafka: who waits for its acknowledgement is not faster."""
    topic = catalogue(run.doors.topic_prefix)["events"].name
    count = _requests(run, SHAPES[0].events_a_line * run.lines, MAX_BUNDLE_EVENTS)
    rounds = []
    with run.phases.phase(f"{mix}, straight to Kafka", run.scale.rounds) as advance:
        for _ in range(run.scale.rounds):
            events = stream(mix, _CUSTOMERS, run.scale.seed, run.next_name())
            run.writing.tell(list(islice(bundles(events, topic, SOURCE), count + 1)))
            run.writing.said()  # that it is ready
            with taken(run.doors.pids) as cpu:
                run.writing.tell()
                done: Straight = run.writing.said()
            written = done.bundles * MAX_BUNDLE_EVENTS
            rounds.append(Round(written / done.seconds, each_million({**cpu, "producer": done.cpu}, written)))
            advance(1)
    found = middle(rounds)
    run.figures.append(Figure(f"{mix}, bundles straight to Kafka", found.per_second, unit="events/s", more=True))
    return found


def _compare(run: Run, mix: Mix, shape: Shape, straight: Round) -> None:
    """Rounds at ingest and at the bare server; both are warm before the first counts, and it is known how many fit."""
    servers = (Server(run.doors.ingest, run.doors.pids), run.least)
    rounds: tuple[list[Round], list[Round]] = ([], [])
    with run.phases.phase(f"{mix} {shape.name}", 2 * run.scale.rounds + 2) as advance:
        counts = []
        for server in servers:
            warm = _round(run, mix, shape, server, _requests(run, shape.events_a_line * run.lines, shape.events))
            counts.append(_requests(run, warm.per_second, shape.events))
            advance(1)
        for _ in range(run.scale.rounds):
            for server, count, found in zip(servers, counts, rounds, strict=True):
                found.append(_round(run, mix, shape, server, count))
                advance(1)
    ours, least = map(middle, rounds)
    run.figures += _figures(f"{mix} {shape.name}", shape, REFERENCE_LINES / run.lines, ours, least, straight)


def _round(run: Run, mix: Mix, shape: Shape, server: Server, count: int) -> Round:
    posts = Posts(server.url, run.doors.write_key, mix, _CUSTOMERS, run.scale.seed, run.next_name(), shape.events)
    run.loaded.load(Firing(server.url, posts, count, shape.connections))
    with taken(server.pids) as cpu:
        fired = run.loaded.fire()
    run.fired += count
    run.refused += fired.refused()
    cpu["load generator"] = fired.cpu
    p50, p99 = (percentile(fired.tally.latencies, share) for share in (0.5, 0.99))
    return Round(fired.per_second * shape.events, each_million(cpu, count * shape.events), p50, p99)


def _figures(name: str, shape: Shape, slower: float, ours: Round, least: Round, straight: Round) -> list[Figure]:
    """What was reached. Of CPU seconds the load generator's do not count, and the least is to read and to write."""
    mine = {process: spent for process, spent in ours.cpu.items() if process in _SERVING}
    reading, writing = least.cpu[_BARE], sum(straight.cpu.get(each, 0) for each in ("kafka", "producer"))
    events = shape.events_a_line * REFERENCE_LINES / slower
    return [
        Figure(name, ours.per_second, events, least.per_second, "events/s", more=True),
        Figure(f"{name} ack p50", ours.p50, None, least.p50),
        Figure(f"{name} ack p99", ours.p99, shape.p99 * slower, least.p99),
        Figure(f"{name} CPU a million", sum(mine.values()), shape.cpu * slower, reading + writing),
        *(Figure(f"{name} CPU of {process}", spent) for process, spent in mine.items()),
        Figure(f"{name} CPU of load generator", ours.cpu["load generator"], None, least.cpu["load generator"]),
    ]


def _requests(run: Run, per_second: float, size: int) -> int:
    """As many as are answered in about the time of a round."""
    return max(1, int(min(per_second * run.scale.seconds, _MOST) / size))
