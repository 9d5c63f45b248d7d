"""What operators said of sources, as far as it counts for the records at hand.

Kafka is asked at most once a second where the control topic ends, and for a source that nobody knows yet. That is
enough for an event to be judged the same now and whenever the log is read again: a contract begins to count
`SETTLING` after it was appended, so one that was appended after the last question counts for none of the events that
were there when a chunk began. What is left of `SETTLING` is for brokers whose clocks differ. A source is declared at
once, and whoever writes to Kafka under its name after the key was made finds it so: that is asked for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from processors.records import Record
from schemas.bundle import HEADER_SOURCE
from schemas.source_register import SETTLING, Followed, SourceRegister, take_all

_PATIENCE = 30.0
_ASK_EVERY = SETTLING.total_seconds() / 2


class Follower(Protocol):
    """Reads the control topic; `projections.log.follow.LogFollower` is one."""

    def all_news(self, seconds: float) -> Iterable[Followed]:
        """All that was appended before this was called and was not given yet."""

    def close(self) -> None:
        """Disconnect."""


@dataclass(slots=True)
class SourceWatch:
    """One worker's view of the sources. Not safe to share between threads."""

    follower: Follower
    register: SourceRegister
    seconds: Callable[[], float] = time.monotonic
    _asked: float = -math.inf

    def renewed(self, records: Sequence[Record]) -> SourceRegister:
        """The register with all that counts for some records, which are in the log already. Raises Unavailable."""
        now = self.seconds()
        if now - self._asked >= _ASK_EVERY or self._has_stranger(records):
            take_all(self.register, self.follower.all_news(_PATIENCE))
            self._asked = now
        return self.register

    def close(self) -> None:
        """Disconnect; what is known stays."""
        self.follower.close()

    def _has_stranger(self, records: Sequence[Record]) -> bool:
        names = {record.headers.get(HEADER_SOURCE, b"") for record in records} - {b""}
        return not all(self.register.knows(name.decode("utf-8", "replace")) for name in names)
