"""The undertaker: dead letters from their topic become rows one can look at, filter and repair."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from processors.records import Record, ranges
from projections.database import Database
from projections.dead_letters import Buried, write_letters
from projections.letter_orders import purged_before
from projections.progress import UNDERTAKER, write_ranges
from schemas.dead_letter import decode


def _nobody(_codes: Iterable[str]) -> None:
    pass


def _no_producer(_buried: Sequence[Buried]) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Undertaker:
    """One worker's undertaker."""

    database: Database
    buried: Callable[[Iterable[str]], None] = _nobody
    """Told the codes of the letters that were kept."""
    told: Callable[[Sequence[Buried]], None] = _no_producer
    """Given the letters that were kept, for their producers; not in a rebuild."""

    def process(self, records: Sequence[Record]) -> None:
        """Bury every letter of these records; one that comes again lands on itself."""
        buried = [
            Buried(letter, record.partition, record.offset, index)
            for record in records
            for index, letter in enumerate(map(decode, (record.value or b"").splitlines()))
        ]
        kept = self._not_purged(buried)
        write_letters(self.database, kept)
        self.told(kept)
        self.buried(each.letter.code for each in buried)
        write_ranges(self.database, UNDERTAKER, ranges(records, len(buried), {}))

    def _not_purged(self, buried: Sequence[Buried]) -> list[Buried]:
        """When the topic is read from its beginning, what was purged before stays away."""
        purged = purged_before(self.database)
        return [each for each in buried if each.letter.received_at >= purged]
