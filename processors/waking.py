"""The clock: whoever is changed by time alone is touched when the time comes.

Events dated ahead of their arrival count then; windows end, anniversaries come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from processors.records import Record
from processors.touched import Log, flips, touches, weighings
from projections.concerned import claimants
from projections.database import Database
from projections.identity.work import due_sightings, roots_of
from projections.log.records import Record as Outgoing
from projections.membership.model import Cause
from projections.wakeups import due, flips_due, say_woken, woken_until

# A wakeup may become visible a little after its moment; looking back this far finds it. Touching twice is harmless.
_OVERLAP = timedelta(seconds=5)


@dataclass(slots=True)
class Waker:
    """Touches who is due. Several workers may do so at once."""

    database: Database
    log: Log
    touched_topic: str
    identity_topic: str
    clock: Callable[[], datetime]
    interval: float = 1.0
    ack_timeout: float = 30.0
    _done: datetime | None = None
    _flipped: set[tuple[datetime, str]] = field(default_factory=set)

    def process(self, _records: Sequence[Record]) -> None:
        """Touch everybody whose moment came since the last time."""
        now = self.clock()
        since = self._done or woken_until(self.database)
        wakeups = due(self.database, since - _OVERLAP, now)
        subjects = {subject for subject, _ in wakeups if subject}
        subjects |= claimants(self.database, {thing for _, thing in wakeups if thing})
        outgoing = self._flipping(since, now)
        if subjects:
            roots, _ = roots_of(self.database, subjects)
            seeds = due_sightings(self.database, since - _OVERLAP, now)
            causes = {root: (Cause("time"),) for root in roots.values()}
            outgoing += [*touches(self.log, self.touched_topic, causes), *weighings(self.identity_topic, seeds, {})]
        if outgoing:
            self.log.publish(outgoing, self.ack_timeout)
            say_woken(self.database, now, len(outgoing))
        self._done = now

    def _flipping(self, since: datetime, now: datetime) -> list[Outgoing]:
        """Have those looked at of whom a window ends, each once for each moment."""
        due_now = flips_due(self.database, since - _OVERLAP, now)
        new = {root for moment in due_now if moment not in self._flipped for root in [moment[1]]}
        self._flipped = set(due_now)
        return flips(self.log, self.touched_topic, new)
