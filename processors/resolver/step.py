"""The resolver: who is one person. Identifiers seen together are weighed anew, and whoever moves is touched.

For each step, in this order: the journal (whom it concerns), the roots, refusals, then touches (acknowledged by the
broker), what was weighed, the journal again, then the ledger. After a crash in between, the journal says who is still
to be touched; weighing again comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from processors.following import Following
from processors.records import Record, ranges
from processors.touched import Log, seeds_of, touches
from projections.database import Database
from projections.identity.keeping import finish_step, lately, write_refusals, write_step, write_weighed
from projections.identity.rules import rules_at
from projections.identity.settling import Settlement, settle, settle_all
from projections.log.records import Placed
from projections.moments import AsOf
from projections.progress import RESOLVER, write_ranges

MOVES_A_STEP = 50_000


@dataclass(slots=True)
class Resolver:
    """The one resolver: its topic has one partition. Not safe to share between threads."""

    database: Database
    log: Log
    clock: Callable[[], datetime]
    touched_topic: str
    ack_timeout: float = 30.0
    _following: Following = field(init=False)

    def __post_init__(self) -> None:
        """Know how far the output reaches."""
        self._following = Following(self.database, RESOLVER)

    def process(self, records: Sequence[Record]) -> None:
        """Weigh what these records name. Raises Unavailable; then do it again."""
        written = self.resolve(seeds_of(records))
        produced = self._following.after(records, written)
        write_ranges(self.database, RESOLVER, ranges(records, len(records), produced))

    def resolve(self, seeds: AbstractSet[str] | None) -> list[Placed]:
        """Weigh anew around some identifiers, or everything. Returns where the touches lie."""
        last, unfinished = lately(self.database)
        moment = AsOf(self.clock())
        rules = rules_at(self.database, moment)
        if seeds is None or last == 0:  # nothing was ever weighed: what was recorded before is, too
            found = settle_all(self.database, rules, moment, last + 1)
        else:
            found = settle(self.database, seeds, rules, moment, last + 1)
        return self._keep(found, unfinished)

    def _keep(self, found: Settlement, unfinished: Sequence[str]) -> list[Placed]:
        version = found.step.version
        written = self._touch(unfinished)
        for part in found.step.parts(MOVES_A_STEP) if found.step.moved else [found.step]:
            version = part.version
            write_step(self.database, part)
            written += self._touch(part.touched)
        write_refusals(self.database, found.refused, found.lifted, version)
        write_weighed(self.database, found.weighed, version)
        if written or version == 1:
            finish_step(self.database, version)
        return written

    def _touch(self, roots: Sequence[str]) -> list[Placed]:
        outgoing = touches(self.log, self.touched_topic, roots)
        return self.log.publish(outgoing, self.ack_timeout) if outgoing else []
