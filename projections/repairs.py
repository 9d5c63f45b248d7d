"""Which letters were replayed, and which events came again: what is only noted, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from projections.claims import id_hash
from projections.database import Database
from projections.facts import Fact
from projections.places import Place


@dataclass(frozen=True, slots=True)
class Repair:
    """An event that was replayed from a letter, at its place in the log."""

    letter_id: str
    replay_id: str
    source: str
    event_id: str
    place: Place


def write_repairs(database: Database, repairs: Sequence[Repair]) -> None:
    """Note them; the same place again is the same row."""
    database.insert(
        "repairs",
        {
            "letter_id": [each.letter_id for each in repairs],
            "replay_id": [each.replay_id for each in repairs],
            "source": [each.source for each in repairs],
            "event_id": [each.event_id for each in repairs],
            "received_at": [each.place.received_at for each in repairs],
            "log_partition": [each.place.partition for each in repairs],
            "log_offset": [each.place.offset for each in repairs],
            "log_index": [each.place.index for each in repairs],
        },
    )


def write_repetitions(database: Database, facts: Sequence[Fact]) -> None:
    """Note events that came again with the same content."""
    database.insert(
        "repetitions",
        {
            "id_hash": [id_hash(each.event.source, each.event.event_id) for each in facts],
            "source": [each.event.source for each in facts],
            "event_id": [each.event.event_id for each in facts],
            "received_at": [each.place.received_at for each in facts],
            "log_partition": [each.place.partition for each in facts],
            "log_offset": [each.place.offset for each in facts],
            "log_index": [each.place.index for each in facts],
        },
    )
