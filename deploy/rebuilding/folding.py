"""Folding everybody anew into a table beside the live one, and following whom the live stages touch meanwhile.

A dossier's version is the offset of a touch. Everything a touch tells of was written before it, so a fold that begins
when the touched topic ends at an offset holds all that touches before it tell of, and may carry it as its version:
whatever the live profiler writes for a later touch is greater, and wins, whenever it comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deploy.attaching import Attached
from deploy.rebuilding.steps import Phase, ends, replayed
from processors.passing import Passing
from processors.touched import Log, touched
from projections.database import Database
from projections.library import library_at
from projections.moments import AsOf
from projections.profiles import LIVE, write_profiles
from projections.rebuilding.state import Journal

PERSONS_A_STATEMENT = 1_000
_WHOLE = 2**64
# In the table's order. A page ends with all of a hash, so that the next one may begin behind it.
_SUBJECTS = """
SELECT subject_hash, subject FROM subject_places
WHERE subject_hash > {cursor:UInt64}
GROUP BY subject_hash, subject
ORDER BY subject_hash
LIMIT {limit:UInt32} WITH TIES
"""


@dataclass(frozen=True, slots=True)
class Folding:
    """`reads` has the facts and roots; `table` is where dossiers go."""

    attached: Attached
    reads: Database
    table: str
    log: Log
    clock: Callable[[], datetime]
    journal: Journal

    def note(self) -> None:
        """Remember where the touched topic ends: what is read from now on holds all that was touched before."""
        if not self.journal.now.touched:
            self.journal.say(touched=ends(self.attached, "touched"))

    def fill(self, phase: Phase) -> None:
        """Fold all there are. Every subject is asked, so that former ids have their row, too."""
        share = phase("Folding everybody")
        self.note()
        at = self.journal.now.touched
        asked = {"cursor": self.journal.now.cursor, "limit": PERSONS_A_STATEMENT}
        while rows := self.reads.tuples(_SUBJECTS, asked):
            self._fold({subject: at[self._partition(subject)] for _, subject in rows}, self.reads, self.table)
            asked["cursor"] = rows[-1][0]
            self.journal.say(cursor=rows[-1][0])
            share(rows[-1][0] / _WHOLE)
        share(1.0)

    def catch_up(self, until: Mapping[int, int] | None = None) -> int:
        """Fold whom the live stages have touched since, each with the version it has there."""
        done = 0
        for records, positions in replayed(self.attached, "touched", self.journal.now.touched, until):
            whom, _ = touched(records)
            self._fold({root: each.version for root, each in whom.items() if each.is_folded}, self.reads, self.table)
            self.journal.say(touched=positions)
            done += len(records)
        return done

    def settle(self, live: Database) -> None:
        """Fold into the live table whom the live stages touched since this last followed them."""
        for records, _ in replayed(self.attached, "touched", self.journal.now.touched):
            whom, _ = touched(records)
            self._fold({root: each.version for root, each in whom.items() if each.is_folded}, live, LIVE)

    def evaluate(self, live: Database) -> None:
        """Have everybody evaluated, since figures changed: only what comes out otherwise is a change."""
        library = library_at(live)
        passing = Passing(live, self.log, self.attached.topics["touched"])
        passing.begin("definition", "rebuild", (), library, self.clock())

    def _fold(self, versions: Mapping[str, int], reads: Database, table: str) -> None:
        items = list(versions.items())
        for start in range(0, len(items), PERSONS_A_STATEMENT):
            some = dict(items[start : start + PERSONS_A_STATEMENT])
            write_profiles(reads, some, AsOf(self.clock()), self.attached.terms, table)

    def _partition(self, root: str) -> int:
        return self.log.partition_for(self.attached.topics["touched"], root.encode())
