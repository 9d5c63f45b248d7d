"""A recorder over a real ClickHouse and a log in memory: histories of the oracle become facts and dossiers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from deploy.oracle.model import Logged
from processors.recorder.reading import Candidate, Read, candidate
from processors.recorder.step import Outputs, Recorder
from processors.resolver.step import Resolver
from processors.touched import weighing
from projections.database import Database
from projections.facts import Fact
from projections.log.records import Placed, Record
from projections.places import Place
from projections.profiles import Terms, write_profiles
from projections.resolution import AsOf
from schemas.door import Door
from schemas.sources import Source
from tests.strategies.histories import NOW, ORDERS_OF
from tests.strategies.payloads import SOURCES as NAMES

CURRENCY = "CNY"
TERMS = Terms(CURRENCY)
TOPICS = Outputs("touched", "identity", "dead letters")
TABLES = (
    "claims", "events", "subject_places", "subject_things", "thing_claims", "voids", "retractions", "wakeups",
    "consumed",
    "heads", "dead_letters", "profiles", "sightings", "sighting_events", "sightings_ahead", "identities", "members",
    "refusals", "weighed", "resolutions", "controls",
)  # fmt: skip
DOOR = Door("CN")
SOURCES = {name: Source(name, orders_of=ORDERS_OF.get(name)) for name in NAMES}


@dataclass
class Kept:
    """A log that acknowledges at once and keeps what it was given."""

    records: list[Record] = field(default_factory=list)

    def partition_for(self, topic: str, key: bytes) -> int:
        return 0

    def partitions(self, topic: str) -> int:
        return 1

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        self.records += records
        return [Placed(record.topic, 0, offset) for offset, record in enumerate(records)]

    def lines(self, topic: str) -> list[bytes]:
        """What was written to a topic, line by line."""
        return [line for each in self.records if each.topic == topic for line in each.value.splitlines()]


@dataclass
class Recording:
    """What became of one history."""

    database: Database
    log: Kept
    steps: int = 0

    def __post_init__(self) -> None:
        """A resolver that goes on where the one before ended, as after a restart."""
        self.steps = self.database.tuples("SELECT max(until) FROM resolutions")[0][0]
        self.resolver = Resolver(self.database, self.log, lambda: NOW, TOPICS.touched)

    @property
    def touched(self) -> set[str]:
        """Everybody who was ever touched."""
        return {root for line in self.log.lines(TOPICS.touched) for root, _ in orjson.loads(line)["touch"]}

    def resolve(self) -> None:
        """What the resolver does with all it was given."""
        lines = self.log.lines(TOPICS.identity)
        if lines:
            self.steps += 1
            self.resolver.resolve(weighing(lines), self.steps, self.steps)
            self.log.records = [each for each in self.log.records if each.topic != TOPICS.identity]

    def fold(self, version: int = 1000) -> None:
        """What the resolver does, then what the profiler does with all touches at once."""
        self.resolve()
        write_profiles(self.database, dict.fromkeys(self.touched, version), AsOf(NOW), TERMS)


def record(
    database: Database, history: Iterable[Logged], chance: random.Random, *, fresh: bool = True, fold_each: bool = False
) -> Recording:
    """Record a history: chunks cut anywhere, partitions interleaved, some chunks given twice.

    `fresh`: in a database emptied before. `fold_each`: whom a chunk touched is folded before the next chunk.
    """
    if fresh:
        for table in TABLES:
            database.execute(f"TRUNCATE TABLE {table}")
    recording = Recording(database, Kept())
    recorder = Recorder(database, recording.log, DOOR, SOURCES, CURRENCY, TOPICS)
    for number, chunk in enumerate(_chunks(_partitions(history), chance), 1):
        recorder.record(Read(chunk, []))
        if chance.random() < 0.2:
            recorder.record(Read(chunk, []))
        if chance.random() < 0.3:
            recording.resolve()
        if fold_each:
            recording.fold(number)
            recording.log.records.clear()
    return recording


def as_read(logged: Logged) -> Candidate:
    """The event as the recorder reads it."""
    raw = json.dumps(logged.event).encode()
    event = DOOR.admit(raw, SOURCES[logged.source], logged.received_at)
    place = Place(logged.received_at, logged.partition, logged.offset, logged.index)
    return candidate(Fact(event, "events", place), raw)


def _partitions(history: Iterable[Logged]) -> dict[int, list[Candidate]]:
    partitions: dict[int, list[Candidate]] = {}
    for logged in sorted(history, key=lambda logged: logged.place):
        partitions.setdefault(logged.partition, []).append(as_read(logged))
    return partitions


def _chunks(partitions: dict[int, list[Candidate]], chance: random.Random) -> Iterable[Sequence[Candidate]]:
    """Each partition in its order, any of them ahead of the others."""
    while any(partitions.values()):
        chunk: list[Candidate] = []
        for partition, waiting in partitions.items():
            taken = chance.randint(0, len(waiting))
            chunk += waiting[:taken]
            partitions[partition] = waiting[taken:]
        if chunk:
            yield chunk
