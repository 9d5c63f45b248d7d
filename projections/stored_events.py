"""A recorded fact, read back as the event it came from."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import orjson

from projections.claims import Claim, EventId
from projections.database import Database, Row

_STORED = """
SELECT event_id, type, occurred_at, utc_offset, ids, channel, store, batch, data, context, topic
FROM events
WHERE key = {key:String} AND key_hash = cityHash64({key:String}) AND source = {source:String}
  AND event_id = {event_id:String} AND log_partition = {partition:UInt16} AND log_offset = {offset:UInt64}
  AND log_index = {index:UInt16}
LIMIT 1
"""


def original_of(database: Database, event_id: EventId, claim: Claim) -> tuple[str, bytes]:
    """The topic of a recorded claim, and its event written again; empty when the fact was never written."""
    parameters = {
        "key": claim.key,
        "source": event_id[0],
        "event_id": event_id[1],
        "partition": claim.place.partition,
        "offset": claim.place.offset,
        "index": claim.place.index,
    }
    row = database.one(_STORED, parameters)
    return (row["topic"], orjson.dumps(_event(row))) if row else ("", b"")


def _event(row: Row) -> dict[str, Any]:
    zone = timezone(timedelta(minutes=row["utc_offset"]))
    ids: dict[str, list[str]] = {}
    for address in row["ids"]:
        kind, _, value = address.partition(":")
        ids.setdefault(kind, []).append(value)
    event = {
        "event_id": row["event_id"],
        "type": row["type"],
        "occurred_at": row["occurred_at"].astimezone(zone).isoformat(),
        "ids": ids,
        **{name: row[name] for name in ("channel", "store", "batch") if row[name]},
        "data": orjson.loads(row["data"]),
    }
    return event | ({"context": context} if (context := orjson.loads(row["context"])) else {})
