"""Rejects: what producers are told of their events that became dead letters. Never the event, nor a value of it."""

from __future__ import annotations

import orjson

from schemas.dead_letter import DeadLetter
from schemas.times import format_time


def reject(letter_id: str, letter: DeadLetter) -> bytes:
    """Write one. `event_id` is the producer's own; `GET /v1/dead-letters/{letter_id}` has the rest, for who may."""
    return orjson.dumps(
        {
            "letter_id": letter_id,
            "source": letter.source,
            "event_id": letter.event_id,
            "code": letter.code,
            "pointer": letter.pointer,
            "message": letter.message,
            "origin": letter.origin,
            "topic": letter.topic,
            "partition": letter.partition,
            "offset": letter.offset,
            "index": letter.index,
            "received_at": format_time(letter.received_at),
        }
    )
