"""Which places of the log a step failed at, remembered over restarts: one poisoned record must not stop all others.

A step that fails ends its process, and the same records come again. After three failures at the same place they are
taken half by half; a record that fails alone, while ClickHouse answers, is given up by the step's own way (`give_up`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from processors.records import Record, by_partition

FAILURES = 3


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The failures of one step, in a file. Places are where a chunk begins in each of its partitions."""

    file: Path
    give_up: Callable[[Record], None]
    """What becomes of a record that fails alone; may raise Unavailable, then it is tried again."""
    answers: Callable[[], bool]
    """Whether the server answers: if not, the record is not to blame."""

    def suspects(self, records: Sequence[Record]) -> bool:
        """Whether a step failed often enough where these records begin."""
        failed = self._read()
        return any(failed.get(place, 0) >= FAILURES for place in _places(records))

    def note(self, records: Sequence[Record]) -> None:
        """Remember a failure where these records begin, instead of what is known of these partitions."""
        failed = self._read()
        begins = _places(records)
        partitions = {_partition(place) for place in begins}
        others = {place: count for place, count in failed.items() if _partition(place) not in partitions}
        counted = others | {place: failed.get(place, 0) + 1 for place in begins}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(f".{os.getpid()}")  # workers of one machine share the file
        fresh.write_text(json.dumps(counted), encoding="utf-8")
        fresh.replace(self.file)

    def _read(self) -> dict[str, int]:
        try:
            counted: dict[str, int] = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return counted


def _places(records: Sequence[Record]) -> list[str]:
    return [f"{topic}/{partition}/{group[0].offset}" for (topic, partition), group in by_partition(records).items()]


def _partition(place: str) -> str:
    return place.rpartition("/")[0]
