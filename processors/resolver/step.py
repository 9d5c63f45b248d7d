"""The resolver: who is one person. Identifiers seen together are weighed anew, and whoever is concerned is touched.

For each step, in this order: the journal (whom it moves), the roots, touches (acknowledged by the broker), refusals,
what was weighed; then, in a step of its own, whoever was recorded meanwhile and would have come out otherwise; then
the ledger. After a crash in between, the journal says who may not have been touched; weighing again comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from processors.following import Following
from processors.records import Record, ranges
from processors.touched import Causes, Log, Weighing, by_root, touches, weighing
from projections.database import Database
from projections.identity.keeping import Step, lately, write_refusals, write_step, write_weighed
from projections.identity.reading import came_first, said_again
from projections.identity.rules import rules_at
from projections.identity.settling import Settlement, settle, settle_all
from projections.log.records import Placed
from projections.membership.model import Cause
from projections.moments import AsOf
from projections.progress import RESOLVER, write_ranges
from schemas.identity import IdentityRules

MOVES_A_STEP = 50_000
_JOINED = Cause("identity")


@dataclass(slots=True)
class Resolver:
    """The one resolver: its topic has one partition. Not safe to share between threads."""

    database: Database
    log: Log
    clock: Callable[[], datetime]
    touched_topic: str
    ack_timeout: float = 30.0
    _following: Following = field(init=False)
    _known: _Known | None = None

    def __post_init__(self) -> None:
        """Know how far the output reaches."""
        self._following = Following(self.database, RESOLVER)

    def forget(self) -> None:
        """Others may have had the partition meanwhile, and left a step unfinished."""
        self._known = None
        self._following.forget()

    def process(self, records: Sequence[Record]) -> None:
        """Weigh what these records name. Raises Unavailable; then do it again."""
        asked = weighing(record.value for record in records)
        written = self.resolve(asked, records[0].offset, records[-1].offset)
        produced = self._following.after(records, written)
        write_ranges(self.database, RESOLVER, ranges(records, len(records), produced))

    def resolve(self, asked: Weighing, first: int = 0, last: int = 0) -> list[Placed]:
        """Weigh what records of these offsets ask, and touch whom it concerns. Returns where the touches lie."""
        known, self._known = self._known, None
        moment = AsOf(self.clock())
        unfinished: list[str] = []
        ever = True
        # Somebody else was at work in between, or the rules are new.
        if known is None or known.next != first or asked.seeds is None:
            version, unfinished = lately(self.database, first)
            known = _Known(first, version + 1, rules_at(self.database, moment))
            write_step(self.database, Step(known.version, {}), last)  # from here on nobody else's step is the last
            ever = version > 0
        # When nothing was ever weighed, what was recorded before there was a resolver is weighed, too.
        if asked.seeds is None or not ever:
            found = settle_all(self.database, known.rules, moment, known.version + 1)
        else:
            found = settle(self.database, asked.seeds, known.rules, moment, known.version + 1)
        causes = by_root(found.roots, asked.touch.keys(), asked.touch)
        for root in {*unfinished, *found.step.touched}:
            causes.setdefault(root, []).append(_JOINED)
        version, written = self._keep(found, last, causes)
        self._known = _Known(last + 1, version, known.rules)
        again = self._overtaken(found, moment)
        return [*written, *self.resolve(Weighing(again), last + 1, last)] if again else written

    def _overtaken(self, found: Settlement, moment: AsOf) -> frozenset[str]:
        """What the recorder may not have asked for, since it saw what was before the step, but the step did not see."""
        again = said_again(self.database, found.weighed, moment)
        for part in found.step.parts(MOVES_A_STEP):
            again |= came_first(self.database, part.moved)
        return frozenset(again)

    def _keep(self, found: Settlement, until: int, causes: Causes) -> tuple[int, list[Placed]]:
        """Write what came out, and touch. Returns the last version, and where the touches lie."""
        version = found.step.version
        written: list[Placed] = []
        for part in found.step.parts(MOVES_A_STEP) if found.step.moved else [found.step]:
            version = part.version
            write_step(self.database, part, until)
            written += self._touch({root: causes.get(root, (_JOINED,)) for root in part.touched})
        done = set(found.step.touched)
        written += self._touch({root: why for root, why in causes.items() if root not in done})
        write_refusals(self.database, found.refused, found.lifted, version)
        write_weighed(self.database, found.weighed, version)
        return version, written

    def _touch(self, roots: Causes) -> list[Placed]:
        outgoing = touches(self.log, self.touched_topic, roots)
        return self.log.publish(outgoing, self.ack_timeout) if outgoing else []


@dataclass(frozen=True, slots=True)
class _Known:
    """What need not be asked again as long as the records follow those done last: nobody else was at work."""

    next: int
    version: int
    rules: IdentityRules
