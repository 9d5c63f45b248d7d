"""In what state a partition is, judged over a sliding window of looks by the rules of LinkedIn's Burrow.

Burrow (core/internal/evaluator, and "Consumer Lag Evaluation Rules" in its wiki) needs no threshold: a lag is bad when
it does not shrink. Its rules, the first that holds: at some look nothing waited: ok; what is committed stands still:
stalled, or stopped; it moves, but the lag never shrank: warn; else ok. What differs: since Faust commits only what
moved, that a partition is read by nobody is seen from the group's assignment, not from commits that do not come.
The lag one allows (Burrow's `allowed-lag`) is a second, for a steady stream always has a few records on their way; what
is done and not committed yet does not count for it. And whoever is behind by more than answers may be
(`CDP_STALE_AFTER`) warns, though it catches up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

State = Literal["ok", "warn", "stalled", "stopped", "no_members"]
STATES: tuple[State, ...] = ("ok", "warn", "stalled", "stopped", "no_members")

INTERVALS = 10
"""Burrow's default: as many intervals between looks make a window."""
_ALLOWED_SECONDS = 1.0
_RATE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Point:
    """One partition at one look, in seconds of a clock that only grows."""

    at: float
    committed: int
    end: int

    @property
    def lag(self) -> int:
        """Records not committed; never below zero, though the two were not read at the same moment."""
        return max(0, self.end - self.committed)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads: whether the group has living members, and whether one of them has this partition."""

    any: bool
    of_partition: bool


def judge(window: Sequence[Point], readers: Readers, behind: float | None, late_after: float, *, full: bool) -> State:
    """The state at the last look. `behind`: age of the oldest not done, None: unknown; `full`: so is the window."""
    if not readers.any:
        return "no_members"
    if any(point.lag == 0 for point in window):
        return "ok"
    if full and window[0].committed == window[-1].committed:
        return "stalled" if readers.of_partition else "stopped"
    if behind is not None and behind <= _ALLOWED_SECONDS:
        return "ok"
    shrank = any(after.lag < before.lag for before, after in pairwise(window))
    is_late = behind is not None and behind > late_after
    return "warn" if is_late or (full and not shrank) else "ok"


@dataclass(frozen=True, slots=True)
class Rates:
    """Records a second that come and that are done."""

    into: float
    out: float

    def drain_seconds(self, lag: int) -> float | None:
        """Until nothing waits, if it goes on like this; None: never."""
        if lag == 0:
            return 0.0
        shrinks = self.out - self.into
        return round(lag / shrinks, 3) if shrinks > 0 else None


def rates(window: Sequence[Point]) -> Rates | None:
    """Over the last ten seconds or so; None while there was but one look."""
    last = window[-1]
    first = next((point for point in window if last.at - point.at <= _RATE_SECONDS), last)
    span = last.at - first.at
    if span <= 0:
        return None
    return Rates(max(0, last.end - first.end) / span, max(0, last.committed - first.committed) / span)
