"""The whole measurement of reads, on an empty platform: how soon the API answers, alone and while events come in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from rich.console import Console

from deploy.bench.bare import bare
from deploy.bench.evaluation import counts, define
from deploy.bench.filling import fill
from deploy.bench.firing import Fired, Firing, Generator, Posts, generator
from deploy.bench.floors import profiles_seconds, scan_seconds
from deploy.bench.machine import cpu_seconds, machine, resident_bytes
from deploy.bench.mixed import Mixed, mixed
from deploy.bench.phases import Phases
from deploy.bench.points import read_at_pace, read_points
from deploy.bench.questions import Asked, Rendered, customers, members, previews, profiles, rfm, timelines
from deploy.bench.report import Figure, Report, percentiles
from deploy.bench.scale import Doors, Scale
from projections.database import Database

_STATEMENT_SECONDS = 590.0
_OK = 200
_EVENTS_A_REQUEST = 100
_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question; `often`: how many are asked for a hundred dossiers."""

    name: str
    asked: Asked
    often: float


PROFILE = Kind("profile", profiles, 100)
OTHERS = (
    Kind("timeline", timelines, 20),
    Kind("page of members", members, 10),
    Kind("preview", previews, 1),
    Kind("rfm", rfm, 0.5),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How much there is, and how it is asked."""

    customers: int
    facts: int
    definitions: int
    rate: int
    """Dossiers a second while events come in."""
    writes: int
    """Events a second then."""
    seconds: int
    """How long each way of asking lasts."""
    seed: int

    def said(self) -> dict[str, object]:
        """What a report says of it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def count(self, kind: Kind) -> int:
        """How many of a kind are asked in the seconds it has."""
        return max(2, round(self.rate * self.seconds * kind.often / 100))

    @property
    def scale(self) -> Scale:
        """As far as facts and questions go."""
        return Scale(self.customers, self.facts, self.definitions, self.rate, self.seconds, self.seed)


@dataclass(slots=True)
class Run:
    """One measurement; what its phases found is gathered here."""

    doors: Doors
    reading: Reading
    database: Database
    phases: Phases
    defined: Sequence[Mixed]
    reader: Generator
    """Asks the API."""
    figures: list[Figure] = field(default_factory=list)
    counted: dict[str, float] = field(default_factory=dict)

    def ask(self, kind: Kind, name: str, connections: int, rate: float | None = None) -> Fired:
        """So many of a kind as are asked in the seconds it has; what was not answered well is counted."""
        asked = Rendered(self.doors.api, self.doors.api_key, kind.asked, self.reading.scale, self.defined)
        self.reader.load(Firing(self.doors.api, asked, self.reading.count(kind), connections, rate))
        with self.phases.phase(name):
            fired = self.reader.fire()
        self.counted["questions that failed"] = self.counted.get("questions that failed", 0) + fired.refused(_OK)
        return fired


async def measure(doors: Doors, reading: Reading, console: Console) -> Report:
    """Everything, one after the other. Raises CannotStart where there are facts already."""
    found = machine()
    defined, phases = mixed(reading.definitions, reading.seed), Phases(console, doors.pids)
    with closing(Database(doors.clickhouse, timeout=_STATEMENT_SECONDS)) as database, generator() as reader:
        run = Run(doors, reading, database, phases, defined, reader)
        await asyncio.to_thread(_measure, run)
    cpu, resident = cpu_seconds(doors.pids), resident_bytes(doors.pids)
    return Report(found, reading.said(), run.figures, run.counted, run.phases.done, cpu, resident)


def _measure(run: Run) -> None:
    fill(run.database, run.doors, run.reading.scale, run.phases, datetime.now(UTC))
    with run.phases.phase(f"{run.reading.definitions} definitions, new", 1) as advance:
        define(run.database, run.doors, run.defined, advance)
    _alone(run)
    _while_events_come_in(run)
    found = counts(run.database)
    run.counted |= {"customers": found.customers, "facts in the end": found.facts}


def _alone(run: Run) -> None:
    """Nothing but questions: dossiers over some connections, then each other kind one after the other."""
    limits = _limits(run)
    read = run.ask(PROFILE, "dossiers alone", _CONNECTIONS)
    with run.phases.phase("bare point reads"):
        points = read_points(run.database, customers(run.reading.scale), run.reading.count(PROFILE), _CONNECTIONS)
    with bare() as (url, _):
        asked = Rendered(url, "", profiles, run.reading.scale, ())
        run.reader.load(Firing(url, asked, run.reading.count(PROFILE), _CONNECTIONS))
        run.counted["answers a second of a bare server"] = run.reader.fire().per_second
    run.figures += [
        Figure("profile, alone", read.per_second, 500, points.per_second, "req/s", more=True),
        *_held("profile, alone", read.tally.latencies, {0.5: None, 0.99: None}, points.latencies),
    ]
    for kind in OTHERS:
        read = run.ask(kind, f"{kind.name} alone", 1)
        target = 1.0 if kind.name == "rfm" else None
        found = percentiles(f"{kind.name}, alone", read.tally.latencies, {0.5: target, 0.99: None})
        run.figures += [replace(figure, limit=limits.get(kind.name)) for figure in found]
        run.counted[f"{kind.name} answers a second, one after the other"] = read.per_second


def _limits(run: Run) -> Mapping[str, float]:
    """One bare pass over what an answer is made of, by kind of question."""
    with run.phases.phase("bare statements"):
        scan = scan_seconds(run.database)
        return {"preview": scan, "rfm": profiles_seconds(run.database)}


def _while_events_come_in(run: Run) -> None:
    """The same at its rate, beside events of many customers; the bare point read as well."""
    reading, found = run.reading, dict[str, Fired]()
    with _writing(run) as writer:
        writer.begin()
        for kind in (PROFILE, *OTHERS):
            rate = reading.rate * kind.often / 100
            found[kind.name] = run.ask(kind, f"{kind.name} while events come in", _CONNECTIONS, rate)
        with run.phases.phase("bare point reads while events come in"):
            whom, many = customers(reading.scale), reading.count(PROFILE)
            points = read_at_pace(run.database, whom, reading.rate, many, _CONNECTIONS)
        with run.phases.phase("the last events"):
            written = writer.fired()
    run.counted |= {
        "events a second meanwhile": _EVENTS_A_REQUEST * written.per_second,
        "requests with events refused": written.refused(),
    }
    name = "{}, while events come in"
    profile = found.pop(PROFILE.name).tally.latencies
    run.figures += _held(name.format(PROFILE.name), profile, {0.5: None, 0.99: 0.025}, points.latencies)
    for other, fired in found.items():
        run.figures += percentiles(name.format(other), fired.tally.latencies, {0.5: None, 0.99: None})


@contextmanager
def _writing(run: Run) -> Iterator[Generator]:
    """A load generator of events, for as long as everything is asked."""
    doors, reading = run.doors, run.reading
    name, requests = f"reads-{int(datetime.now(UTC).timestamp())}", reading.writes / _EVENTS_A_REQUEST
    posts = Posts(doors.ingest, doors.write_key, "sessions", reading.customers, reading.seed, name, _EVENTS_A_REQUEST)
    count = max(1, round(requests * reading.seconds * (2 + len(OTHERS))))
    with generator(Firing(doors.ingest, posts, count, _CONNECTIONS, requests)) as writer:
        yield writer


def _held(
    name: str, measured: Sequence[float], shares: Mapping[float, float | None], points: Sequence[float]
) -> list[Figure]:
    """Percentiles, each against the same one of bare reads."""
    limits = percentiles(name, points, shares)
    return [
        replace(figure, limit=limit.value)
        for figure, limit in zip(percentiles(name, measured, shares), limits, strict=True)
    ]
