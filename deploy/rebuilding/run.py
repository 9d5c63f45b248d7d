"""One rebuild from its beginning, or from where a former attempt ended, to the exchange; and back again.

The tables beside follow the live ones until they are exchanged, and in the last moment everything is written to both.
After the exchange, what lies in the log since the last look is done again to the tables that are live then: every
write is keyed by its place in the log, so that doing it twice, or late, is harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from deploy.attaching import Attached
from deploy.errors import CannotStart
from deploy.rebuilding.steps import Phase
from deploy.rebuilding.works import work_of
from processors.touched import Log
from projections.database import Database
from projections.rebuilding.beside import Beside
from projections.rebuilding.catalogue import Projection, Tables, projection, tables
from projections.rebuilding.comparing import COMPARED, Differences, compare
from projections.rebuilding.state import Journal, Rebuild, begun, latest

_FEW, _ROUNDS = 200, 20
_AMID = "A rebuild of {} was interrupted while it exchanged tables. Run that one again: it finishes."


@dataclass(slots=True)
class Rebuilding:
    """What the command does, step by step."""

    attached: Attached
    live: Database
    log: Log
    clock: Callable[[], datetime]
    asked: Projection
    from_log: bool

    @property
    def beside(self) -> Beside:
        """Both databases."""
        return Beside(self.attached.clickhouse)

    def known(self) -> Rebuild | None:
        """The last rebuild, as long as anything is left of it."""
        found = latest(self.live)
        return found if found and found.state != "dropped" and self.beside.is_there(self.live) else None

    def begin(self, *, anew: bool = False) -> Journal:
        """Go on with what is there, if it is the same; else begin. Raises CannotStart while former tables are kept."""
        known = self.known()
        if known and known.keeps:
            when = f"{known.begun_at:%Y-%m-%d %H:%M} UTC"
            raise CannotStart(
                f"The former tables of {known.projection} are kept still, from the rebuild begun {when}. "
                f"Drop them with cdp rebuild {known.projection} --drop, or go back with --rollback."
            )
        if known and self._is_same(known) and (known.is_swapping or not anew):
            return Journal(self.live, known)
        if known and known.is_swapping:
            raise CannotStart(_AMID.format(known.projection))
        self.beside.make(self.live)
        journal = Journal(self.live, begun(self.live, self.asked.name, self.clock(), from_log=self.from_log))
        journal.say()
        return journal

    def _is_same(self, known: Rebuild) -> bool:
        """Whether it is of the same projection and of the same schema as what is asked for."""
        wanted = (known.projection, known.from_log) == (self.asked.name, self.from_log)
        return wanted and self.beside.fits(self.live, tables(self.asked, from_log=known.from_log).all)

    def fill(self, journal: Journal, phase: Phase) -> None:
        """Compute everything, and catch up with what came meanwhile."""
        if journal.now.state == "filling":
            work_of(self.attached, journal, self.log, self.clock).fill(phase)
            journal.say(state="filled")
        self.catch_up(journal, phase)

    def catch_up(self, journal: Journal, phase: Phase) -> None:
        """Follow until little is left."""
        work, share = work_of(self.attached, journal, self.log, self.clock), phase("Catching up")
        before = work.catch_up()
        for _ in range(_ROUNDS):
            done = work.catch_up()
            if done < _FEW or done > before / 2:
                break
            before = done
        share(1.0)

    def compare(self, journal: Journal, phase: Phase) -> list[Differences]:
        """What differs, of each table that is compared."""
        found = []
        for name in self._tables(journal).written:
            if name in COMPARED:
                share = phase(f"Comparing {name.replace('_', ' ')}")
                found.append(compare(self.live, self.beside, COMPARED[name], share))
        return found

    def swap(self, journal: Journal, *, changed: bool) -> None:
        """Exchange the tables, there or back. Done again after a crash, it finishes; then `changed` is not known."""
        mine, beside, work = self._tables(journal), self.beside, work_of(self.attached, journal, self.log, self.clock)
        if not journal.now.is_swapping:
            returning = journal.now.state == "live"
            journal.say(state="returning" if returning else "swapping", uuids=beside.uuids(self.live, mine.all))
            beside.forward(self.live, mine.written)
            work.catch_up()
        beside.exchange(self.live, mine.all, journal.now.uuids)
        work.settle(changed=changed)
        beside.unforward(self.live, mine.written)
        journal.say(state="back" if journal.now.state == "returning" else "live")

    def roll_back(self, phase: Phase) -> Journal:
        """Exchange them once more, after the former ones have caught up."""
        known = self.known()
        if known is None or known.projection != self.asked.name or known.state not in ("live", "returning"):
            raise CannotStart(f"There is nothing to go back to: no former tables of {self.asked.name} are kept.")
        journal = Journal(self.live, known)
        if not self.beside.fits(self.live, self._tables(journal).all):
            raise CannotStart(
                "The tables have other columns now than the former ones had. Drop these with --drop, and rebuild anew."
            )
        self.catch_up(journal, phase)
        self.swap(journal, changed=True)
        return journal

    def drop(self) -> int:
        """Give up what is kept beside; gives how many bytes that were. Raises CannotStart amid an exchange."""
        known = self.known()
        if known is None:
            return 0
        if known.is_swapping:
            raise CannotStart(_AMID.format(known.projection))
        journal = Journal(self.live, known)
        size = self.beside.bytes_kept(self.live, self._tables(journal).all)
        self.beside.drop(self.live)
        journal.say(state="dropped")
        return size

    def _tables(self, journal: Journal) -> Tables:
        return tables(projection(journal.now.projection), from_log=journal.now.from_log)
