"""Beginning a pass over everybody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from processors.touched import Log, pass_step
from projections.database import Database
from projections.library import Library
from projections.log.records import Placed
from projections.membership.model import CauseKind
from projections.passes import plan_pass, write_pass


@dataclass(frozen=True, slots=True)
class Passing:
    """Says that a pass has begun, and has its first step taken in every partition of the touched topic."""

    database: Database
    log: Log
    touched_topic: str
    ack_timeout: float = 30.0

    def begin(
        self, cause: CauseKind, cause_ref: str, refs: Collection[str], library: Library, now: datetime
    ) -> list[Placed]:
        """Have everybody evaluated by some definitions; none: by all. Raises Unavailable; then do it again."""
        partitions = self.log.partitions(self.touched_topic)
        planned = plan_pass(self.database, cause, cause_ref, sorted(refs), partitions, now)
        first = [pass_step(self.touched_topic, planned, *step) for step in planned.first]
        placed = self.log.publish(first, self.ack_timeout)
        write_pass(self.database, planned, library.fingerprint, now)  # one that nobody takes is never waited for
        return placed
