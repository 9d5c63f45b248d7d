"""Telling producers of their events that became dead letters, at least once each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from processors.touched import Log
from projections.dead_letters import Buried, letter_id_of
from projections.log.records import Record
from schemas.rejects import reject


@dataclass(frozen=True, slots=True)
class Rejects:
    """Writes to the topic of rejects, keyed by source."""

    log: Log
    topic: str
    ack_timeout: float = 30.0

    def tell(self, buried: Sequence[Buried]) -> None:
        """Tell of letters that were kept. Raises Unavailable; then do it again."""
        self.log.publish([self._record(each) for each in buried], self.ack_timeout)

    def _record(self, buried: Buried) -> Record:
        key = buried.letter.source.encode()
        value = reject(letter_id_of(buried), buried.letter)
        return Record(self.topic, self.log.partition_for(self.topic, key), key, value, ())
