"""What the processors count: steps, rounds, waits and faults; and whether this worker is in its group."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from schemas.instruments import counter, gauge, histogram, registry


class StepWatch(Protocol):
    """Who wants to know how steps go."""

    def done(self, step: str, records: int, seconds: float) -> None:
        """A round is done."""
        ...

    def waits(self, step: str, dependency: str) -> None:
        """A round found a server away, and will be taken again."""
        ...

    def held(self, step: str) -> None:
        """A round was not taken: the step's breaker holds it."""
        ...

    def failed(self, step: str) -> None:
        """A round failed for another reason."""
        ...


class Unwatched:
    """Nobody wants to know."""

    def done(self, step: str, records: int, seconds: float) -> None:
        """Not noted."""

    def waits(self, step: str, dependency: str) -> None:
        """Not noted."""

    def held(self, step: str) -> None:
        """Not noted."""

    def failed(self, step: str) -> None:
        """Not noted."""


class Membership:
    """Whether this worker reads for the group. Written by the event loop, read by others."""

    partitions: int | None = None
    """How many it reads; None while it is not in the group, or the group shares them out anew."""

    def complaint(self) -> str:
        """What is wrong; '' when nothing is."""
        return "This worker has not joined its consumer group yet." if self.partitions is None else ""


class ProcessorMetrics:
    """The metrics of one worker, in a registry of its own; what each means, the catalogue says."""

    def __init__(self, membership: Membership) -> None:
        self.registry = made = registry()
        self._seconds = histogram("cdp_processors_step_seconds", made)
        self._records = counter("cdp_processors_records_total", made)
        self._waits = counter("cdp_processors_waits_total", made)
        self._held = gauge("cdp_processors_held", made)
        self._faults = counter("cdp_processors_faults_total", made)
        self._last_done = gauge("cdp_processors_last_done_timestamp_seconds", made)
        self._persons = histogram("cdp_processors_round_persons", made)
        self._letters = counter("cdp_processors_dead_letters_total", made)
        self._up = gauge("cdp_dependency_up", made)
        gauge("cdp_processors_partitions", made).set_function(lambda: membership.partitions or 0)

    def done(self, step: str, records: int, seconds: float) -> None:
        """A round is done."""
        self._seconds.labels(step).observe(seconds)
        self._records.labels(step).inc(records)
        self._last_done.labels(step).set(time.time())
        self._held.labels(step).set(0)

    def waits(self, step: str, dependency: str) -> None:
        """A round found a server away."""
        self._waits.labels(step, dependency).inc()

    def held(self, step: str) -> None:
        """A round was not taken."""
        self._held.labels(step).set(1)

    def failed(self, step: str) -> None:
        """A round failed for another reason."""
        self._faults.labels(step).inc()

    def looked_at(self, persons: int) -> None:
        """The profiler looked at so many persons in a round."""
        self._persons.observe(persons)

    def buried(self, codes: Iterable[str]) -> None:
        """Dead letters with these codes were kept."""
        for code, count in Counter(codes).items():
            self._letters.labels(code).inc(count)

    def tell_dependency(self, name: str, up: bool) -> None:  # noqa: FBT001 -- told by Health
        """Note how a dependency stands."""
        self._up.labels(name).set(up)
