"""The measurement of the recorder: from a backlog in Kafka to facts, nothing else reading beside it.

The other stages stand still meanwhile; what they would take of the machine is another measurement's subject.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from statistics import median

from rich.console import Console

from deploy.bench.backlog import bundles, publish
from deploy.bench.claimed import await_merges, claim_facts
from deploy.bench.facts import SOURCE, make_facts
from deploy.bench.machine import machine, resident_bytes
from deploy.bench.mixes import MIXES, Mix, stream
from deploy.bench.phases import Phase, Phases
from deploy.bench.report import Figure, Report
from deploy.bench.rounds import each_million
from deploy.bench.scale import Doors, Scale
from deploy.bench.worker import await_committed, worker
from deploy.errors import CannotReach
from processors.recorder.step import BYTES_AT_ONCE
from projections.database import Database
from projections.facts import Fact, fact_row
from projections.log.producer import LogProducer
from projections.places import Place
from projections.progress import RECORDER, TopicPartition, heads
from schemas.bundle import MAX_BUNDLE_EVENTS
from schemas.door import Door
from schemas.sources import Source
from schemas.topics import catalogue

_STATEMENT_SECONDS = 590.0
_OTHERS = ("resolver", "profiler")
_LOOK, _PATIENCE = 0.1, 120.0
_BYTES_AN_EVENT = 224
_CHUNK = BYTES_AT_ONCE // _BYTES_AN_EVENT
_CHUNKS = 3
_FACTS = "SELECT count() FROM events"
_ELSEWHERE = 999
"""A partition that the topic does not have."""


@dataclass(frozen=True, slots=True)
class RecorderScale:
    """How many facts there are, and how many events come on top of them."""

    facts: int
    events: int
    seed: int
    mixes: tuple[Mix, ...] = MIXES

    @property
    def customers(self) -> int:
        """Whose facts they are; the same make what comes on top."""
        return max(100, self.facts // 10)


@dataclass(slots=True)
class Run:
    """One measurement; what its phases found is gathered here."""

    doors: Doors
    scale: RecorderScale
    database: Database
    phases: Phases
    pids: dict[str, int]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    figures: list[Figure] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)
    resident: Mapping[str, int] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """Where events are."""
        return catalogue(self.doors.topic_prefix)["events"].name

    def events(self, mix: Mix) -> Iterator[bytes]:
        """Those of a backlog; asked again, the very same."""
        name = f"{mix}-{int(self.began.timestamp()) % 10**8}"
        return islice(stream(mix, self.scale.customers, self.scale.seed, name, lambda: self.began), self.scale.events)


async def measure(doors: Doors, scale: RecorderScale, console: Console) -> Report:
    """Do it all, on an empty platform of which no processors run. Raises CannotReach and Unavailable."""
    found, pids = machine(), dict(doors.pids)
    with closing(Database(doors.clickhouse, timeout=_STATEMENT_SECONDS)) as database:
        run = Run(doors, scale, database, Phases(console, pids), pids)
        await asyncio.to_thread(_fill, run)
        straight = await asyncio.to_thread(_insert_straight, run)
        for mix in scale.mixes:
            await _record(run, mix, f"{mix}", 50_000, straight)
        await _record(run, scale.mixes[0], "duplicates", 100_000, None)
    said = {"facts": scale.facts, "customers": scale.customers, "events": scale.events, "seed": scale.seed}
    return Report(found, said, run.figures, run.counted, run.phases.done, _sums(run.phases.done), run.resident)


def _fill(run: Run) -> None:
    """Facts that are there before, with their claims."""
    scale = Scale(run.scale.customers, run.scale.facts, 0, 0, 0, run.scale.seed)
    with run.phases.phase("making facts", scale.events) as advance:
        make_facts(run.database, scale, run.doors.terms.currency, run.topic, run.began, advance)
    with run.phases.phase("claiming them"):
        claim_facts(run.database)
        await_merges(run.database)


def _insert_straight(run: Run) -> float:
    """Rows a second that are inserted as they are, as many at once as the recorder does: the median of some chunks."""
    rates = []
    with run.phases.phase("rows inserted straight", _CHUNKS) as advance:
        for number in range(_CHUNKS):
            columns = _chunk(run, number)
            began = time.perf_counter()
            run.database.insert("events", columns)
            rates.append(len(columns["key"]) / (time.perf_counter() - began))
            advance(1)
    run.figures.append(Figure("rows inserted straight", median(rates), unit="events/s", more=True))
    return median(rates)


def _chunk(run: Run, number: int) -> dict[str, list[object]]:
    door, source = Door("CN"), Source(SOURCE, None, None)
    size = min(_CHUNK, run.scale.events)
    events = stream("sessions", run.scale.customers, run.scale.seed, f"straight-{number}", lambda: run.began)
    rows = []
    for index, raw in enumerate(islice(events, size)):
        place = Place(run.began, _ELSEWHERE, number * _CHUNK + index, 0)
        rows.append(fact_row(Fact(door.admit(raw, source, run.began), run.topic, place), run.doors.terms.currency))
    return {name: [row[name] for row in rows] for name in rows[0]}


async def _record(run: Run, mix: Mix, name: str, target: float, limit: float | None) -> None:
    """Fill the log while nobody reads, then have it read to its end."""
    before = await asyncio.to_thread(_facts, run)
    ends = await asyncio.to_thread(_publish, run, mix, name)
    began = await asyncio.to_thread(_done, run)
    async with worker(run.doors, hanging=_OTHERS) as pid:
        run.pids["processors"] = pid
        with run.phases.phase(f"{name}: recording", run.scale.events) as advance:
            rate = await asyncio.to_thread(_follow, run, began, ends, advance)
        run.resident = resident_bytes(run.pids)
        await asyncio.to_thread(await_committed, run.doors, ends)
    del run.pids["processors"]
    after = await asyncio.to_thread(_facts, run)
    run.counted[f"{name}: facts made"] = after - before
    cpu = each_million(run.phases.done[-1].cpu, run.scale.events)
    run.figures.append(Figure(name, rate, target, limit, "events/s", more=True))
    run.figures += [Figure(f"{name} CPU of {process}", spent) for process, spent in cpu.items()]


def _facts(run: Run) -> int:
    return int(run.database.tuples(_FACTS)[0][0])


def _publish(run: Run, mix: Mix, name: str) -> dict[TopicPartition, int]:
    records = bundles(run.events(mix), run.topic, SOURCE)
    with run.phases.phase(f"{name}: filling the log", run.scale.events / MAX_BUNDLE_EVENTS) as advance:
        with closing(LogProducer(run.doors.kafka, "cdp-bench")) as log:
            ends = publish(log, records, advance)
        await_merges(run.database)
    return ends


def _done(run: Run) -> dict[TopicPartition, int]:
    """The last offset of each partition that the recorder says it is done with."""
    return {place: head.last for place, head in heads(run.database).get(RECORDER, {}).items() if place[0] == run.topic}


def _follow(
    run: Run, began: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int], advance: Callable[[float], None]
) -> float:
    """Events a second, from the first chunk that is done until the last; of a single one, from when it is read."""
    total = _between(began, ends, ends)
    first = last = (time.perf_counter(), 0)
    while last[1] < total:
        time.sleep(_LOOK)
        now, done = time.perf_counter(), _between(began, _done(run), ends)
        if done > last[1]:
            advance((done - last[1]) * MAX_BUNDLE_EVENTS)
            first, last = (first if first[1] or done == total else (now, done)), (now, done)
        elif now > last[0] + _PATIENCE:
            raise CannotReach(f"The recorder got nowhere for {_PATIENCE:g} s.")
    share = (last[1] - first[1]) / total
    return share * run.scale.events / (last[0] - first[0])


def _between(
    began: Mapping[TopicPartition, int], done: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> int:
    """How many records lie between; those beyond the ends do not count."""
    return sum(min(done.get(place, -1), end) - began.get(place, -1) for place, end in ends.items())


def _sums(phases: list[Phase]) -> dict[str, float]:
    """Seconds of each process over all phases."""
    names = dict.fromkeys(name for phase in phases for name in phase.cpu)
    return {name: sum(phase.cpu.get(name, 0) for phase in phases) for name in names}
