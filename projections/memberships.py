"""What is read of memberships: a person's, a segment's members and counts, and what changed when and why.

While everybody is evaluated by a new version of a definition, the one before goes on answering: its changes are looked
at only up to the version that is being built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from projections.controls import NEVER
from projections.database import Database, Row, time_parameter
from projections.passes import unfinished

Every = Literal["hour", "day", "week", "month"]
NOTHING = ("false", "null")
_FIRST = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_LAST = datetime.fromisoformat("2299-12-31T00:00:00+00:00")

_HELD = """
SELECT each.1 AS ref, each.2 AS value, each.3 AS since
FROM (SELECT held FROM memberships WHERE root = {root:String} ORDER BY version DESC, sequence DESC LIMIT 1)
ARRAY JOIN held AS each
"""
_HELD_BEFORE = """
SELECT argMax(after, sequence) AS value, argMax(at, sequence) AS since FROM changes
WHERE kind = {kind:String} AND key = {key:String} AND root_hash = cityHash64({root:String}) AND root = {root:String}
  AND definition_version < {before:UInt64}
HAVING count() > 0
"""
# In the order of the table, so that a page reads little more than itself.
_MEMBERS = """
SELECT root, argMax(person_id, sequence) AS person, argMax(after, sequence) AS value, argMax(at, sequence) AS since,
       root_hash AS place
FROM changes
WHERE kind = {kind:String} AND key = {key:String} AND definition_version < {before:UInt64}
  AND root_hash > {place:UInt64}
GROUP BY kind, key, root_hash, root
HAVING value NOT IN ('false', 'null') AND ({wanted:String} = '' OR value = {wanted:String})
ORDER BY kind, key, root_hash, root
LIMIT {limit:UInt64}
"""
_COUNTS = """
SELECT value, count() AS members
FROM (
    SELECT argMax(after, sequence) AS value FROM changes
    WHERE kind = {kind:String} AND key = {key:String} AND definition_version < {before:UInt64}
    GROUP BY root_hash, root
)
WHERE value NOT IN ('false', 'null')
GROUP BY value
ORDER BY value
"""
_COUNTS_OF_ALL = """
SELECT each.1 AS ref, count() FROM (SELECT held FROM memberships FINAL) ARRAY JOIN held AS each GROUP BY ref
"""
_CHANGES = """
SELECT change_id, person_id, toString(kind) AS kind, key, before, after, at, toString(cause) AS cause, cause_ref,
       definition_version
FROM changes
WHERE ({kind:String} = '' OR kind = {kind:String}) AND ({key:String} = '' OR key = {key:String})
  AND ({person:String} = '' OR person_id = {person:String})
  AND at >= {start:DateTime64(6, 'UTC')} AND at < {end:DateTime64(6, 'UTC')}
  AND (at, change_id) < ({before_at:DateTime64(6, 'UTC')}, {before_id:String})
ORDER BY at DESC, change_id DESC
LIMIT 1 BY change_id
LIMIT {limit:UInt32}
"""
_NET_BEFORE = "SELECT sum(delta) FROM ({steps}) WHERE at < {start:DateTime64(6, 'UTC')}"
_STEPS = """
SELECT at, delta FROM (
    SELECT at, toInt64(after NOT IN ('false', 'null')) - toInt64(before NOT IN ('false', 'null')) AS delta
    FROM changes WHERE kind = {kind:String} AND key = {key:String} AND at < {end:DateTime64(6, 'UTC')}
    LIMIT 1 BY root, sequence
)
"""
_HISTORY = """
SELECT toDateTime64({bucket}, 6, 'UTC') AS begins, sum(delta) AS net, sum(delta > 0) AS entered, sum(delta < 0) AS left
FROM ({steps}) WHERE at >= {start:DateTime64(6, 'UTC')} GROUP BY begins ORDER BY begins
"""
_BUCKETS: Mapping[Every, str] = {
    "hour": "toStartOfHour(at, {zone:String})",
    "day": "toStartOfDay(at, {zone:String})",
    "week": "toDateTime(toMonday(at, {zone:String}), {zone:String})",
    "month": "toDateTime(toStartOfMonth(at, {zone:String}), {zone:String})",
}


@dataclass(frozen=True, slots=True)
class Membership:
    """One thing that holds of a person; `value` decoded."""

    ref: str
    value: Any
    since: datetime


@dataclass(frozen=True, slots=True)
class Building:
    """A version for which everybody is being evaluated: how far that is, from 0 to 1."""

    version: int
    share: float


def building(database: Database) -> dict[str, Building]:
    """By ref, what is being computed for everybody because its definition was said anew."""
    found: dict[str, Building] = {}
    for going in unfinished(database):
        if going.cause == "definition":
            for said in going.cause_ref.split(","):
                ref, _, version = said.rpartition("@")
                if ref:
                    found[ref] = Building(int(version), going.done / max(going.steps, 1))
    return found


def held_of(database: Database, root: str) -> list[Membership]:
    """What holds of one person now, by root."""
    held = {
        row["ref"]: Membership(row["ref"], orjson.loads(row["value"]), row["since"]) for row in _rows(database, root)
    }
    for ref, built in building(database).items():
        held.pop(ref, None)
        kind, _, key = ref.partition(":")
        asked = {"kind": kind, "key": key, "root": root, "before": built.version}
        row = database.one(_HELD_BEFORE, asked)
        if row and row["value"] not in NOTHING:
            held[ref] = Membership(ref, orjson.loads(row["value"]), row["since"])
    return [held[ref] for ref in sorted(held)]


def _rows(database: Database, root: str) -> Sequence[Row]:
    return database.rows(_HELD, {"root": root})


def _of(database: Database, ref: str) -> dict[str, object]:
    kind, _, key = ref.partition(":")
    built = building(database).get(ref)
    return {"kind": kind, "key": key, "before": built.version if built else NEVER}


def members_page(database: Database, ref: str, place: int, limit: int, value: Any = None) -> list[Row]:
    """Members in a fixed order, after a place: root, person, value (JSON text), since, place."""
    wanted = "" if value is None else orjson.dumps(value).decode()
    return database.rows(_MEMBERS, {**_of(database, ref), "place": place, "limit": limit, "wanted": wanted})


def value_counts(database: Database, ref: str) -> dict[Any, int]:
    """How many have each value; of a segment those that are in it are under True."""
    return {orjson.loads(value): count for value, count in database.tuples(_COUNTS, _of(database, ref))}


def member_count(database: Database, ref: str) -> int:
    """How many are in a segment, or have a tag."""
    return sum(value_counts(database, ref).values())


def member_counts(database: Database) -> dict[str, int]:
    """How many are in each segment, and have each tag."""
    counts: dict[str, int] = dict(database.tuples(_COUNTS_OF_ALL))
    return counts | {ref: member_count(database, ref) for ref in building(database)}


@dataclass(frozen=True, slots=True)
class ChangesAsked:
    """Which changes: of a definition, a person, a span; '' for any. Before a place: (at, change_id)."""

    kind: str = ""
    key: str = ""
    person: str = ""
    start: datetime = _FIRST
    end: datetime = _LAST
    before_at: datetime = _LAST
    before_id: str = ""


def changes_page(database: Database, asked: ChangesAsked, limit: int) -> list[Row]:
    """Changes, the newest first; `before` and `after` are JSON texts."""
    parameters = {
        "kind": asked.kind,
        "key": asked.key,
        "person": asked.person,
        "start": time_parameter(asked.start),
        "end": time_parameter(asked.end),
        "before_at": time_parameter(asked.before_at),
        "before_id": asked.before_id,
        "limit": limit,
    }
    return database.rows(_CHANGES, parameters)


def count_history(database: Database, ref: str, start: datetime, end: datetime, every: Every, zone: str) -> list[Row]:
    """How many there were at the end of each span in which anything changed: begins, count, entered, left."""
    kind, _, key = ref.partition(":")
    asked = {"kind": kind, "key": key, "start": time_parameter(start), "end": time_parameter(end), "zone": zone}
    count = int(database.tuples(_NET_BEFORE.replace("{steps}", _STEPS), asked)[0][0] or 0)
    sql = _HISTORY.replace("{bucket}", _BUCKETS[every]).replace("{steps}", _STEPS)
    found: list[Row] = []
    for row in database.rows(sql, asked):
        count += row["net"]
        found.append({"begins": row["begins"], "count": count, "entered": row["entered"], "left": row["left"]})
    return found
