"""The way of one event as the API shows it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.letters_view import dead_letter, readable, repair
from api.members_view import change
from api.unread import Waiting
from projections.database import Row
from projections.history import History
from schemas.dead_letter import DeadLetter
from schemas.times import format_time


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of an event beside its claim, fact and letters."""

    person_id: str | None = None
    taken_at: datetime | None = None
    folded_at: datetime | None = None
    voided_by: Sequence[str] = ()
    changes: Sequence[Row] = field(default_factory=list)


def recorded(source: str, event_id: str, found: History, beside: Beside) -> dict[str, Any]:
    """What became of an event that the recorder or the undertaker has seen."""
    fact, place = found.fact, _place(found)
    return {
        "event_id": event_id,
        "source": source,
        "status": found.status,
        "type": fact["type"] if fact else None,
        "occurred_at": format_time(fact["occurred_at"]) if fact else None,
        "position": place,
        "person_id": beside.person_id,
        "subject": found.subject or None,
        "steps": _steps(found, beside),
        "duplicates": [_lies(row) for row in found.repetitions],
        "repairs": [{**repair(row), "letter_id": row["letter_id"]} for row in found.repairs],
        "voided_by": list(beside.voided_by),
        "changes": [change(row) for row in beside.changes],
        "dead_letters": [_letter(row, place) for row in found.letters],
    }


def waiting(
    source: str, event_id: str, topic: str, found: Waiting, letters: Sequence[dict[str, Any]]
) -> dict[str, Any]:  # fmt: skip
    """An event that lies in the log and is not recorded yet."""
    at = format_time(found.appended_at)
    where = {"topic": topic, "partition": found.partition, "offset": found.offset, "index": found.index}
    received = format_time(found.taken_at) if found.taken_at else at
    return {
        **_nothing(source, event_id, "received"),
        "position": {**where, "appended_at": at, "records_ahead": found.ahead},
        "steps": [{"step": "received", "at": received}],
        "dead_letters": list(letters),
    }


def dying(source: str, event_id: str, letter: DeadLetter) -> dict[str, Any]:
    """An event whose dead letter is not among the rows yet."""
    at = format_time(letter.received_at)
    said = {
        "event_id": letter.event_id, "code": letter.code, "pointer": letter.pointer, "message": letter.message,
        "source": letter.source, "origin": letter.origin, "topic": letter.topic, "partition": letter.partition,
        "offset": letter.offset, "index": letter.index, "received_at": at, **readable(letter.original),
    }  # fmt: skip
    steps = [{"step": "dead", "at": at, "code": letter.code}]
    return {**_nothing(source, event_id, "dead"), "steps": steps, "dead_letters": [said]}


def _nothing(source: str, event_id: str, status: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"duplicates": [], "repairs": [], "voided_by": [], "changes": []}
    unknown = dict.fromkeys(("type", "occurred_at", "position", "person_id", "subject"))
    return {"event_id": event_id, "source": source, "status": status, **unknown, **empty}


def _place(found: History) -> dict[str, Any] | None:
    if found.claim is None:
        return None
    place = found.claim.place
    where = {"partition": place.partition, "offset": place.offset, "index": place.index}
    topic = found.fact["topic"] if found.fact else None
    return {"topic": topic, **where, "appended_at": format_time(place.received_at)}


def _steps(found: History, beside: Beside) -> list[dict[str, str]]:
    """Each step that happened, with its time. What a channel wrote itself was received when Kafka appended it."""
    steps = []
    if found.claim:
        received = beside.taken_at or found.claim.place.received_at
        steps.append({"step": "received", "at": format_time(received)})
    if found.fact:
        steps.append({"step": "recorded", "at": format_time(found.fact["recorded_at"])})
    if beside.folded_at:
        steps.append({"step": "profile_updated", "at": format_time(beside.folded_at)})
    steps += [{"step": "dead", "at": format_time(row["received_at"]), "code": row["code"]} for row in found.letters]
    steps += [
        {"step": "repaired", "at": format_time(row["repair"]["received_at"])} for row in found.letters if row["repair"]
    ]
    return steps


def _letter(row: Row, place: dict[str, Any] | None) -> dict[str, Any]:
    """A letter; one that lost its id says to whom: the event that stands."""
    said = dead_letter(row)
    return {**said, "conflicts_with": place} if row["code"] == "id_conflict" else said


def _lies(row: Row) -> dict[str, Any]:
    return {
        "partition": row["log_partition"],
        "offset": row["log_offset"],
        "index": row["log_index"],
        "received_at": format_time(row["received_at"]),
    }
