"""The governor: what operators said becomes rows, and whatever depends on it is computed anew.

The control topic has one order, so it alone decides which version of a definition was said for the one in force, and
whether what it refers to is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from processors.following import Following
from processors.passing import Passing
from processors.records import Record, ranges
from processors.touched import Log, touches, weigh_everything
from projections.assignments import Assigned, write_assignments
from projections.controls import Said, write_controls
from projections.database import Database
from projections.identity.work import roots_of
from projections.letter_orders import purge_letters
from projections.library import Library, library_at, taken
from projections.log.records import Placed
from projections.membership.model import Cause
from projections.progress import GOVERNOR, write_ranges
from schemas.control import Assignments, Purge, read_control
from schemas.errors import InvalidValue

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Governor:
    """The one governor: the control topic has one partition."""

    database: Database
    log: Log
    identity_topic: str
    touched_topic: str
    clock: Callable[[], datetime]
    ack_timeout: float = 30.0
    _following: Following = field(init=False)

    def __post_init__(self) -> None:
        """Know how far the output reaches."""
        self._following = Following(self.database, GOVERNOR)

    def forget(self) -> None:
        """Others may have had the partition meanwhile."""
        self._following.forget()

    def process(self, records: Sequence[Record]) -> None:
        """Keep what these records say. One that cannot be read changes nothing, and is named in the log."""
        said = [each for each in map(_read, records) if each is not None]
        defining = [each.version for each in said if each.control.kind in ("segment", "tag")]
        # Done again after a crash, the versions of this round are there already: they are judged as they were.
        library = library_at(self.database, before=min(defining)) if defining else None
        judged, after, new = _judged(said, library)
        write_controls(self.database, [each for each in judged if each.control.kind != "assignments"])
        self._purge(judged)
        given = [one for each in judged for one in _assigned(each)]
        write_assignments(self.database, given)
        written = [*self._weigh(judged), *self._touch(given), *self._evaluate(after, new)]
        write_ranges(self.database, GOVERNOR, ranges(records, len(said), self._following.after(records, written)))

    def _purge(self, said: Sequence[Said]) -> None:
        """Dead letters that are to go."""
        times = [Purge.model_validate(each.control.value).before for each in said if each.control.kind == "purge"]
        if times:
            purge_letters(self.database, max(times))

    def _weigh(self, said: Sequence[Said]) -> list[Placed]:
        if not any(each.control.kind == "identity_rules" for each in said):
            return []
        return self.log.publish(weigh_everything(self.identity_topic), self.ack_timeout)

    def _touch(self, given: Sequence[Assigned]) -> list[Placed]:
        """Whoever was given something by hand, or had it taken away."""
        if not given:
            return []
        roots, _ = roots_of(self.database, {each.address for each in given})
        causes: dict[str, list[Cause]] = {}
        for each in given:
            causes.setdefault(roots[each.address], []).append(Cause("manual", f"{each.ref}@{each.version}"))
        return self.log.publish(touches(self.log, self.touched_topic, causes), self.ack_timeout)

    def _evaluate(self, library: Library | None, new: Sequence[str]) -> list[Placed]:
        """Everybody anew, by the definitions that were said and those that refer to them."""
        if library is None or not new:
            return []
        passing = Passing(self.database, self.log, self.touched_topic, self.ack_timeout)
        why = ",".join(f"{ref}@{library.version_of(ref)}" for ref in new[:5])
        return passing.begin("definition", why, library.dependents(frozenset(new)), library, self.clock())


def _judged(said: Sequence[Said], library: Library | None) -> tuple[list[Said], Library | None, list[str]]:
    """Each with why it is not taken; the library after all of them; the refs that are new in it."""
    judged: list[Said] = []
    new: list[str] = []
    for each in said:
        if library is None or each.control.kind not in ("segment", "tag"):
            judged.append(each)
            continue
        library, reason = taken(library, each)
        judged.append(replace(each, rejected=reason))
        if not reason:
            new.append(f"{each.control.kind}:{each.control.key}")
    return judged, library, list(dict.fromkeys(new))


def _assigned(said: Said) -> list[Assigned]:
    """The entries of what was set by hand."""
    if said.control.kind != "assignments":
        return []
    entries = Assignments.model_validate(said.control.value).entries
    return [
        Assigned(e.id, said.control.key, said.version, e.value, e.until, said.control.author, said.received_at)
        for e in entries
    ]


def _read(record: Record) -> Said | None:
    try:
        control = read_control(record.value or b"")
    except InvalidValue as wrong:
        _log.warning("control record ignored", offset=record.offset, reason=wrong.message)
        return None
    return Said(control, record.offset + 1, record.appended_at)
