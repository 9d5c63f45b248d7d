"""Signs of life of a stage: its step writes them, the watchdog reads them from another thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

Place = tuple[str, int]
"""A topic and a partition of it."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a stage is at: the number of the step it takes, the partitions of its records, the last sign of life."""

    stage: str
    step: int
    places: frozenset[Place]
    at: float


class Pulse:
    """One stage's. What is read is replaced as a whole, never changed, so threads need no lock."""

    def __init__(self, stage: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._clock = clock
        self._steps = 0
        self._sign: Sign | None = None

    @property
    def sign(self) -> Sign | None:
        """What it is at now; None between two steps."""
        return self._sign

    def begin(self, places: Collection[Place]) -> None:
        """A step begins."""
        self._steps += 1
        self._sign = Sign(self._stage, self._steps, frozenset(places), self._clock())

    def beat(self) -> None:
        """The step has got on: a statement was answered, or a server that does not answer is waited for."""
        if (sign := self._sign) is not None:
            self._sign = Sign(sign.stage, sign.step, sign.places, self._clock())

    def end(self) -> None:
        """The step is done."""
        self._sign = None
