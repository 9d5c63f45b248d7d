"""Dead letters of the recorder: events that could not be read, and ids said twice with different content."""

from __future__ import annotations

from collections.abc import Sequence

from processors.recorder.judging import Verdict
from processors.recorder.reading import Candidate
from processors.touched import Log
from projections.claims import Claim, EventId
from projections.database import Database
from projections.log.records import Record
from projections.stored_events import original_of
from schemas.dead_letter import DeadLetter, encode

_SAID = "This event_id was said before with other content; the first in the log stands."
_RECORD_BYTES = 512 * 1024


def conflict_letters(database: Database, verdict: Verdict) -> list[DeadLetter]:
    """The letters of every event that lost its id to another with different content."""
    of_candidates = [_of_candidate(candidate) for candidate in verdict.conflicts]
    return of_candidates + [_of_claim(database, event_id, claim) for event_id, claim in verdict.beaten_conflicts]


def _of_candidate(candidate: Candidate) -> DeadLetter:
    place = candidate.fact.place
    return DeadLetter(
        code="id_conflict",
        pointer="/event_id",
        message=_SAID,
        source=candidate.fact.event.source,
        event_id=candidate.fact.event.event_id,
        origin="recorder",
        topic=candidate.fact.topic,
        partition=place.partition,
        offset=place.offset,
        index=place.index,
        received_at=place.received_at,
        original=candidate.raw,
    )


def _of_claim(database: Database, event_id: EventId, claim: Claim) -> DeadLetter:
    """A fact that was recorded before the earlier claim was seen: its bytes are made again from the fact."""
    topic, original = original_of(database, event_id, claim)
    return DeadLetter(
        code="id_conflict",
        pointer="/event_id",
        message=_SAID,
        source=event_id[0],
        event_id=event_id[1],
        origin="recorder",
        topic=topic,
        partition=claim.place.partition,
        offset=claim.place.offset,
        index=claim.place.index,
        received_at=claim.place.received_at,
        original=original,
    )


def letter_records(log: Log, topic: str, letters: Sequence[DeadLetter]) -> list[Record]:
    """Letters as records of the dead-letter topic, those of one source together."""
    by_source: dict[str, list[DeadLetter]] = {}
    for each in letters:
        by_source.setdefault(each.source, []).append(each)
    return [
        Record(topic, log.partition_for(topic, source.encode()), source.encode(), value, ())
        for source, group in by_source.items()
        for value in _packed(group)
    ]


def _packed(letters: Sequence[DeadLetter]) -> list[bytes]:
    """Letters as NDJSON values, a new one when the last is full."""
    values: list[list[bytes]] = [[]]
    size = 0
    for line in map(encode, letters):
        if values[-1] and size + len(line) > _RECORD_BYTES:
            values.append([])
            size = 0
        values[-1].append(line)
        size += len(line) + 1
    return [b"\n".join(lines) for lines in values if lines]
