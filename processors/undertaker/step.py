"""The undertaker: dead letters from their topic become rows one can look at, filter and repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from processors.records import Record, ranges
from projections.database import Database
from projections.dead_letters import Buried, write_letters
from projections.progress import UNDERTAKER, write_ranges
from schemas.dead_letter import decode


@dataclass(frozen=True, slots=True)
class Undertaker:
    """One worker's undertaker."""

    database: Database

    def process(self, records: Sequence[Record]) -> None:
        """Bury every letter of these records; one that comes again lands on itself."""
        buried = [
            Buried(letter, record.partition, record.offset, index)
            for record in records
            for index, letter in enumerate(map(decode, (record.value or b"").splitlines()))
        ]
        write_letters(self.database, buried)
        write_ranges(self.database, UNDERTAKER, ranges(records, len(buried), {}))
