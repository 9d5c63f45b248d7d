"""What became of one event: its claim, its fact, its dead letters."""

from __future__ import annotations

from dataclasses import dataclass

from projections.claims import Claim, EventId, find_claims
from projections.database import Database, Row
from projections.dead_letters import NEWEST, list_letters
from projections.flight import repairs_of, repetitions_of
from projections.resolution import AsOf, Excluded, exclusions, thing_owners
from schemas.letter_filter import LetterFilter

_MOST_LETTERS = 200
_FACT = """
SELECT subject, thing, key, toString(type) AS type, occurred_at, received_at, recorded_at, toString(channel) AS channel,
       store, batch, toString(topic) AS topic, data
FROM events
WHERE key_hash = cityHash64({key:String}) AND key = {key:String}
  AND source = {source:String} AND event_id = {event_id:String}
  AND log_partition = {partition:UInt16} AND log_offset = {offset:UInt64} AND log_index = {index:UInt16}
LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class History:
    """An event's first claim and fact (None when only dead letters know it), its state, owner and letters."""

    status: str
    claim: Claim | None
    fact: Row | None
    subject: str
    letters: list[Row]
    repetitions: list[Row]
    """Where it was sent again with the same content."""
    repairs: list[Row]
    """Where it was replayed from letters."""


def event_history(database: Database, event_id: EventId, moment: AsOf) -> History | None:
    """Look an event up; None when nobody ever sent it, as far as the recorder and the undertaker have come."""
    claims = find_claims(database, [event_id]).get(event_id, [])
    wanted = LetterFilter(source=event_id[0][:64], event_id=event_id[1][:200])  # as much as letters keep
    letters = list_letters(database, wanted, "all", NEWEST, _MOST_LETTERS).rows[::-1]
    repairs = repairs_of(database, event_id)
    if not claims:
        # One that was replayed under another id is no longer dead.
        status = "repaired" if letters and all(row["repair"] for row in letters) else "dead"
        return History(status, None, None, "", letters, [], repairs) if letters else None
    repetitions = repetitions_of(database, event_id)
    place = claims[0].place
    named = {"source": event_id[0], "event_id": event_id[1], "key": claims[0].key}
    fact = database.one(_FACT, {**named, "partition": place.partition, "offset": place.offset, "index": place.index})
    if fact is None:
        return History("received", claims[0], None, "", letters, repetitions, repairs)
    excluded = exclusions(database, [fact["key"], fact["thing"]], moment)
    subject = fact["subject"] or _owner(database, fact, moment, excluded)
    status = _status(fact, event_id, excluded, subject)
    if status == "recorded" and any(_place(row) == (place.partition, place.offset, place.index) for row in repairs):
        status = "repaired"
    return History(status, claims[0], fact, subject, letters, repetitions, repairs)


def _place(row: Row) -> tuple[int, int, int]:
    return row["log_partition"], row["log_offset"], row["log_index"]


def _owner(database: Database, fact: Row, moment: AsOf, excluded: Excluded) -> str:
    return thing_owners(database, [fact["thing"]], moment, excluded).get(fact["thing"], "") if fact["thing"] else ""


def _status(fact: Row, event_id: EventId, excluded: Excluded, subject: str) -> str:
    if any((source, said) == event_id for source, said, *_ in excluded):
        return "voided"
    if fact["thing"] and not subject:
        return "pending"
    return "recorded"
