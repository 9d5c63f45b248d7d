"""What was set by hand: members of static segments and values of manual tags, by identifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from projections.database import Database, Row

_OF_ADDRESSES = """
SELECT address, ref, value, until, author, received_at, version FROM assignments
WHERE address IN {addresses:Array(String)}
ORDER BY address, ref, version DESC LIMIT 1 BY address, ref
"""


@dataclass(frozen=True, slots=True)
class Assigned:
    """One value given to an identifier by hand; `value` None takes it away."""

    address: str
    ref: str
    version: int
    value: str | bool | None
    until: datetime | None
    author: str
    received_at: datetime


def write_assignments(database: Database, assigned: Sequence[Assigned]) -> None:
    """Append them; the same one again is the same row."""
    database.insert(
        "assignments",
        {
            "address": [each.address for each in assigned],
            "ref": [each.ref for each in assigned],
            "version": [each.version for each in assigned],
            "value": [_text(each.value) for each in assigned],
            "until": [each.until for each in assigned],
            "author": [each.author for each in assigned],
            "received_at": [each.received_at for each in assigned],
        },
    )


def assigned_to(database: Database, addresses: Sequence[str]) -> list[Row]:
    """What was said last by hand of each of some identifiers, what was taken away too."""
    return database.rows(_OF_ADDRESSES, {"addresses": list(addresses)})


def _text(value: object) -> str:
    """As JSON text; '' for none."""
    return "" if value is None or value is False else orjson.dumps(value).decode()
