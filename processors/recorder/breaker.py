"""The breaker: when too many events are refused, the recorder is held rather than all of them made dead letters.

A bad deploy refuses what was good. Whether there is too much of it is a function of the log: of what is in the ledger
and of the records at hand, each by the broker's append time. So it comes out the same after a restart, with however
many workers and however records are cut into chunks, and no restart lets another window's worth through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.holding import Held
from processors.recorder.reading import Read
from processors.records import Record
from projections.breaker import Hold, RecordPlace, Refused, Tally, resumed_until, tallies, write_holds, write_refused
from projections.database import Database


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be refused; see the settings `CDP_DEAD_LETTERS__BREAKER_…`."""

    events: int
    ratio: float
    run: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Excess:
    """Too much: of so many events so many were refused."""

    reason: str
    events: int
    refused: int


def excess(past: Iterable[Tally], present: Iterable[Tally], limits: Limits) -> Excess | None:
    """Whether any event at hand would be refused beyond the limits, looking back from it along the log."""
    moments = _moments(past, present)
    oldest = first = 0
    events = [0]
    refused = [0]
    last_taken = -1
    for place, (tally, is_present) in enumerate(moments):
        events.append(events[-1] + tally.taken + tally.refused)
        refused.append(refused[-1] + tally.refused)
        last_taken = place if tally.taken else last_taken
        while moments[oldest][0].at <= tally.at - limits.within:
            oldest += 1
        first = max(first, oldest)
        while events[place + 1] - events[first + 1] >= limits.events:
            first += 1
        if not is_present:
            continue
        run = refused[-1] - refused[max(last_taken + 1, oldest)]
        if 0 < limits.run < run:
            return Excess("run", run, run)
        window, bad = events[-1] - events[first], refused[-1] - refused[first]
        if window >= limits.events and bad > limits.ratio * window:
            return Excess("ratio", window, bad)
    return None


def _moments(past: Iterable[Tally], present: Iterable[Tally]) -> list[tuple[Tally, bool]]:
    """One tally a moment of the log, in its order; true where something at hand was refused."""
    found: dict[datetime, tuple[int, int, bool]] = {}
    for many, is_present in ((past, False), (present, True)):
        for each in many:
            taken, refused, was = found.get(each.at, (0, 0, False))
            known = (taken + each.taken, refused + each.refused, was or (is_present and each.refused > 0))
            found[each.at] = known
    return [(Tally(at, taken, refused), was) for at, (taken, refused, was) in sorted(found.items())]


@dataclass(slots=True)
class Breaker:
    """One worker's breaker."""

    database: Database
    topic: str
    limits: Limits
    clock: Callable[[], datetime]
    _told: set[RecordPlace] = field(default_factory=set)

    def require(self, records: Sequence[Record], found: Read) -> None:
        """Count what is refused of some records. Raises Held when it is too much; nothing is written then."""
        refused = _refused(found)
        if not refused:
            return
        until = resumed_until(self.database)
        over = excess(self._past(refused, until), _present(found, refused, until), self.limits)
        if over is not None:
            self._tell(records, found, over)
            raise Held(
                f"{over.refused} of the last {over.events} events were refused ({over.reason}): the recorder stands. "
                "Mend what refuses them and restart, or let them become dead letters with cdp dead-letters resume."
            )
        write_refused(self.database, refused)

    def _past(self, refused: Sequence[Refused], until: datetime) -> list[Tally]:
        times = [each.at for each in refused]
        since = max(min(times) - self.limits.within, until)
        return tallies(self.database, self.topic, since, max(times), {each.place for each in refused})

    def _tell(self, records: Sequence[Record], found: Read, over: Excess) -> None:
        """Leave word where the recorder stands, once."""
        firsts: dict[int, Record] = {}
        for record in records:
            firsts.setdefault(record.partition, record)
        codes = Counter(letter.code for letter in found.letters)
        now = self.clock()
        holds = [
            Hold((p, record.offset), record.appended_at, now, over.reason, over.events, over.refused, codes)
            for p, record in firsts.items()
            if (p, record.offset) not in self._told
        ]
        write_holds(self.database, holds)
        self._told |= {each.place for each in holds}


def _refused(found: Read) -> list[Refused]:
    """What is refused, by record."""
    counts: Counter[tuple[datetime, int, int]] = Counter()
    for letter in found.letters:
        counts[letter.received_at, letter.partition or 0, letter.offset or 0] += 1
    return [Refused(at, (partition, offset), events) for (at, partition, offset), events in counts.items()]


def _present(found: Read, refused: Sequence[Refused], until: datetime) -> list[Tally]:
    """What is at hand, without what an operator let through."""
    taken = Counter(candidate.fact.place.received_at for candidate in found.candidates)
    tallied = [*(Tally(at, n, 0) for at, n in taken.items()), *(Tally(each.at, 0, each.events) for each in refused)]
    return [each for each in tallied if each.at > until]
