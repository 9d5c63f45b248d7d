"""What the changes topic says of the live segment: how long after its event somebody enters, after its time leaves."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
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
    entered: dict[str, tuple[float, str]] = field(default_factory=dict)
    """By the event that is named as cause: when, and who."""
    left: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By person: when it was seen, and when it was to be."""
    others: int = 0
    """Messages about other definitions."""

    def note(self, message: Mapping[str, Any], seen: float) -> None:
        """One message."""
        if (message["kind"], message["key"]) != ("segment", self.key):
            self.others += 1
        elif message["to"]:
            self.entered[message["cause_ref"] or ""] = (seen, message["person_id"])
        else:
            self.left[message["person_id"]] = (seen, datetime.fromisoformat(message["at"]).timestamp())

    def is_through(self, events: Collection[str]) -> bool:
        """Whether whoever was to enter for these events has, and has left again."""
        return all(event in self.entered and self.entered[event][1] in self.left for event in events)

    def delays_of_entries(self, sent: Mapping[str, float]) -> list[float]:
        """Seconds from just before the request to the message, for each event that has one."""
        return [self.entered[event][0] - moment for event, moment in sent.items() if event in self.entered]

    def delays_of_exits(self) -> list[float]:
        """Seconds from the end of the window to the message."""
        return [seen - due for seen, due in self.left.values()]


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

    def await_through(self, events: Collection[str], seconds: float) -> None:
        """Return when all of them are through, or the time is up: what is missing then is lost or very late.

        Raises Unavailable when the topic cannot be read.
        """
        deadline = time.monotonic() + seconds
        while not self.seen.is_through(events) and time.monotonic() < deadline:
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
