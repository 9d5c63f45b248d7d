"""All stages over a real ClickHouse, a log in memory and a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from deploy.oracle.model import Json, Logged
from processors.census import Census
from processors.governor.step import Governor
from processors.profiler.memberships import Memberships
from processors.profiler.step import Profiler
from processors.recorder.reading import Read
from processors.recorder.step import Outputs, Recorder
from processors.records import Record as Fetched
from processors.resolver.step import Resolver
from processors.waking import Waker
from projections.database import Database
from projections.log.records import Placed, Record
from schemas.control import Control
from tests.property.recording import CURRENCY, DOOR, SOURCES, TABLES, TERMS, as_read
from tests.strategies.histories import NOW

PARTITIONS = 2
LIVING_TABLES = (
    *TABLES,
    "memberships",
    "changes",
    "flips",
    "passes",
    "pass_steps",
    "assignments",
    "rfm_boundaries",
    "cuts",
)


@dataclass
class Log:
    """A log that acknowledges at once; after `last_changes` messages of the changes topic it ends the process."""

    clock: list[datetime]
    topics: dict[tuple[str, int], list[Fetched]] = field(default_factory=dict)
    last_changes: int = 2**63

    def partition_for(self, topic: str, key: bytes) -> int:
        return sum(key) % PARTITIONS

    def partitions(self, topic: str) -> int:
        return PARTITIONS

    def publish(self, records: list[Record], timeout: float) -> list[Placed]:
        placed = []
        for record in records:
            self.last_changes -= record.topic == "changes"
            if self.last_changes < 0:
                raise Killed
            partition = record.partition or 0
            written = self.topics.setdefault((record.topic, partition), [])
            written.append(Fetched(record.topic, partition, len(written), self.clock[0], record.key, record.value))
            placed.append(Placed(record.topic, partition, len(written) - 1))
        return placed

    def values(self, topic: str) -> list[Any]:
        """What was written to a topic, decoded."""
        return [
            orjson.loads(each.value or b"null")
            for (name, _), records in sorted(self.topics.items())
            if name == topic
            for each in records
        ]


class Stage(Protocol):
    """What takes records."""

    def process(self, records: Sequence[Fetched]) -> None: ...


class Killed(Exception):
    """The process ends here."""


class Living:
    """A platform of one worker. `kill` has it forget all but ClickHouse, the log and what was acknowledged."""

    def __init__(self, database: Database) -> None:
        for table in LIVING_TABLES:
            database.execute(f"TRUNCATE TABLE {table}")
        self.database = database
        self.now = [NOW]
        self.log = Log(self.now)
        self.acknowledged: dict[tuple[str, int], int] = {}
        self.said = 0
        self.kill()

    def kill(self) -> None:
        """Start again."""
        self.log.last_changes = 2**63
        database, log, clock = self.database, self.log, self.clock
        outputs = Outputs("touched", "identity", "dead letters")
        self.recorder = Recorder(database, log, DOOR, SOURCES, CURRENCY, outputs)
        memberships = Memberships(database, database, log, TERMS, clock, "touched", "changes")
        self.profiler = Profiler(database, TERMS, clock, memberships)
        self.stages: dict[str, Stage] = {
            "control": Governor(database, log, "identity", "touched", clock),
            "identity": Resolver(database, log, clock, "touched"),
            "touched": self.profiler,
        }
        self.waker = Waker(database, log, "touched", "identity", clock)
        self.census = Census(database, log, "touched", TERMS, clock)

    def clock(self) -> datetime:
        """The time it is."""
        return self.now[0]

    def define(self, kind: Any, key: str, value: Json, expects: int | None = None) -> int:
        """Say a definition, and gives its version."""
        control = Control(kind=kind, key=key, value=value, author="tests", expects=expects)
        [placed] = self.log.publish([Record("control", 0, None, control.model_dump_json().encode())], 1)
        self.run()
        return placed.offset + 1

    def happen(self, *events: Logged) -> None:
        """Events arrive, and have their effect."""
        self.recorder.record(Read([as_read(each) for each in events], []))
        self.run()

    def event(self, kind: str, ids: Json, data: Json | None = None, ago: timedelta = timedelta(0), **more: Any) -> str:
        """One event of source pos occurs so long ago; gives its id."""
        self.said += 1
        event_id = f"e{self.said}"
        event = {"event_id": event_id, "type": kind, "occurred_at": (self.clock() - ago).isoformat(), "ids": ids}
        logged = Logged("pos", event | {"data": data or {}} | more, 0, self.said, 0, self.clock())
        self.happen(logged)
        return event_id

    def later(self, span: timedelta, *, census: bool = False) -> None:
        """Time passes, second by second only where something is due."""
        self.now[0] += span
        self.waker.process([])
        if census:
            self.census.process([])
        self.run()

    def run(self) -> None:
        """Every stage takes what there is for it, until nobody writes any more."""
        while waiting := self._waiting():
            for topic, records in waiting.items():
                self.stages[topic].process(records)
                for each in records:
                    self.acknowledged[topic, each.partition] = each.offset + 1

    def _waiting(self) -> dict[str, list[Fetched]]:
        found: dict[str, list[Fetched]] = {}
        for (topic, partition), records in self.log.topics.items():
            left = records[self.acknowledged.get((topic, partition), 0) :]
            if topic in self.stages and left:
                found.setdefault(topic, []).extend(left)
        return found

    def changes(self, key: str | None = None) -> list[Json]:
        """The messages of the changes topic, of one definition or of all, by person and step."""
        return [each for each in self.log.values("changes") if key in (None, each["key"])]


def in_short(changes: Iterable[Json]) -> list[tuple[str, Any, Any, str, str | None]]:
    """Key, from, to, cause and its reference."""
    return [(each["key"], each["from"], each["to"], each["cause"], each["cause_ref"]) for each in changes]
