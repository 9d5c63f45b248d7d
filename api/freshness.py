"""How fresh answers are: the latest time up to which everything in the log is in them.

Now and then the ends of the log are noted (a mark). A mark is recorded once the recorder has passed those ends,
weighed once the resolver has done what the recorder wrote for it until then, and projected once what both wrote has
been folded and buried. The newest projected mark's time is `as_of`. So freshness is what was seen, not what an offset
difference suggests; and when Kafka or a stage is away, it ages.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from api.stages import Stages, Standing
from projections.progress import PROFILER, RECORDER, RESOLVER, UNDERTAKER, TopicPartition, merge
from schemas.errors import Unavailable
from schemas.times import format_time

_MARKS = 240
_log = structlog.get_logger(__name__)


class Ends(Protocol):
    """Who knows where the log ends."""

    def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The offset each partition's next record will have."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """The log's ends at one time, and how far the stages had to come since."""

    at: datetime
    events: Mapping[TopicPartition, int]
    letters: Mapping[TopicPartition, int]
    follow: Mapping[TopicPartition, int] | None = None
    """What the recorder had written when it passed the mark, and the resolver when it had passed that."""
    weighed: bool = False

    @property
    def waits(self) -> bool:
        """Recorded, but not yet weighed."""
        return self.follow is not None and not self.weighed


class Freshness:
    """Notes marks in the background, every `interval` seconds, and when asked if the last is older than `renew`."""

    def __init__(
        self, ends: Ends, stages: Stages, clock: Callable[[], datetime], stale_after: float, interval: float = 1.0
    ) -> None:  # fmt: skip
        self._ends = ends
        self._stages = stages
        self._clock = clock
        self._stale_after = stale_after
        self._interval = interval
        self._marks: list[Mark] = []
        # Until a mark has been seen to arrive nothing is claimed.
        self._recorded_at = self._weighed_at = self._projected_at = datetime.fromtimestamp(0, UTC)
        self._standing = Standing({})
        self._running: asyncio.Task[None] | None = None
        self._refreshed_at = self._recorded_at

    async def run(self) -> None:
        """Note marks until cancelled."""
        while True:
            await self._refreshing()
            await asyncio.sleep(self._interval)

    async def shown(self, renew: float = 0.25, patience: float = 0.5) -> dict[str, Any]:
        """`as_of`, `lag_seconds` and `stale` of what is folded; waits a little for a mark of now."""
        if (self._clock() - self._refreshed_at).total_seconds() > renew:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._refreshing()), patience)
        return self._show(self._projected_at)

    def projections(self) -> list[dict[str, Any]]:
        """The freshness of each projection, by name."""
        ages = {
            "dead_letters": (UNDERTAKER, self._projected_at),
            "events": (RECORDER, self._recorded_at),
            "identity": (RESOLVER, self._weighed_at),
            "profiles": (PROFILER, self._projected_at),
        }
        return [
            {"name": name, **self._show(at), "stage": stage, "watermark": self._watermark(stage)}
            for name, (stage, at) in ages.items()
        ]

    def _watermark(self, stage: str) -> str | None:
        """When the newest record a stage has done was appended; None before the first."""
        heads = self._standing.stages.get(stage, {})
        return format_time(max(head.watermark for head in heads.values())) if heads else None

    def _show(self, at: datetime) -> dict[str, Any]:
        lag = max(0.0, (self._clock() - at).total_seconds())
        return {"as_of": format_time(at), "lag_seconds": round(lag, 3), "stale": lag > self._stale_after}

    def _refreshing(self) -> asyncio.Task[None]:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._note())
        return self._running

    async def _note(self) -> None:
        """Note a mark, and see how far the marks have come."""
        try:
            await self._mark()
            self._standing = await self._stages.standing()
            await self._advance(self._standing)
        except Unavailable as away:
            _log.warning("freshness unknown", what=away.what)

    async def _mark(self) -> None:
        topics = self._stages.topics
        at = self._clock()
        ends = await asyncio.to_thread(self._ends.end_offsets, [topics.events, topics.dead_letters])
        last = {place: end - 1 for place, end in ends.items() if end > 0}
        events = {place: offset for place, offset in last.items() if place[0] == topics.events}
        letters = {place: offset for place, offset in last.items() if place[0] == topics.dead_letters}
        self._marks = [*self._marks[-_MARKS:], Mark(at, events, letters)]
        self._refreshed_at = at

    async def _advance(self, standing: Standing) -> None:
        if await self._step(RECORDER, lambda mark: mark.follow is None and standing.done(RECORDER, mark.events)):
            self._recorded_at = max(mark.at for mark in self._marks if mark.follow is not None)
            standing = await self._stages.standing()
        topics = self._stages.topics
        if await self._step(RESOLVER, lambda mark: mark.waits and standing.weighed(topics, mark.follow or {})):
            self._weighed_at = max(mark.at for mark in self._marks if mark.weighed)
            standing = await self._stages.standing()
        arrived = [mark for mark in self._marks if mark.weighed and self._has_arrived(standing, mark)]
        if arrived:
            self._projected_at = arrived[-1].at
            self._marks = self._marks[self._marks.index(arrived[-1]) + 1 :]

    async def _step(self, stage: str, passed: Callable[[Mark], bool]) -> bool:
        """Note of the marks a stage has passed how far its output reaches now."""
        fresh = [mark for mark in self._marks if passed(mark)]
        if fresh:
            follow = await self._stages.latest_produced(stage)
            done = {
                mark.at: replace(mark, follow=merge([mark.follow or {}, follow]), weighed=stage == RESOLVER)
                for mark in fresh
            }
            self._marks = [done.get(mark.at, mark) for mark in self._marks]
        return bool(fresh)

    def _has_arrived(self, standing: Standing, mark: Mark) -> bool:
        return standing.projected(self._stages.topics, mark.follow or {}) and standing.done(UNDERTAKER, mark.letters)
