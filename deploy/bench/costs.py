"""What work costs in CPU seconds, held against what its bare form costs: both in turn, so that noise hits both."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deploy.bench.machine import cpu_seconds

Work = Callable[[], int]
"""Does some work; gives how many units that was."""
LEAST_SECONDS = 0.25
"""CPU seconds a sample takes at least: the system counts them in hundredths."""


@dataclass(frozen=True, slots=True)
class Side:
    """One kind of work, and which processes do it: some by their ids, and this one where it is no mere client."""

    work: Work
    pids: Sequence[int] = ()
    is_here: bool = True

    def cost(self, least: float = LEAST_SECONDS) -> float:
        """CPU microseconds a unit; the work is done again until there is enough to count."""
        units, before = 0, self._spent()
        while True:
            units += self.work()
            spent = self._spent() - before
            if spent >= least:
                return 1e6 * spent / units

    def _spent(self) -> float:
        others = sum(cpu_seconds({str(pid): pid for pid in self.pids}).values())
        return others + (time.process_time() if self.is_here else 0.0)


@dataclass(frozen=True, slots=True)
class Round:
    """What a unit cost, and at the same time its bare form."""

    cost: float
    limit: float

    @property
    def share(self) -> float:
        """How much of what is possible that is."""
        return self.limit / self.cost


@dataclass(slots=True)
class Pair:
    """A hot path beside its bare form."""

    name: str
    path: Side
    bare: Side
    rounds: list[Round] = field(default_factory=list)

    def sample(self, least: float = LEAST_SECONDS) -> None:
        """One round, the bare form first."""
        limit = self.bare.cost(least)
        self.rounds.append(Round(self.path.cost(least), limit))

    @property
    def best(self) -> Round:
        """The round of the greatest share: one quiet moment is enough to show what a path can do."""
        return max(self.rounds, key=lambda each: each.share)

    @property
    def middle(self) -> Round:
        """The one in the middle, of which it may be expected that others reach it."""
        return sorted(self.rounds, key=lambda each: each.share)[len(self.rounds) // 2]
