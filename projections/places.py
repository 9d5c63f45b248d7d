"""A place in the log: what orders facts, and what a person's id is made of."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

# The name space of person ids: UUIDv5(this, "topic-free place of the member first in the log").
_PERSONS = uuid.UUID("6f1d7b6e-3a52-5c0e-9c39-0d7d4c9a51c7")


class Place(NamedTuple):
    """Log order across partitions is (received_at, partition, offset, index); received_at is Kafka's append time."""

    received_at: datetime
    partition: int
    offset: int
    index: int  # type: ignore[assignment]
    # Of a tuple `index` would say where something in it is, which nobody asks of a place.


def person_id(place: Place) -> str:
    """The stable id of the person whose first member stands at `place`: a replay of the same log gives the same."""
    return str(uuid.uuid5(_PERSONS, f"{place.partition}/{place.offset}/{place.index}"))
