"""What the changes topic says of the live segment: how long after its event somebody enters, after its time leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import orjson

from projections.log.consumer import LogTail
from schemas.errors import Unavailable

_POLL = 0.2


@dataclass(slots=True)
class Seen:
    """Messages about one segment, each with when it was seen, in Unix seconds."""

    key: str
    entered: dict[str, tuple[float, str | None]] = field(default_factory=dict)
    """By person: when, and what is named as cause."""
    left: dict[str, tuple[float, str]] = field(default_factory=dict)
    """By person: when, and the kind of cause."""
    others: int = 0
    """Messages about other definitions."""

    def note(self, message: Mapping[str, Any], seen: float) -> None:
        """One message."""
        if (message["kind"], message["key"]) != ("segment", self.key):
            self.others += 1
        elif message["to"]:
            self.entered[message["person_id"]] = (seen, message["cause_ref"])
        else:
            self.left[message["person_id"]] = (seen, message["cause"])

    def is_through(self, persons: Collection[str]) -> bool:
        """Whether all of them have entered and left again."""
        return all(person in self.entered and person in self.left for person in persons)

    def delays_of_entries(self, due: Mapping[str, float]) -> list[float]:
        """Seconds from when each person's event was sent to the message; of those who have one."""
        return [self.entered[person][0] - moment for person, moment in due.items() if person in self.entered]

    def delays_of_exits(self, due: Mapping[str, float]) -> list[float]:
        """Seconds from when each person's window ended to the message; of those who have one."""
        return [self.left[person][0] - moment for person, moment in due.items() if person in self.left]

    def wrong_causes(self, events: Mapping[str, str]) -> int:
        """How many entered for another event than theirs, or left for anything but time."""
        named = sum(self.entered[person][1] != event for person, event in events.items() if person in self.entered)
        return named + sum(cause != "time" for _, cause in self.left.values())


class Watcher:
    """Reads the topic on a thread of its own, from when the block begins until it ends."""

    def __init__(self, bootstrap: str, topic: str, key: str) -> None:
        self.seen = Seen(key)
        self._bootstrap, self._topic = bootstrap, topic
        self._stop = Event()
        self._failed: Unavailable | None = None

    def __enter__(self) -> Self:
        self._tail = LogTail(self._bootstrap, self._topic)
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def await_through(self, persons: Collection[str], seconds: float) -> None:
        """Return when all of them are through, or the time is up: what is missing then is lost or very late.

        Raises Unavailable when the topic cannot be read.
        """
        self._await(lambda: self.seen.is_through(persons), seconds)

    def await_entries(self, persons: Collection[str], seconds: float) -> None:
        """Return when all have entered a segment that nobody leaves, or the time is up. Raises Unavailable."""
        self._await(lambda: all(person in self.seen.entered for person in persons), seconds)

    def _await(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline:
            if self._failed is not None:
                raise self._failed
            time.sleep(_POLL)

    def _read(self) -> None:
        try:
            with closing(self._tail) as tail:
                while not self._stop.is_set():
                    values = tail.values(_POLL)
                    now = time.time()
                    for value in values:
                        self.seen.note(orjson.loads(value), now)
        except Unavailable as failed:
            self._failed = failed
