"""Facts, claims and identity computed anew from the log, by the recorder's and the resolver's own code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from deploy.attaching import Attached
from deploy.rebuilding.steps import Phase, count, ends, replayed
from processors.recorder.reading import Read, read
from processors.recorder.sources import SourceWatch
from processors.recorder.step import Outputs, Recorder
from processors.records import Record, portions, ranges
from processors.resolver.step import Resolver
from processors.touched import Log, weigh_everything, weighing, weighings
from projections.database import Database
from projections.log.records import Placed
from projections.log.records import Record as Outgoing
from projections.progress import RECORDER, heads, write_ranges
from projections.rebuilding.beside import Beside

_ACK_SECONDS = 30.0
_SEEDS_AT_ONCE = 50_000
_BYTES_AT_ONCE = 2**20
"""Less than the live recorder takes: each statement is short, so that questions come in between."""
_NEWEST_RULES = "SELECT max(version) FROM controls WHERE kind = 'identity_rules'"
_OTHERWISE = """
SELECT node AS name
FROM (SELECT node, argMax(root, version) AS root FROM {live}.identities GROUP BY node) AS one
FULL JOIN (SELECT node, argMax(root, version) AS root FROM {next}.identities GROUP BY node) AS two USING (node)
WHERE if(one.root = '', node, one.root) != if(two.root = '', node, two.root)
LIMIT {most:UInt32}
"""


@dataclass(slots=True)
class Kept:
    """A log that keeps what is to be weighed, and forgets the rest: the live stages say it in the real one."""

    identity: str
    values: list[bytes] = field(default_factory=list)

    def partition_for(self, topic: str, key: bytes) -> int:
        """There is one."""
        del topic, key
        return 0

    def partitions(self, topic: str) -> int:
        """There is one."""
        del topic
        return 1

    def publish(self, records: list[Outgoing], timeout: float) -> list[Placed]:
        """Keep them."""
        del timeout
        self.values += [each.value for each in records if each.topic == self.identity]
        return [Placed(each.topic, 0, 0) for each in records]


@dataclass(slots=True)
class Recording:
    """Fills the next database from the events topic; goes on from its own ledger."""

    attached: Attached
    beside: Beside
    next: Database
    clock: Callable[[], datetime]
    _kept: Kept = field(init=False)
    _recorder: Recorder = field(init=False)
    _resolver: Resolver = field(init=False)
    _rules: int = -1
    _steps: int = 0

    def __post_init__(self) -> None:
        """Nothing is read yet."""
        self._kept = Kept(self.attached.topics["identity"])
        self._recorder = self._made(self.next, self._kept)
        self._resolver = Resolver(self.next, self._kept, self.clock, self.attached.topics["touched"])

    def fill(self, phase: Phase) -> None:
        """Record the log from its beginning, telling nobody; then weigh everything at once."""
        until = ends(self.attached, "events")
        total, left = count({}, until), count(self.positions(), until)
        share = phase("Recording the log")
        with self.attached.watching() as watch:
            for records, positions in replayed(self.attached, "events", self.positions(), until):
                self._record(records, self._recorder.keep, watch)
                left = count(positions, until)
                share(1 - left / max(total, 1))
        share(1.0)
        share = phase("Weighing who is one person")
        self._weigh([each.value for each in weigh_everything(self.attached.topics["identity"])])
        share(1.0)

    def catch_up(self) -> int:
        """Record what came since, and weigh what is new in it. Gives how many records that was."""
        done = 0
        with self.attached.watching() as watch:
            for records, _ in replayed(self.attached, "events", self.positions()):
                self._record(records, self._recorder.record, watch)
                done += len(records)
        values, self._kept.values = self._kept.values, []
        if self._read_controls():
            values = [each.value for each in weigh_everything(self.attached.topics["identity"])]
        if values:
            self._weigh(values)
        return done

    def positions(self) -> dict[int, int]:
        """Where the log is to be read on."""
        found = heads(self.next).get(RECORDER, {})
        return {partition: head.last + 1 for (_, partition), head in found.items()}

    def settle(self, live: Database, log: Log, since: dict[int, int]) -> None:
        """Record into the live tables, and say whom it concerns, what lies in the log from some offsets on.

        Then have those weighed again by the live resolver, which alone writes roots, who came out otherwise here.
        """
        recorder = self._made(live, log)
        with self.attached.watching() as watch:
            for records, _ in replayed(self.attached, "events", since):
                for part in portions(records, _BYTES_AT_ONCE):
                    recorder.record(self._read(part, watch))
        topic = self.attached.topics["identity"]
        sql = _OTHERWISE.replace("{live}", self.beside.live.database).replace("{next}", self.beside.next.database)
        seeds = [row[0] for row in live.tuples(sql, {"most": _SEEDS_AT_ONCE})]
        said = weigh_everything(topic) if len(seeds) == _SEEDS_AT_ONCE else weighings(topic, seeds, {})
        if said:
            log.publish(said, _ACK_SECONDS)

    def _read(self, records: Sequence[Record], watch: SourceWatch) -> Read:
        """As the live recorder does, with the contracts of the time."""
        return read(records, self.attached.door, self.attached.sources, watch.renewed(records))

    def _made(self, database: Database, log: Log) -> Recorder:
        topics = self.attached.topics
        outputs = Outputs(topics["touched"], topics["identity"], topics["dead_letters"])
        terms = self.attached.terms
        return Recorder(database, log, self.attached.door, self.attached.sources, terms.currency, outputs)

    def _record(self, records: Sequence[Record], keep: Callable[..., object], watch: SourceWatch) -> None:
        for part in portions(records, _BYTES_AT_ONCE):
            found = self._read(part, watch)
            keep(found)
            write_ranges(self.next, RECORDER, ranges(part, len(found.candidates), {}))

    def _weigh(self, values: Sequence[bytes]) -> None:
        self._read_controls()
        self._steps += 1
        self._resolver.resolve(weighing(values), self._steps, self._steps)

    def _read_controls(self) -> bool:
        """Whether the rules of identity are others than before."""
        self.beside.copy_controls(self.next)
        newest = int(self.next.tuples(_NEWEST_RULES)[0][0])
        before, self._rules = self._rules, newest
        return before not in (-1, newest)
