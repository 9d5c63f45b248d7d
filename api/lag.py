"""Lag of the consumer group: records and seconds behind, by topic and partition, and how long catching up takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from projections.progress import Head, TopicPartition

_WARN_SECONDS = 10.0
_LEAST_SPAN = 1.0


class Offsets(Protocol):
    """Who knows the log's ends and what groups have committed."""

    def end_offsets(self, topics: Sequence[str]) -> dict[TopicPartition, int]:
        """The offset each partition's next record will have."""
        ...

    def committed(self, group: str) -> dict[TopicPartition, int]:
        """The next offset the group will read, per partition."""
        ...

    def group_members(self, group: str) -> list[str]:
        """The group's living members."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    at: float
    committed: Mapping[TopicPartition, int]


class LagReader:
    """Reads lag. Rates come from what was committed between two calls at least a second apart."""

    def __init__(self, offsets: Offsets, group: str, topics: Sequence[str]) -> None:
        self._offsets = offsets
        self._group = group
        self._topics = topics
        self._lock = threading.Lock()
        self._before: _Seen | None = None
        self._last: _Seen | None = None

    def read(self, heads: Mapping[TopicPartition, Head], now: datetime) -> list[dict[str, Any]]:
        """One row a partition. `heads` says when the last record a stage has done was appended. Raises Unavailable."""
        committed = self._offsets.committed(self._group)
        ends = self._offsets.end_offsets(self._topics)
        manned = bool(self._offsets.group_members(self._group))
        rates = self._rates(committed)
        return [
            self._row(place, committed.get(place, 0), end, rates.get(place, 0.0), heads.get(place), now, manned=manned)
            for place, end in sorted(ends.items())
        ]

    def _rates(self, committed: Mapping[TopicPartition, int]) -> dict[TopicPartition, float]:
        """Records a second committed since the call before."""
        with self._lock:
            now = _Seen(time.monotonic(), committed)
            if self._last is None or now.at - self._last.at >= _LEAST_SPAN:
                self._before, self._last = self._last, now
            if self._before is None or self._last is None:
                return {}
            span = self._last.at - self._before.at
            before = self._before.committed
            return {place: (offset - before.get(place, 0)) / span for place, offset in self._last.committed.items()}

    def _row(  # noqa: PLR0913 -- one figure each
        self,
        place: TopicPartition,
        committed: int,
        end: int,
        rate: float,
        head: Head | None,
        now: datetime,
        *,
        manned: bool,
    ) -> dict[str, Any]:
        lag = max(0, end - committed)
        seconds = _seconds(lag, head, end, now)
        return {
            "group": self._group,
            "topic": place[0],
            "partition": place[1],
            "committed": committed,
            "end": end,
            "lag": lag,
            "lag_seconds": seconds,
            "drain_seconds": 0.0 if lag == 0 else round(lag / rate, 3) if rate > 0 else None,
            "state": _state(lag, seconds, rate, manned=manned),
        }


def _seconds(lag: int, head: Head | None, end: int, now: datetime) -> float | None:
    """The age of the last record done while others wait: at least that of the oldest waiting. None: never did any."""
    if lag == 0 or (head is not None and head.last + 1 >= end):
        return 0.0
    return None if head is None else round(max(0.0, (now - head.watermark).total_seconds()), 3)


def _state(lag: int, seconds: float | None, rate: float, *, manned: bool) -> str:
    if not manned:
        return "no_members"
    if lag == 0 or (seconds is not None and seconds <= _WARN_SECONDS):
        return "ok"
    return "warn" if rate > 0 else "stalled"
