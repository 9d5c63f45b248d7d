"""Lag of the consumer group: records and seconds behind, by topic and partition, in what state, and until when.

Kafka is looked at every few seconds, and when asked; the last looks are the window that `lag_state` judges. They are
a cache of what Kafka says: each API process looks for itself, and all come to the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from api.lag_state import INTERVALS, Point, Rates, Readers, State, judge, rates
from projections.log.admin import Readers as GroupReaders
from projections.log.peek import Peeked
from projections.progress import Head, TopicPartition
from schemas.times import format_time

INTERVAL = 3.0
"""Seconds between the looks of a window: it spans half a minute, sixty commits of a worker that moves."""


class Offsets(Protocol):
    """Who knows the log's ends, and what groups have committed."""

    def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The offset each partition's next record will have."""
        ...

    def begin_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The offset of each partition's first record."""
        ...

    def committed(self, group: str) -> dict[TopicPartition, int]:
        """The next offset the group will read, per partition."""
        ...

    def readers(self, group: str) -> GroupReaders:
        """The group's living members, and what they read."""
        ...

    def retention(self, topics: Sequence[str]) -> dict[str, float | None]:
        """Seconds for which each topic keeps records; None: for ever."""
        ...


class Records(Protocol):
    """Who can look at single records."""

    def first(self, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, Peeked]:
        """The record at each of these offsets, or the next there is; without those that did not come in time."""
        ...


@dataclass(frozen=True, slots=True)
class Lag:
    """One partition as it is. Seconds are None while they are not known; of retention, while nothing is deleted."""

    place: TopicPartition
    committed: int
    end: int
    next: int
    """The first offset that is not done; later than `committed` by what was done since the last commit."""
    lag: int
    seconds: float | None
    oldest_at: datetime | None
    state: State
    rates: Rates | None
    deleted_unread: int
    kept_seconds: float | None
    deleted_in: float | None

    def shown(self, group: str) -> dict[str, Any]:
        """As GET /v1/lag shows it."""
        drain = 0.0 if self.lag == 0 else self.rates and self.rates.drain_seconds(self.lag)
        return {
            "group": group,
            "topic": self.place[0],
            "partition": self.place[1],
            "committed": self.committed,
            "end": self.end,
            "lag": self.lag,
            "lag_seconds": self.seconds,
            "drain_seconds": drain,
            "state": self.state,
            "rate_in": self.rates and round(self.rates.into, 2),
            "rate_out": self.rates and round(self.rates.out, 2),
            "oldest_at": self.oldest_at and format_time(self.oldest_at),
            "retention_seconds": self.kept_seconds,
            "deleted_in_seconds": self.deleted_in,
            "deleted_unread": self.deleted_unread,
        }


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at Kafka found; `at` is in seconds of a clock that only grows, `spans` those the window covers."""

    at: float
    members: int
    rows: tuple[Lag, ...]
    spans: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """Kafka's answers, all of about one moment."""

    ends: Mapping[TopicPartition, int]
    begins: Mapping[TopicPartition, int]
    committed: Mapping[TopicPartition, int]
    group: GroupReaders
    kept: Mapping[str, float | None]


@dataclass(slots=True)
class LagWatch:
    """Looks at lag and remembers the window. For one thread at a time; may block for seconds."""

    offsets: Offsets
    records: Records
    group: str
    topics: Sequence[str]
    late_after: float
    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    _window: dict[TopicPartition, deque[Point]] = field(default_factory=dict)
    _oldest: dict[TopicPartition, tuple[int, datetime]] = field(default_factory=dict)

    def look(self, heads: Mapping[TopicPartition, Head]) -> Look:
        """Look now. `heads` says how far the stages are, as far as that is known. Raises Unavailable."""
        asked = self._ask()
        at, now = self.seconds(), self.clock()
        following = {place: _next(asked, place, heads.get(place)) for place in asked.ends}
        self._read_oldest({place: offset for place, offset in following.items() if offset < asked.ends[place]})
        self._remember(at, asked)
        rows = tuple(self._row(asked, place, following[place], now) for place in sorted(asked.ends))
        return Look(at, len(asked.group.members), rows, max(map(_spans, self._window.values()), default=0.0))

    def _ask(self) -> _Asked:
        """What is committed is read before the ends: so a lag is never below zero, nor zero by mistake."""
        committed = self.offsets.committed(self.group)
        ends = self.offsets.end_offsets(self.topics)
        begins = self.offsets.begin_offsets(self.topics)
        readers = self.offsets.readers(self.group)
        kept = self.offsets.retention(sorted({topic for topic, _ in ends}))
        first = {place: committed.get(place, begins.get(place, 0)) for place in ends}
        return _Asked(ends, begins, first, readers, kept)

    def _read_oldest(self, waiting: Mapping[TopicPartition, int]) -> None:
        """Know when the oldest record that waits was appended; it is read once, as long as it is the oldest."""
        self._oldest = {p: known for p, known in self._oldest.items() if waiting.get(p) == known[0]}
        unknown = {place: offset for place, offset in waiting.items() if place not in self._oldest}
        if unknown:
            found = self.records.first(unknown)
            self._oldest |= {place: (unknown[place], record.appended_at) for place, record in found.items()}

    def _remember(self, at: float, asked: _Asked) -> None:
        """Keep this look, in place of the last one if that came before its time."""
        for place, end in asked.ends.items():
            window = self._window.setdefault(place, deque(maxlen=INTERVALS + 1))
            if len(window) > 1 and window[-1].at - window[-2].at < INTERVAL:
                window.pop()
            window.append(Point(at, asked.committed[place], end))

    def _row(self, asked: _Asked, place: TopicPartition, following: int, now: datetime) -> Lag:
        window, end = self._window[place], asked.ends[place]
        waits = following < end
        oldest = self._oldest[place][1] if waits and place in self._oldest else None
        age = round(max(0.0, (now - oldest).total_seconds()), 3) if oldest else None
        seconds = age if waits else 0.0
        readers = Readers(bool(asked.group.members), place in asked.group.assigned)
        full = _spans(window) >= INTERVAL * (INTERVALS - 1)
        kept = asked.kept.get(place[0])
        return Lag(
            place=place,
            committed=asked.committed[place],
            end=end,
            next=following,
            lag=window[-1].lag,
            seconds=seconds,
            oldest_at=oldest,
            state=judge(window, readers, seconds, self.late_after, full=full),
            rates=rates(window),
            deleted_unread=max(0, asked.begins.get(place, 0) - asked.committed[place]),
            kept_seconds=kept,
            deleted_in=_left(oldest, kept, now),
        )


def _next(asked: _Asked, place: TopicPartition, head: Head | None) -> int:
    """The first offset that is there and not done."""
    done = head.last + 1 if head else 0
    return min(max(asked.committed[place], done, asked.begins.get(place, 0)), asked.ends[place])


def _spans(window: deque[Point]) -> float:
    return window[-1].at - window[0].at if window else 0.0


def _left(oldest: datetime | None, kept: float | None, now: datetime) -> float | None:
    """Seconds until the oldest record that waits is deleted."""
    if oldest is None or kept is None:
        return None
    return round(max(0.0, (oldest + timedelta(seconds=kept) - now).total_seconds()), 3)
