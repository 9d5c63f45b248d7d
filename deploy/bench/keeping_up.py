"""How many events a second the whole chain takes: by a backlog that it catches up with, and by traffic that lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.bench.chain import EVENTS_A_REQUEST, Chain
from deploy.bench.firing import Fired
from deploy.bench.ledger import Chunk
from deploy.bench.mixes import Mix
from deploy.bench.phases import Phase
from deploy.bench.trend import all_current, current_by, delays, slope
from deploy.errors import CannotReach

FIRST_BACKLOG = 2_000
LARGEST_BACKLOG = 1_000_000
_GROWTH = 4
_LONGEST = 2
"""Times the seconds that a backlog may take."""
_PATIENCE = 10
_SETTLING = 0.2
"""Share of the time after which the delay is what it is under this load."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Traffic that is through. Moments in Unix seconds."""

    events: int
    """Of those that ingest took."""
    refused: int
    began: float
    """The first 202; at a rate, when the first request was due."""
    posted: float
    """The last 202."""
    current: float
    """All of it in profiles and memberships."""
    chunks: Sequence[Chunk]
    phase: Phase
    generator: float
    """CPU seconds of the load generator."""

    @property
    def seconds(self) -> float:
        """From the first 202 until all was current."""
        return self.current - self.began

    @property
    def per_second(self) -> float:
        """Events a second, over all of that."""
        return self.events / self.seconds

    @property
    def drained(self) -> float | None:
        """Events a second after the last 202, when ingest has nothing to do; None where little was left by then."""
        left, seconds = self.events - current_by(self.chunks, self.posted), self.current - self.posted
        return left / seconds if left > self.events / 10 else None

    @property
    def growth(self) -> float:
        """By how many seconds a second the delay grew while it came, once it had begun."""
        settled = self.began + _SETTLING * (self.posted - self.began)
        return slope(delays([each for each in self.chunks if settled <= each.first and each.last <= self.posted]))

    def sustained(self, rate: float) -> float:
        """Of a rate what is done a second, seen by how fast the delay grows."""
        return rate * (1 - min(1.0, max(0.0, self.growth)))


def catch_up(chain: Chain, mix: Mix, seconds: int) -> Passed:
    """Backlogs posted as fast as ingest takes them, each four times the one before, as long as one takes bounded time.

    The last is told: of a small one most is what a round takes for whomever. Raises CannotReach when one takes far
    longer than those before let expect.
    """
    before: Passed | None = None
    while True:
        events = min(_GROWTH * before.events, LARGEST_BACKLOG) if before else FIRST_BACKLOG
        found = _pass(chain, mix, events, None, seconds)
        if found.events >= LARGEST_BACKLOG or foreseen(before, found) > _LONGEST * seconds:
            return found
        before = found


def foreseen(before: Passed | None, found: Passed) -> float:
    """Seconds that the next backlog takes, if each more event takes as long as those more did this time."""
    more, longer = (found.events - before.events, found.seconds - before.seconds) if before else (0, 0.0)
    each = max(0.0, longer / more) if more else 0.0
    return found.seconds + (_GROWTH - 1) * found.events * each


def keep_up(chain: Chain, mix: Mix, rate: float, seconds: int) -> Passed:
    """Traffic at a rate for so long, whatever becomes of it. Raises CannotReach when it is not through long after."""
    return _pass(chain, mix, round(rate * seconds), rate, seconds)


def _pass(chain: Chain, mix: Mix, events: int, rate: float | None, seconds: int) -> Passed:
    events = EVENTS_A_REQUEST * max(1, round(events / EVENTS_A_REQUEST))
    name = f"{events:,} events, {mix}" + (f", {rate:,.0f} a second" if rate else " at once")
    with chain.traffic(mix, events, rate) as made, chain.phases.phase(name):
        fired = made.fire()
        chain.await_current(max(60, _PATIENCE * seconds))
    began = fired.tally.began + (0.0 if rate else min(fired.tally.latencies, default=0.0))
    return _passed(fired, began, chain.chunks_since(fired.tally.began), chain.phases.done[-1])


def _passed(fired: Fired, began: float, chunks: Sequence[Chunk], phase: Phase) -> Passed:
    tally = fired.tally
    if (current := all_current(chunks)) is None:
        raise CannotReach("The ledger does not say when the last events were current.")
    events = EVENTS_A_REQUEST * (tally.statuses.total() - fired.refused())
    return Passed(
        events,
        EVENTS_A_REQUEST * fired.refused(),
        began,
        tally.began + tally.seconds,
        current,
        chunks,
        phase,
        fired.cpu,
    )
