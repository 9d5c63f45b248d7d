"""The path of one request: split, judge, write, wait for every ack. An answer is true when it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ingest.admission import Admission, Admitted, admit
from ingest.buffer import Buffer
from ingest.group_commit import GroupCommit
from ingest.items import split
from ingest.keys import WriteKey
from ingest.letters import letter_records
from ingest.metrics import IngestMetrics
from ingest.outbox import Outbox, Place
from ingest.rate import RateLimit
from ingest.receipt import Receipt
from ingest.room import Room
from projections.log.records import Placed, Record
from schemas.errors import Unavailable
from schemas.gates import Gate, TypesGate
from schemas.positions import Position
from schemas.topics import Role, Topic

_IN_A_THREAD = 256 * 1024


@dataclass(frozen=True, slots=True)
class Intake:
    """The parts a request goes through."""

    door: Gate
    room: Room
    rate: RateLimit
    buffer: Buffer
    group_commit: GroupCommit
    outbox: Outbox
    topics: dict[Role, Topic]
    ack_timeout: float
    clock: Callable[[], datetime]
    metrics: IngestMetrics

    def require(self, key: WriteKey) -> None:
        """Raise RetryLater when nothing can be taken now, or nothing of this key."""
        self.room.require()
        self.rate.require(key)

    async def take(self, key: WriteKey, body: bytes, content_type: str) -> Receipt:
        """Write a request's events. Raises RequestError, or Unavailable: then nothing counts as accepted.

        On Unavailable some of it may be in the log all the same; sent again, events are known by their ids.
        """
        events = await _split(body, content_type)
        self.rate.spend(key, len(events))
        return await self.write(key.source.name, await admit(self.door_of(key), events, key.source, self.clock()))

    def door_of(self, key: WriteKey) -> Gate:
        """What judges the events under a key."""
        return TypesGate(self.door, key.grants.types) if key.grants.types else self.door

    async def write(self, source: str, admission: Admission) -> Receipt:
        """Write what was judged, and wait for every ack. Raises as `take` does."""
        try:
            placed = await self._written(source, admission)
        except Unavailable:
            events = len(admission.admitted) + len(admission.refused)
            self.metrics.events.labels(source, "unavailable").inc(events)
            raise
        self._count(source, admission)
        return Receipt(len(admission.admitted), admission.refused, self._position(placed))

    async def _written(self, source: str, admission: Admission) -> list[Placed]:
        partitions = self.group_commit.route(admission.admitted)
        letters = letter_records(self.topics["dead_letters"].name, source, admission.refused, self.clock())
        self.buffer.reserve(_size(admission.admitted) + sum(len(letter.value) for letter in letters))
        places = self.group_commit.add(source, admission.admitted, partitions)
        places |= {self._posted(letter) for letter in letters}
        return await self._acknowledged(places)

    def _posted(self, letter: Record) -> Place:
        place: Place = asyncio.get_running_loop().create_future()
        self.outbox.send(letter, place, len(letter.value))
        return place

    async def _acknowledged(self, places: set[Place]) -> list[Placed]:
        if not places:
            return []
        done, late = await asyncio.wait(places, timeout=self.ack_timeout)
        if late:
            raise Unavailable("kafka", f"Kafka did not acknowledge within {self.ack_timeout:g} s.")
        placed = []
        for place in done:
            outcome = place.result()
            if isinstance(outcome, Unavailable):
                raise Unavailable("kafka", outcome.message)
            placed.append(outcome)
        return placed

    def _position(self, placed: list[Placed]) -> Position:
        roles = {topic.name: role for role, topic in self.topics.items()}
        position: Position = {}
        for each in placed:
            offsets = position.setdefault(roles[each.topic], {})
            offsets[each.partition] = max(each.offset, offsets.get(each.partition, -1))
        return position

    def _count(self, source: str, admission: Admission) -> None:
        for outcome, events in (("accepted", admission.admitted), ("rejected", admission.refused)):
            self.metrics.events.labels(source, outcome).inc(len(events))


async def _split(body: bytes, content_type: str) -> list[bytes]:
    """Split large bodies in a thread: hostile ones take up to a second."""
    if len(body) > _IN_A_THREAD:
        return await asyncio.to_thread(split, body, content_type)
    return split(body, content_type)


def _size(events: list[Admitted]) -> int:
    """As bundles count: a line break each."""
    return sum(len(event.raw) + 1 for event in events)
