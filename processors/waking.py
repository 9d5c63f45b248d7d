"""The clock: events dated ahead of their arrival count when their time comes; whom they concern is touched then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from processors.records import Record
from processors.touched import Log, touches, weighings
from projections.concerned import claimants
from projections.database import Database
from projections.identity.work import due_sightings, roots_of
from projections.wakeups import due, say_woken, woken_until

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

    def process(self, _records: Sequence[Record]) -> None:
        """Touch everybody whose moment came since the last time."""
        now = self.clock()
        since = self._done or woken_until(self.database)
        wakeups = due(self.database, since - _OVERLAP, now)
        subjects = {subject for subject, _ in wakeups if subject}
        subjects |= claimants(self.database, {thing for _, thing in wakeups if thing})
        if subjects:
            roots, _ = roots_of(self.database, subjects)
            seeds = due_sightings(self.database, since - _OVERLAP, now)
            outgoing = [*touches(self.log, self.touched_topic, roots.values()), *weighings(self.identity_topic, seeds)]
            self.log.publish(outgoing, self.ack_timeout)
            say_woken(self.database, now, len(subjects))
        self._done = now
