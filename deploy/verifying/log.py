"""Whether each event of the log came to something: a fact, a repetition of one before it, or a dead letter."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.verifying.finding import Finding
from processors.records import Record
from projections.claims import find_claims
from projections.database import Database, Given
from projections.letter_orders import purged_before
from projections.places import Place
from schemas.bundle import split
from schemas.errors import Rejected

_IDS_AT_ONCE = 20_000
_PATIENCE_SECONDS = 20.0
_LETTERS = """
SELECT DISTINCT assumeNotNull(log_partition), assumeNotNull(log_offset), log_index FROM dead_letters
WHERE topic = {topic:String} AND (log_partition, log_offset, log_index) IN (SELECT partition, offset, nth FROM places)
"""
_PLACES = "partition UInt16, offset UInt64, nth UInt16"
At = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a record as it came: `event` is None when it is no JSON object."""

    record: Record
    index: int
    raw: bytes
    event: Mapping[str, Any] | None

    @property
    def source(self) -> str:
        """Whose it is."""
        return self.record.headers.get("source", b"").decode("utf-8", "replace")

    @property
    def id(self) -> tuple[str, str] | None:
        """What it claims; None without an event_id."""
        name = None if self.event is None else self.event.get("event_id")
        return (self.source, name) if isinstance(name, str) else None

    @property
    def at(self) -> At:
        """Its place, without the time."""
        return self.record.partition, self.record.offset, self.index


def lines_of(records: Iterable[Record]) -> Iterator[Line]:
    """Every event of some records; a record that cannot be told apart is one."""
    for record in records:
        value = record.value or b""
        try:
            raw = split(value) or [value]
        except Rejected:
            raw = [value]
        for index, line in enumerate(raw):
            yield Line(record, index, line, _decoded(line))


def _decoded(raw: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


class Accounts:
    """Takes the log's events one by one, and asks for their claims by the thousand."""

    def __init__(self, database: Database, topic: str) -> None:
        self._database, self._topic = database, topic
        self._purged = purged_before(database)
        """Letters of events from before that time are gone by intent."""
        self._waiting: list[Line] = []
        self._letters: list[At] = []
        self.events = 0

    def take(self, line: Line) -> None:
        """Account for one."""
        self.events += 1
        self._waiting.append(line)
        if len(self._waiting) >= _IDS_AT_ONCE:
            self._look()

    def close(self, wait: Callable[[float], None] = time.sleep) -> Finding:
        """What came to nothing. Letters may be on their way still: they are waited for a while."""
        self._look()
        found = Finding("log", f"{self.events:,} events of the log, each a fact, a repetition or a dead letter")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        missing = self._without_letter()
        while missing and time.monotonic() < deadline:
            wait(0.5)
            missing = self._without_letter()
        for partition, offset, index in missing:
            found.wrong(f"the event at {partition}/{offset}/{index} is neither a fact nor a dead letter: it is lost")
        return found

    def _look(self) -> None:
        """Whatever no claim at or before its own place covers must be a dead letter."""
        lines, self._waiting = self._waiting, []
        claims = find_claims(self._database, {line.id for line in lines if line.id})
        for line in lines:
            known = claims.get(line.id) if line.id else None
            is_covered = known and known[0].place <= Place(line.record.appended_at, *line.at)
            if not is_covered and line.record.appended_at >= self._purged:
                self._letters.append(line.at)

    def _without_letter(self) -> list[At]:
        rows = [Given(_PLACES, self._letters[i : i + _IDS_AT_ONCE]) for i in range(0, len(self._letters), _IDS_AT_ONCE)]
        asked = {"topic": self._topic}
        buried = {tuple(row) for each in rows for row in self._database.tuples(_LETTERS, asked, {"places": each})}
        self._letters = [at for at in self._letters if at not in buried]
        return self._letters
