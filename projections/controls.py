"""What operators said, as rows: every version of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from projections.database import Database
from projections.moments import AsOf
from schemas.control import Control, ControlKind

_LAST = """
SELECT version, value, author, received_at FROM controls
WHERE kind = {kind:String} AND key = {key:String} AND received_at <= {known:DateTime64(6, 'UTC')}
ORDER BY version DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Said:
    """One version of something: its place in the control topic makes the version."""

    control: Control
    version: int
    received_at: datetime


def write_controls(database: Database, said: Sequence[Said]) -> None:
    """Append versions; the same one again is the same row."""
    database.insert(
        "controls",
        {
            "kind": [each.control.kind for each in said],
            "key": [each.control.key for each in said],
            "version": [each.version for each in said],
            "value": [orjson.dumps(each.control.value).decode() for each in said],
            "author": [each.control.author for each in said],
            "received_at": [each.received_at for each in said],
        },
    )


def last_said(database: Database, kind: ControlKind, moment: AsOf, key: str = "") -> Said | None:
    """The version that was in force at a moment; None before the first."""
    row = database.one(_LAST, {"kind": kind, "key": key, "known": moment.parameters()["known"]})
    if row is None:
        return None
    control = Control(kind=kind, key=key, value=orjson.loads(row["value"]), author=row["author"])
    return Said(control, row["version"], row["received_at"])
