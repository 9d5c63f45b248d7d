"""How far the stages are, read from their ledger at most every few milliseconds, however many ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from projections.database import Database
from projections.memberships import building
from projections.progress import (
    PROFILER,
    RESOLVER,
    UNDERTAKER,
    Head,
    TopicPartition,
    heads,
    latest_produced,
    produced_by,
)

_NO_HEADS: Mapping[TopicPartition, Head] = {}


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of the topics the stages read."""

    events: str
    identity: str
    touched: str
    dead_letters: str
    control: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far every stage was at one moment."""

    stages: Mapping[str, Mapping[TopicPartition, Head]]

    def done(self, stage: str, wanted: Mapping[TopicPartition, int]) -> bool:
        """Whether a stage has done these offsets."""
        known = self.stages.get(stage, _NO_HEADS)
        return all((head := known.get(place)) is not None and head.last >= offset for place, offset in wanted.items())

    def weighed(self, topics: Topics, wanted: Mapping[TopicPartition, int]) -> bool:
        """Whether it has been weighed who is one person, of what the recorder wrote up to these offsets."""
        return self.done(RESOLVER, {place: offset for place, offset in wanted.items() if place[0] == topics.identity})

    def projected(self, topics: Topics, wanted: Mapping[TopicPartition, int]) -> bool:
        """Whether what the stages wrote up to these offsets has been folded and buried."""
        touched = {place: offset for place, offset in wanted.items() if place[0] == topics.touched}
        letters = {place: offset for place, offset in wanted.items() if place[0] == topics.dead_letters}
        return self.done(PROFILER, touched) and self.done(UNDERTAKER, letters)


class Stages:
    """The ledger, cached for `keep` seconds."""

    def __init__(self, database: Database, topics: Topics, keep: float = 0.02) -> None:
        self.topics = topics
        self._database = database
        self._keep = keep
        self._lock = asyncio.Lock()
        self._read: tuple[float, Standing] | None = None
        self._latest: dict[str, tuple[Mapping[TopicPartition, Head], Mapping[TopicPartition, int]]] = {}

    async def standing(self) -> Standing:
        """How far every stage is. Raises Unavailable."""
        asked = time.monotonic()
        async with self._lock:
            if self._read is None or self._read[0] < asked - self._keep:
                begun = time.monotonic()
                self._read = (begun, Standing(await asyncio.to_thread(heads, self._database)))
            return self._read[1]

    async def is_building(self, version: int) -> bool:
        """Whether everybody is being evaluated by a definition of that version, or of one before."""
        built = await asyncio.to_thread(building, self._database)
        return any(each.version <= version for each in built.values())

    async def produced(self, stage: str, place: TopicPartition, offset: int) -> Mapping[TopicPartition, int] | None:
        """How far a stage's output reached when it had done this; None when it has not yet."""
        return await asyncio.to_thread(produced_by, self._database, stage, place, offset)

    async def latest_produced(self, stage: str) -> Mapping[TopicPartition, int]:
        """How far a stage's output reaches now; asked anew only when the stage has moved."""
        heads_now = (await self.standing()).stages.get(stage, _NO_HEADS)
        known = self._latest.get(stage)
        if known is None or known[0] != heads_now:
            known = self._latest[stage] = (heads_now, await asyncio.to_thread(latest_produced, self._database, stage))
        return known[1]
