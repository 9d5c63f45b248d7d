"""The recorder: bundles from the log become facts, exactly once, and whoever they concern is touched.

For each chunk, in this order: the breaker's count; claims, facts, retractions, notes of what was replayed or came
again; then touches, identifiers to weigh and dead letters (acknowledged by the broker); then the ledger. Every step
may be done again after a crash in between and comes out the same, so the chunk is acknowledged to Kafka only at the
end. Conflicts of two workers on one id: claims are staked before they are read back, so at least one sees both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from processors.following import Following
from processors.recorder.breaker import Breaker
from processors.recorder.judging import NOTHING, Verdict, judge
from processors.recorder.letters import conflict_letters, letter_records
from processors.recorder.reading import Read, failed, read
from processors.recorder.sources import SourceWatch
from processors.records import Record, portions, ranges
from processors.touched import Log, by_root, touches, weighings
from projections.claims import contested_claims, find_claims, retract, write_claims
from projections.concerned import concerned
from projections.database import Database
from projections.facts import write_facts
from projections.identity.work import roots_of
from projections.log.records import Placed
from projections.progress import RECORDER, write_ranges
from projections.repairs import write_repairs, write_repetitions
from projections.seen_fields import SeenFields
from projections.violations import write_violations
from schemas.gates import Gate
from schemas.sources import Source

# A chunk may hold many single events or many full bundles: memory is bounded by bytes, about 20,000 events.
BYTES_AT_ONCE = 6 * 2**20


@dataclass(frozen=True, slots=True)
class Outputs:
    """The topics the recorder writes to."""

    touched: str
    identity: str
    dead_letters: str


@dataclass(slots=True)
class Recorder:
    """One worker's recorder. Not safe to share between threads: one agent, one thread."""

    database: Database
    log: Log
    door: Gate
    sources: Mapping[str, Source]
    currency: str
    topics: Outputs
    breaker: Breaker | None = None
    watch: SourceWatch | None = None
    ack_timeout: float = 30.0
    _following: Following = field(init=False)
    _seen: SeenFields = field(init=False)

    def __post_init__(self) -> None:
        """Know how far the output reaches."""
        self._following = Following(self.database, RECORDER)
        self._seen = SeenFields(self.database)

    def forget(self) -> None:
        """Others may have had the partitions meanwhile."""
        self._following.forget()
        self._seen.forget()

    def process(self, records: Sequence[Record]) -> None:
        """Record a chunk: each partition's records in order. Raises Unavailable or Held; then do it again."""
        for part in portions(records, BYTES_AT_ONCE):
            found = read(part, self.door, self.sources, self.watch.renewed(part) if self.watch else None)
            self._require(part, found)
            written = self.record(found)
            write_ranges(
                self.database, RECORDER, ranges(part, len(found.candidates), self._following.after(part, written))
            )

    def record(self, found: Read) -> list[Placed]:
        """Make facts of what was read, and say whom they concern. Returns where touches and letters lie."""
        return self._publish(found, self.keep(found))

    def keep(self, found: Read) -> Verdict:
        """Make facts of what was read, and tell nobody."""
        verdict = self._stake(found)
        write_facts(self.database, [candidate.fact for candidate in verdict.standing], self.currency)
        self._seen.note(candidate.fact for candidate in verdict.standing)
        retract(self.database, [(event_id, claim.place) for event_id, claim in verdict.beaten])
        write_repairs(self.database, found.repairs)
        write_repetitions(self.database, [candidate.fact for candidate in verdict.repeated])
        if found.counted:
            standing = {candidate.fact.place for candidate in verdict.standing}
            write_violations(self.database, [each for each in found.counted if each[0].place in standing])
        return verdict

    def give_up(self, record: Record) -> None:
        """Make dead letters of a record that cannot be processed. Raises Unavailable or Held; then do it again."""
        found = failed(record)
        self._require([record], found)
        write_repairs(self.database, found.repairs)
        written = self._publish(found, NOTHING)
        write_ranges(self.database, RECORDER, ranges([record], 0, self._following.after([record], written)))

    def _require(self, records: Sequence[Record], found: Read) -> None:
        if self.breaker is not None:
            self.breaker.require(records, found)

    def _stake(self, found: Read) -> Verdict:
        """Judge, stake the claims of what stands, and judge again with what is there now."""
        ids = [candidate.id for candidate in found.candidates]
        before = find_claims(self.database, ids)
        verdict = judge(found.candidates, before)
        new = [c.fact for c in verdict.standing if all(k.place != c.fact.place for k in before.get(c.id, ()))]
        if not new:
            return verdict
        write_claims(self.database, new)
        contested = contested_claims(self.database, ((fact.event.source, fact.event.event_id) for fact in new))
        return judge(found.candidates, {**before, **contested}) if contested else verdict

    def _publish(self, found: Read, verdict: Verdict) -> list[Placed]:
        whom = concerned(
            self.database,
            [c.fact.event for c in (*verdict.standing, *verdict.repeated)],
            [claim.key for _, claim in verdict.beaten],
        )
        roots, first = roots_of(self.database, whom.subjects.keys(), {c.fact.place for c in verdict.standing})
        seeds = whom.seeds | first
        letters = [*found.letters, *found.set_aside, *conflict_letters(self.database, verdict)]
        outgoing = [
            *touches(self.log, self.topics.touched, by_root(roots, whom.subjects.keys() - seeds, whom.subjects)),
            *weighings(self.topics.identity, seeds, whom.subjects),  # the resolver touches those it weighs
            *letter_records(self.log, self.topics.dead_letters, letters),
        ]
        return self.log.publish(outgoing, self.ack_timeout) if outgoing else []
