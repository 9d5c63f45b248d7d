"""A place in the log: what orders facts, and what a person's id is made of."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

# The name space of person ids: UUIDv5(this, "topic-free place of the member first in the log").
_PERSONS = uuid.UUID("6f1d7b6e-3a52-5c0e-9c39-0d7d4c9a51c7")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Log order across partitions is (received_at, partition, offset, index); received_at is Kafka's append time."""

    received_at: datetime
    partition: int
    offset: int
    index: int


def person_id(place: Place) -> str:
    """The stable id of the person whose first member stands at `place`: a replay of the same log gives the same."""
    return str(uuid.uuid5(_PERSONS, f"{place.partition}/{place.offset}/{place.index}"))
