"""How far a stage's own output reaches, by each partition it reads: what the ledger says as `produced`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from processors.records import Record, by_partition
from projections.database import Database
from projections.log.records import Placed
from projections.progress import TopicPartition, last_produced, merge


@dataclass(slots=True)
class Following:
    """Cumulative, over restarts and workers: what was said last is read from the ledger when a partition is met first.

    Whoever gets partitions anew forgets: others may have said more of them meanwhile.
    """

    database: Database
    stage: str
    _produced: dict[TopicPartition, dict[TopicPartition, int]] = field(default_factory=dict)

    def forget(self) -> None:
        """Ask the ledger again."""
        self._produced.clear()

    def after(
        self, records: Sequence[Record], written: Sequence[Placed]
    ) -> dict[TopicPartition, dict[TopicPartition, int]]:
        """How far the output reaches once this was written for these records."""
        now = merge([{(placed.topic, placed.partition): placed.offset} for placed in written])
        for place in by_partition(records):
            if place not in self._produced:
                self._produced[place] = last_produced(self.database, self.stage, *place)
            self._produced[place] = merge([self._produced[place], now])
        return {place: self._produced[place] for place in by_partition(records)}
