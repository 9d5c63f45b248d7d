"""What became of one event: its claim, its fact, its dead letters."""

from __future__ import annotations

from dataclasses import dataclass

from projections.claims import Claim, EventId, find_claims
from projections.database import Database, Row
from projections.dead_letters import with_bytes
from projections.resolution import AsOf, Excluded, exclusions, thing_owners

_FACT = """
SELECT subject, thing, key, toString(type) AS type, occurred_at, received_at, recorded_at, toString(channel) AS channel,
       store, toString(topic) AS topic, data
FROM events
WHERE key_hash = cityHash64({key:String}) AND key = {key:String}
  AND source = {source:String} AND event_id = {event_id:String}
  AND log_partition = {partition:UInt16} AND log_offset = {offset:UInt64} AND log_index = {index:UInt16}
LIMIT 1
"""
_LETTERS = """
SELECT letter_id, code, pointer, message, toString(source) AS source, event_id, toString(origin) AS origin, topic,
       log_partition, log_offset, log_index, received_at, base64Encode(original) AS original
FROM dead_letters FINAL
WHERE source = {source:String} AND event_id = {event_id:String}
ORDER BY received_at, letter_id
"""


@dataclass(frozen=True, slots=True)
class History:
    """An event's first claim and fact (None when only dead letters know it), its state, owner and letters."""

    status: str
    claim: Claim | None
    fact: Row | None
    subject: str
    letters: list[Row]


def event_history(database: Database, event_id: EventId, moment: AsOf) -> History | None:
    """Look an event up; None when nobody ever sent it."""
    claims = find_claims(database, [event_id]).get(event_id, [])
    named = {"source": event_id[0], "event_id": event_id[1]}
    letters = with_bytes(database.rows(_LETTERS, named))
    if not claims:
        return History("dead", None, None, "", letters) if letters else None
    place = claims[0].place
    fact = database.one(
        _FACT,
        {**named, "key": claims[0].key, "partition": place.partition, "offset": place.offset, "index": place.index},
    )
    if fact is None:
        return History("received", claims[0], None, "", letters)
    excluded = exclusions(database, [fact["key"], fact["thing"]], moment)
    subject = fact["subject"] or _owner(database, fact, moment, excluded)
    return History(_status(fact, event_id, excluded, subject), claims[0], fact, subject, letters)


def _owner(database: Database, fact: Row, moment: AsOf, excluded: Excluded) -> str:
    return thing_owners(database, [fact["thing"]], moment, excluded).get(fact["thing"], "") if fact["thing"] else ""


def _status(fact: Row, event_id: EventId, excluded: Excluded, subject: str) -> str:
    if any((source, said) == event_id for source, said, *_ in excluded):
        return "voided"
    if fact["thing"] and not subject:
        return "pending"
    return "recorded"
