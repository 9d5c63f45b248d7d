"""What operators said, as rows: every version of everything, those too that were not taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from projections.database import Database, Row
from projections.moments import AsOf
from schemas.control import Control, ControlKind

NEVER = 2**63
_LAST = """
SELECT version, value, author, received_at, rejected FROM controls
WHERE kind = {kind:String} AND key = {key:String} AND received_at <= {known:DateTime64(6, 'UTC')} AND rejected = ''
ORDER BY version DESC LIMIT 1
"""
_VERSIONS = """
SELECT version, value, author, received_at, rejected FROM controls
WHERE kind = {kind:String} AND key = {key:String}
ORDER BY version DESC LIMIT 1 BY version LIMIT {limit:UInt32}
"""
_IN_FORCE = """
SELECT toString(kind) AS kind, key, version, value, author, received_at, rejected FROM controls
WHERE kind IN ('segment', 'tag') AND received_at <= {known:DateTime64(6, 'UTC')} AND rejected = ''
  AND version < {before:UInt64}
ORDER BY kind, key, version DESC LIMIT 1 BY kind, key
"""
_OUTCOME = "SELECT rejected FROM controls WHERE version = {version:UInt64} AND kind != '' LIMIT 1"


@dataclass(frozen=True, slots=True)
class Said:
    """One version of something: its place in the control topic makes the version."""

    control: Control
    version: int
    received_at: datetime
    rejected: str = ""
    """Why it was not taken; '' when it was."""


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
            "rejected": [each.rejected for each in said],
        },
    )


def last_said(database: Database, kind: ControlKind, moment: AsOf, key: str = "") -> Said | None:
    """The version that was in force at a moment; None before the first."""
    row = database.one(_LAST, {"kind": kind, "key": key, "known": moment.parameters()["known"]})
    return said_of({"kind": kind, "key": key, **row}) if row else None


def versions_said(database: Database, kind: ControlKind, key: str, limit: int = 200) -> list[Said]:
    """What was said of something, the latest first; also what was not taken."""
    rows = database.rows(_VERSIONS, {"kind": kind, "key": key, "limit": limit})
    return [said_of({"kind": kind, "key": key, **row}) for row in rows]


def definitions_said(database: Database, moment: AsOf, before: int = NEVER) -> list[Said]:
    """Of every segment and tag that was ever defined, what was in force at a moment, tombstones too.

    `before`: only versions less than it.
    """
    asked = {"known": moment.parameters()["known"], "before": before}
    return [said_of(row) for row in database.rows(_IN_FORCE, asked)]


def outcome(database: Database, version: int) -> str | None:
    """Why a version was not taken, '' when it was; None as long as it has not been looked at."""
    row = database.one(_OUTCOME, {"version": version})
    return str(row["rejected"]) if row else None


def said_of(row: Row) -> Said:
    """A row of `controls` as it was said."""
    control = Control(kind=row["kind"], key=row["key"], value=orjson.loads(row["value"]), author=row["author"])
    return Said(control, row["version"], row["received_at"], row["rejected"])
