"""Windows of time in which things changed: as wide as a platform allows, each a bit over the one before. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

OVERLAP = timedelta(minutes=5)
"""What is read once more: a change that came late into the platform's list is found all the same."""

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, whole seconds."""

    start: datetime
    end: datetime

    def halves(self) -> tuple[Window, ...]:
        """Two of them; itself, when it is a second and cannot be cut."""
        middle = whole(self.start + (self.end - self.start) / 2)
        if middle - self.start < _SECOND:
            return (self,)
        return Window(self.start, middle), Window(middle, self.end)


def next_window(until: datetime, goal: datetime, widest: timedelta, earliest: datetime) -> Window | None:
    """The window that brings who is done up to `until` nearer to `goal`; None when there is nothing to do.

    It begins before `until` by the overlap, never before `earliest`: the platform knows nothing older.
    """
    if until >= goal:
        return None
    start = max(until - OVERLAP, earliest)
    return Window(start, min(start + widest, goal))


def whole(moment: datetime) -> datetime:
    """The second it lies in: platforms count in seconds."""
    return moment.replace(microsecond=0)
