"""What goes into the log, and where it came to lie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Record:
    """One record to write. Without a partition its key chooses, as in any Kafka client; without both, chance."""

    topic: str
    partition: int | None
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an acknowledged record lies."""

    topic: str
    partition: int
    offset: int


Outcome = Placed | Unavailable
"""What became of a record. Unavailable does not say that it is not in the log, only that nobody knows."""

OnDone = Callable[[Outcome], None]
