"""Where segments with a limit end: the cut below which nobody is in, from everybody it could hold."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from projections.compiler.limiting import OPEN, Cut
from projections.compiler.program import Program, compile_library
from projections.database import Database
from projections.evaluating import PERSONS_AT_ONCE, Asked, everybody, people_sql, tables_for
from projections.profiles import Persons
from schemas.definitions import Definition, Ref, SegmentDefinition

_HIGHEST = "SELECT rank, tie FROM ({ranking}) ORDER BY rank DESC, tie DESC LIMIT {most}"
_LATEST = """
SELECT ref, argMax((definition_version, rank, tie), version) AS last FROM cuts GROUP BY ref
"""


def find_cuts(
    database: Database, definitions: Sequence[Definition], wanted: Iterable[Ref], asked: Asked
) -> dict[str, Cut]:
    """The cuts of some definitions, and of those they refer to, at a moment; computed from everybody there was then."""
    program = compile_library(definitions, only=set(wanted))
    by_ref = {each.ref: each for each in definitions}
    found: dict[str, Cut] = {}
    for ref in program.limited:
        definition = by_ref[ref]
        assert isinstance(definition, SegmentDefinition)  # noqa: S101 -- only segments have limits
        alone = compile_library(definitions, only={ref})
        so_far = replace(asked, cuts={**found, ":".join(ref): OPEN})
        found[":".join(ref)] = _cut(database, alone, ref, size_of(definition), so_far)
    return found


def size_of(segment: SegmentDefinition) -> int:
    """How many a segment with a limit holds at most."""
    limit = segment.limit
    assert limit is not None  # noqa: S101 -- asked of those that have one
    return getattr(limit, "top", 0) or getattr(limit, "random", 0)


def _cut(database: Database, program: Program, ref: Ref, most: int, asked: Asked) -> Cut:
    sql = _HIGHEST.replace("{ranking}", program.ranking(people_sql(asked.moment), ref)).replace("{most}", str(most))
    people = iter(everybody(database, asked.moment).items())
    highest: list[Cut] = []
    while part := dict(islice(people, PERSONS_AT_ONCE)):
        tables = tables_for(database, program, Persons(part), asked.moment)
        rows = database.tuples(sql, asked.parameters(program), tables)
        highest = heapq.nlargest(most, [*highest, *(Cut(rank, tie) for rank, tie in rows)])
    return highest[-1] if len(highest) == most else OPEN


def kept_cuts(database: Database, versions: Mapping[str, int]) -> dict[str, Cut]:
    """The cuts in force of definitions of these versions, by ref."""
    found = dict(database.tuples(_LATEST))
    return {ref: Cut(last[1], last[2]) for ref, last in found.items() if versions.get(ref) == last[0]}


def write_cuts(database: Database, cuts: Mapping[str, Cut], versions: Mapping[str, int], now: datetime) -> None:
    """Put cuts in force."""
    number = int(now.astimezone(UTC).timestamp() * 1000)
    database.insert(
        "cuts",
        {
            "ref": list(cuts),
            "version": [number] * len(cuts),
            "definition_version": [versions[ref] for ref in cuts],
            "rank": [cut.rank for cut in cuts.values()],
            "tie": [cut.tie for cut in cuts.values()],
        },
    )
