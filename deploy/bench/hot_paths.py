"""The hot paths, each beside its bare form: what the gate holds against each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, cycle, islice

from deploy.bench.costs import Pair, Side
from deploy.bench.facts import SOURCE
from deploy.bench.firing import ACCEPTED, Firing, Generator, Posts
from deploy.bench.floors import aggregate
from deploy.bench.mixed import mixed
from deploy.bench.mixes import lines, stream
from deploy.bench.points import read_point
from deploy.bench.questions import Rendered, customers, profiles
from deploy.bench.scale import Doors, Scale, address_of
from deploy.errors import CannotReach
from processors.recorder.step import Outputs, Recorder
from processors.records import Record
from processors.touched import Log
from projections.boundary_versions import latest_boundaries
from projections.compiler.program import compile_library
from projections.database import Database
from projections.evaluating import Asked, evaluate
from projections.facts import Fact, fact_row
from projections.moments import AsOf
from projections.places import Place
from projections.profiles import write_profiles
from schemas.bundle import HEADER_SOURCE
from schemas.definitions import parse
from schemas.door import Door
from schemas.sources import Source
from schemas.topics import catalogue

_EVENTS = 5_000
_BUNDLE, _CHUNK = 100, 20
_READS, _POINTS = 40, 30
_REQUESTS, _BARE_REQUESTS, _CONNECTIONS = 100, 4_000, 16
_BARE_TABLE = "bare_events"


@dataclass(slots=True)
class Bench:
    """A platform without processors that holds some customers; `database` as the stages have it."""

    doors: Doors
    scale: Scale
    database: Database
    log: Log
    sender: Generator
    endpoint: tuple[str, int]
    """Where a server answers that only reads the body, and its process."""
    now: datetime
    run: str
    door: Door = field(default_factory=lambda: Door("CN"))
    source: Source = field(default_factory=lambda: Source(SOURCE))

    @property
    def clickhouse(self) -> tuple[int, ...]:
        """Its process, where it is on this machine."""
        return tuple(pid for name, pid in self.doors.pids.items() if name == "clickhouse")

    def events(self, name: str) -> Iterator[bytes]:
        """Events without end, of ids that were not seen before."""
        return stream("scattered", self.scale.customers, self.scale.seed, f"{self.run}-{name}")


def door(bench: Bench) -> Pair:
    """Judging an event, against reading its bytes."""
    events = list(islice(bench.events("door"), _EVENTS))

    def admit() -> int:
        for event in events:
            bench.door.admit(event, bench.source, bench.now)
        return len(events)

    def read() -> int:
        for event in events:
            json.loads(event)
        return len(events)

    return Pair("an event through the door", Side(admit), Side(read))


def fold(bench: Bench) -> Pair:
    """Folding everybody, against one bare pass over the same facts."""
    versions = {address_of(number): 0 for number in range(bench.scale.customers)}

    def folded() -> int:
        write_profiles(bench.database, versions, AsOf(bench.now), bench.doors.terms)
        return len(versions)

    return Pair("a customer folded", Side(folded, bench.clickhouse), _aggregate(bench))


def evaluation(bench: Bench) -> Pair:
    """Evaluating everybody by many definitions, against the same pass."""
    defined = mixed(bench.scale.definitions, bench.scale.seed)
    program = compile_library([parse(each.body, each.kind, each.key) for each in defined])
    kept = latest_boundaries(bench.database)
    asked = Asked(AsOf(bench.now, kept=True), bench.doors.terms, kept.boundaries if kept else None)
    people = {address_of(number): [address_of(number)] for number in range(bench.scale.customers)}

    def evaluated() -> int:
        return len(evaluate(bench.database, program, people, asked))

    name = f"a customer by {len(defined)} definitions"
    return Pair(name, Side(evaluated, bench.clickhouse), _aggregate(bench))


def _aggregate(bench: Bench) -> Side:
    def passed() -> int:
        aggregate(bench.database)
        return bench.scale.customers

    return Side(passed, bench.clickhouse)


def profile(bench: Bench) -> Pair:
    """A dossier over HTTP, against its row through the driver."""
    doors, roots = bench.doors, customers(bench.scale)
    asked = Rendered(doors.api, doors.api_key, profiles, bench.scale, ())

    def answered() -> int:
        return _fired(bench.sender, Firing(doors.api, asked, _READS, _CONNECTIONS), 200)

    def read() -> int:
        for root in islice(roots, _POINTS):
            read_point(bench.database, root)
        return _POINTS

    pids = (doors.pids["api"], *bench.clickhouse)
    return Pair("a dossier read", Side(answered, pids, is_here=False), Side(read, bench.clickhouse))


def recorder(bench: Bench) -> Pair:
    """Events of the log recorded and everybody touched, against inserting their rows."""
    topics = {role: topic.name for role, topic in catalogue(bench.doors.topic_prefix).items()}
    outputs = Outputs(topics["touched"], topics["identity"], topics["dead_letters"])
    sources, currency = {SOURCE: bench.source}, bench.doors.terms.currency
    step = Recorder(bench.database, bench.log, bench.door, sources, currency, outputs)
    records = _records(topics["events"], bench)
    columns = _columns(bench, topics["events"], currency)
    bench.database.execute(f"CREATE TABLE IF NOT EXISTS {_BARE_TABLE} AS events")

    def recorded() -> int:
        step.process(list(islice(records, _CHUNK)))
        return _CHUNK * _BUNDLE

    def inserted() -> int:
        bench.database.insert(_BARE_TABLE, columns)
        return _CHUNK * _BUNDLE

    return Pair("an event recorded", Side(recorded, bench.clickhouse), Side(inserted, bench.clickhouse))


def _records(topic: str, bench: Bench) -> Iterator[Record]:
    """Records as ingest writes them, each a bundle."""
    bundles = lines(bench.events("recorder"), _BUNDLE)
    headers = {HEADER_SOURCE: SOURCE.encode()}
    for offset, value in enumerate(bundles):
        yield Record(topic, 0, offset, bench.now, None, value, headers)


def _columns(bench: Bench, topic: str, currency: str) -> Mapping[str, Sequence[object]]:
    """Rows of as many events as a chunk of the recorder holds."""
    places = (Place(bench.now, 0, offset, 0) for offset in count())
    events = islice(bench.events("bare"), _CHUNK * _BUNDLE)
    admitted = (bench.door.admit(event, bench.source, bench.now) for event in events)
    rows = [fact_row(Fact(event, topic, place), currency) for event, place in zip(admitted, places, strict=False)]
    return {name: [row[name] for row in rows] for name in rows[0]}


def ingest(bench: Bench) -> Pair:
    """Requests of a hundred events to ingest, against the same to an endpoint that only reads the body."""
    doors, scale, runs = bench.doors, bench.scale, count()
    bare, pid = bench.endpoint

    def posts(url: str) -> Posts:
        name = f"{bench.run}-ingest-{next(runs)}"
        return Posts(url, doors.write_key, "sessions", scale.customers, scale.seed, name, _BUNDLE)

    def sent() -> int:
        firing = Firing(doors.ingest, posts(doors.ingest), _REQUESTS, _CONNECTIONS)
        return _BUNDLE * _fired(bench.sender, firing, ACCEPTED)

    def read() -> int:
        firing = Firing(bare, Again(posts(bare), _REQUESTS), _BARE_REQUESTS, _CONNECTIONS)
        return _BUNDLE * _fired(bench.sender, firing, ACCEPTED)

    path = Side(sent, (doors.pids["ingest"],), is_here=False)
    return Pair("an event through ingest", path, Side(read, (pid,), is_here=False))


@dataclass(frozen=True, slots=True)
class Again:
    """The first few of some requests, again and again: made once, for who does not look at them."""

    requests: Iterable[bytes]
    few: int

    def __iter__(self) -> Iterator[bytes]:
        """Without end."""
        return cycle(list(islice(self.requests, self.few)))


def _fired(sender: Generator, firing: Firing, good: int) -> int:
    """How many were answered so. Raises CannotReach when not all were."""
    sender.load(firing)
    if refused := sender.fire().refused(good):
        raise CannotReach(f"{refused} of {firing.count} requests to {firing.url} were not answered with {good}.")
    return firing.count


PATHS = (door, fold, evaluation, profile, recorder, ingest)
