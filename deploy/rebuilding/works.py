"""How each projection is computed: from facts, from the log, from a topic of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from deploy.attaching import Attached
from deploy.rebuilding.folding import Folding
from deploy.rebuilding.recording import Recording
from deploy.rebuilding.steps import Phase, Work, count, ends, replayed
from processors.touched import Log
from processors.undertaker.step import Undertaker
from projections.database import Database
from projections.letter_orders import purge_letters, purged_before
from projections.profiles import LIVE
from projections.progress import UNDERTAKER, heads
from projections.rebuilding.beside import Beside
from projections.rebuilding.catalogue import LETTERS
from projections.rebuilding.state import Journal


@dataclass(frozen=True, slots=True)
class FromFacts:
    """Dossiers of the facts there are."""

    folding: Folding
    live: Database

    def fill(self, phase: Phase) -> None:
        """Fold everybody."""
        self.folding.fill(phase)

    def catch_up(self) -> int:
        """Fold who was touched."""
        return self.folding.catch_up()

    def settle(self, *, changed: bool) -> None:
        """Fold whose row may have been written to the former table."""
        self.folding.settle(self.live)
        if changed:
            self.folding.evaluate(self.live)


@dataclass(frozen=True, slots=True)
class FromLog:
    """Facts of the log, who is one person by them, and dossiers of these."""

    recording: Recording
    folding: Folding
    live: Database
    log: Log
    journal: Journal

    def fill(self, phase: Phase) -> None:
        """All of it, one after the other. Touches are noted before the log is read to its end: see `Folding`."""
        if not self.journal.now.touched:
            self.recording.fill(phase)
            self.folding.note()
        self.recording.catch_up()
        self.folding.fill(phase)

    def catch_up(self) -> int:
        """What came since. Where touches end is asked first: what they tell of is in the log by then."""
        until = ends(self.folding.attached, "touched")
        recorded = self.recording.catch_up()
        touched = self.folding.catch_up(until)
        self.journal.say(events=self.recording.positions())
        return recorded + touched

    def settle(self, *, changed: bool) -> None:
        """Record, fold and weigh again what the live stages may have written to the former tables."""
        self.recording.settle(self.live, self.log, dict(self.journal.now.events))
        self.folding.settle(self.live)
        if changed:
            self.folding.evaluate(self.live)


@dataclass(frozen=True, slots=True)
class Letters:
    """The dead letters of their topic."""

    attached: Attached
    next: Database
    live: Database
    journal: Journal

    def fill(self, phase: Phase) -> None:
        """Every letter there is."""
        share, until = phase("Burying the letters"), ends(self.attached, "dead_letters")
        self._bury(self.next, self._positions(), until, lambda left: share(1 - left / max(count({}, until), 1)))
        share(1.0)

    def catch_up(self) -> int:
        """What came since."""
        done = self._bury(self.next, self._positions(), None, lambda _: None)
        self.journal.say(events=self._positions())
        return done

    def settle(self, *, changed: bool) -> None:
        """Bury again what may have gone to the former table."""
        del changed
        self._bury(self.live, dict(self.journal.now.events), None, lambda _: None)
        before = purged_before(self.live)
        if before.timestamp():  # a purge that came meanwhile went to the former table
            purge_letters(self.live, before)

    def _positions(self) -> dict[int, int]:
        found = heads(self.next).get(UNDERTAKER, {})
        return {partition: head.last + 1 for (_, partition), head in found.items()}

    def _bury(
        self, database: Database, since: dict[int, int], until: dict[int, int] | None, left: Callable[[int], None]
    ) -> int:
        Beside(self.attached.clickhouse).copy_controls(self.next)
        undertaker, done = Undertaker(database), 0
        for records, positions in replayed(self.attached, "dead_letters", since, until):
            undertaker.process(records)
            done += len(records)
            left(count(positions, until or positions))
        return done


def work_of(attached: Attached, journal: Journal, log: Log, clock: Callable[[], datetime]) -> Work:
    """How the rebuild of a journal is computed."""
    beside = Beside(attached.clickhouse)
    live, following = journal.database, Database(beside.next, brief=True)
    if journal.now.projection == LETTERS.name:
        return Letters(attached, following, live, journal)
    if not journal.now.from_log:
        table = f"{beside.next.database}.{LIVE}"
        return FromFacts(Folding(attached, live, table, log, clock, journal), live)
    folding = Folding(attached, following, LIVE, log, clock, journal)
    return FromLog(Recording(attached, beside, following, clock), folding, live, log, journal)
