"""Who is in which segment and has which tag, after a round: evaluated, compared, written, said.

For each part, in this order: changes, states and when to look again, then the changes topic (acknowledged by the
broker). The ledger comes after it, so what was written beyond the ledger's head may not have been said: when a
partition is met anew, that is said first (again), and put into the states.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from processors.records import Record, by_partition
from processors.touched import Log, PassStep, Touched, flips, pass_step
from projections.database import Database
from projections.evaluating import Asked
from projections.identity.reading import identities_of
from projections.log.records import Record as Outgoing
from projections.membership.changes import changes_since, write_changes
from projections.membership.changing import changed
from projections.membership.latest import Latest
from projections.membership.model import Cause, Change, Differing, Held, State, Step
from projections.membership.state import differing, states, write_states
from projections.moments import AsOf
from projections.passes import is_done, roots_in_step, say_done, unfinished
from projections.profiles import Persons, Terms
from projections.programs import Programs
from projections.progress import PROFILER, TopicPartition, heads
from schemas.times import format_time


@dataclass(slots=True)
class Memberships:
    """One worker's. Not safe to share between threads."""

    database: Database
    wide: Database
    """For steps of passes, which are over many persons at once: it may use all of the server."""
    log: Log
    terms: Terms
    clock: Callable[[], datetime]
    touched_topic: str
    changes_topic: str
    ack_timeout: float = 30.0
    programs: Programs = field(init=False)
    _next: dict[TopicPartition, int] = field(default_factory=dict)
    _building: Mapping[str, Cause] = field(default_factory=dict)
    _newest_pass: int = -1

    def __post_init__(self) -> None:
        """Nothing is asked yet."""
        self.programs = Programs(self.database)

    def forget(self) -> None:
        """Others may have had the partitions meanwhile, and left something unsaid."""
        self._next.clear()

    def begin(self, records: Sequence[Record]) -> None:
        """Before a round: see what is to be evaluated, and finish what a round before it left unsaid."""
        self.programs.renew()
        if self._building or self._newest_pass != self.programs.newest_pass:
            self._building = self._going()
            self._newest_pass = self.programs.newest_pass
        for place, group in by_partition(records).items():
            if self._next.get(place) != group[0].offset:
                self._recover(place)
            self._next[place] = group[-1].offset + 1

    def _going(self) -> dict[str, Cause]:
        """The definitions for which everybody is being looked at."""
        every = self.programs.library.refs
        going = [each for each in unfinished(self.database) if each.cause == "definition"]
        return {ref: Cause("definition", each.cause_ref) for each in going for ref in each.refs or every}

    def look_at(self, whom: Mapping[str, Touched], persons: Persons) -> None:
        """Evaluate whom was touched; `persons` are those of them that are somebody."""
        asked = self._asked()
        found = differing(self.database, self.programs.program(), persons, asked, whom.keys())
        lately = Latest(self.database, persons, self.programs.library.concerns, [each.was.root for each in found])
        self._keep(
            [
                (each, Step(asked.moment.at, at.partition, at.version, at.causes, self._building, lately))
                for each in found
                for at in [whom[each.was.root]]
            ]
        )

    def take(self, step: PassStep, version: int) -> None:
        """Take one step of a pass, and have the next one taken after whatever has been touched since."""
        planned = step.planned
        if is_done(self.database, planned.pass_id, step.partition, step.bucket):
            return
        roots = roots_in_step(self.wide, planned, step.partition, step.bucket)
        named, members = identities_of(self.wide, roots)
        people = {root: members[root] for root in roots if named[root] == root}
        refs = frozenset(planned.refs) or None
        asked = self._asked()
        found = differing(self.wide, self.programs.program(refs), Persons(people), asked, roots, refs)
        why = Step(asked.moment.at, step.partition, version, [Cause(planned.cause, planned.cause_ref)])  # type: ignore[arg-type]
        self._keep([(each, why) for each in found])
        # The next step first: done again after a crash in between, one of the two finds itself taken and ends there.
        after = planned.after(step.partition, step.bucket)
        self._publish([pass_step(self.touched_topic, planned, *place) for place in after])
        say_done(self.database, planned.pass_id, step.partition, step.bucket)

    def _asked(self) -> Asked:
        programs = self.programs
        return Asked(AsOf(self.clock(), kept=True), self.terms, programs.boundaries, programs.cuts)

    def _keep(self, found: Sequence[tuple[Differing, Step]]) -> None:
        """Write what changed, then what holds, then say it."""
        changes: list[Change] = []
        new: list[State] = []
        for each, step in found:
            some, state = changed(each, step, self.programs.library)
            changes += some
            new.append(state)
        write_changes(self.database, changes)
        write_states(self.database, new)
        self._say(changes)
        now = self.clock()
        late = [each.root for each in new if each.flips_at is not None and each.flips_at <= now]
        self._publish(flips(self.log, self.touched_topic, late))

    def _recover(self, place: TopicPartition) -> None:
        """Say what may not have been said, and have the states know of it."""
        head = heads(self.database).get(PROFILER, {}).get(place)
        left = changes_since(self.database, place[1], head.last + 1 if head else 0)
        if not left:
            return
        known = states(self.database, {each.root for each in left})
        patched = {root: self._patched(root, known.get(root), left) for root in {each.root for each in left}}
        write_states(self.database, [state for root, state in patched.items() if state != known.get(root)])
        self._say(left)

    def _patched(self, root: str, state: State | None, left: Sequence[Change]) -> State:
        """What holds once the changes of a person that its state does not know of are in it."""
        state = state or State(root, "", 0, (), None)
        for change in (each for each in left if each.root == root and each.sequence >= state.sequence):
            held = {each.ref: each for each in state.held}
            ref = f"{change.kind}:{change.key}"
            held.pop(ref, None)
            if change.after not in ("false", "null"):
                held[ref] = Held(ref, change.after, change.at)
            in_order = tuple(held[each] for each in sorted(held))
            state = replace(
                state, person_id=change.person_id, sequence=change.sequence, held=in_order, version=change.version
            )
        return state

    def _say(self, changes: Sequence[Change]) -> None:
        self._publish(
            [
                Outgoing(self.changes_topic, self.log.partition_for(self.changes_topic, key), key, message(each), ())
                for each in changes
                for key in [each.person_id.encode()]
            ]
        )

    def _publish(self, records: list[Outgoing]) -> None:
        if records:
            self.log.publish(records, self.ack_timeout)


def message(change: Change) -> bytes:
    """A change as the changes topic carries it."""
    return orjson.dumps(
        {
            "change_id": change.change_id,
            "person_id": change.person_id,
            "kind": change.kind,
            "key": change.key,
            "from": orjson.loads(change.before),
            "to": orjson.loads(change.after),
            "at": format_time(change.at),
            "cause": change.cause.kind,
            "cause_ref": change.cause.ref or None,
            "definition_version": change.definition_version,
        }
    )
