"""What the resolver keeps: everybody's root, the refused pairs, what it has weighed; and its journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from projections.database import Database, Given, names, time_parameter
from projections.identity.weighing import Moment, Pair, Refused, Sighting
from projections.statements import statement

_MOVE = """
INSERT INTO identities (node_hash, node, root, version)
SELECT cityHash64(node), node, root, {version:UInt64} FROM said
WHERE (SELECT max(version) FROM resolutions) = {version:UInt64}
"""
_WEIGHED = "sighting UInt64, occurred_at DateTime64(6, 'UTC'), event_id String, source String"
_WEIGH = """
INSERT INTO weighed (sighting, occurred_at, event_id, source, version)
SELECT *, {version:UInt64} FROM said
WHERE (SELECT max(version) FROM resolutions) = {version:UInt64}
"""
_REFUSALS = (
    "node String, other String, rule String, "
    "occurred_at DateTime64(6, 'UTC'), event_id String, source String, refused UInt8"
)
_REFUSE = """
INSERT INTO refusals (node_hash, node, other, rule, occurred_at, event_id, source, refused, version)
SELECT cityHash64(node), *, {version:UInt64} FROM said
WHERE (SELECT max(version) FROM resolutions) = {version:UInt64}
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the resolver: who leaves which root for which."""

    version: int
    moved: Mapping[str, tuple[str, str]]
    """Identifiers with their root before and now."""

    @property
    def roots(self) -> dict[str, str]:
        """Whose root to write: of whoever moved, and of the roots they moved to, so that these are found as members."""
        return {root: root for _, root in self.moved.values()} | {each: root for each, (_, root) in self.moved.items()}

    @property
    def touched(self) -> list[str]:
        """Former and present roots: whose dossiers must be folded anew."""
        return sorted({root for both in self.moved.values() for root in both})

    def parts(self, most: int) -> Iterator[Step]:
        """A long step as several, each with the next version."""
        nodes = sorted(self.moved)
        for number, start in enumerate(range(0, len(nodes), most)):
            yield Step(self.version + number, {each: self.moved[each] for each in nodes[start : start + most]})


def lately(database: Database, next_offset: int) -> tuple[int, list[str]]:
    """The last version, and whom steps for records from this offset on, not acknowledged, may not have touched."""
    rows = database.tuples(statement("resolutions_lately"), {"next": next_offset})
    return (int(rows[0][0]), sorted(rows[0][1])) if rows else (0, [])


def write_step(database: Database, step: Step, until: int) -> None:
    """Say what is about to change, and for records up to which offset; then change it.

    All that is written of a step is written only as long as it is the last: somebody who was paused in between
    cannot write over whoever went on.
    """
    database.insert("resolutions", {"version": [step.version], "until": [until], "touched": [step.touched]})
    if not step.moved:
        return
    said = Given("node String, root String", list(step.roots.items()))
    database.execute(_MOVE, {"version": step.version}, {"said": said})


def write_weighed(database: Database, sightings: Iterable[Sighting], version: int) -> None:
    """These were weighed, each as of its event."""
    rows = [(each.sighting, time_parameter(each.at[0]), each.at[1], each.at[2]) for each in sightings]
    if rows:
        database.execute(_WEIGH, {"version": version}, {"said": Given(_WEIGHED, rows)})


def write_refusals(database: Database, refused: Iterable[Refused], lifted: Iterable[Pair], version: int) -> None:
    """Pairs that are refused, and pairs that no longer are; each under both of its identifiers."""
    rows: list[tuple[object, ...]] = [
        (one, other, each.rule, *_said(each.by.at), 1) for each in refused for one, other in _both(each.pair)
    ]
    rows += [(one, other, "", "1970-01-01 00:00:00", "", "", 0) for pair in lifted for one, other in _both(pair)]
    if rows:
        database.execute(_REFUSE, {"version": version}, {"said": Given(_REFUSALS, rows)})


def _said(moment: Moment) -> tuple[str, str, str]:
    return time_parameter(moment[0]), moment[1], moment[2]


def _both(pair: Pair) -> tuple[Pair, Pair]:
    return pair, (pair[1], pair[0])


def kept_refusals(
    database: Database, identifiers: Iterable[str], rule: str = ""
) -> dict[Pair, tuple[str, str, str, datetime]]:
    """The pairs some identifiers are in that are refused (by a rule), by (identifier, other).

    With the rule, the event, its source, and when it occurred.
    """
    wanted = list(identifiers)
    if not wanted:
        return {}
    rows = database.tuples(statement("refusals_of"), {"rule": rule}, names(wanted))
    return {(node, other): (said, event_id, source, at) for node, other, said, at, event_id, source in rows}
