"""What a definition would say, before anybody has it: how many, who for example, and what else holds of them.

Where only dossiers are looked at, everybody is counted. Where facts have to be read and there are many customers, a
stable share of them is looked at, and the size is an estimate with its margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import Any

import orjson

from projections.compiler.program import Program, compile_library
from projections.cuts import find_cuts
from projections.database import Database, names
from projections.evaluating import Asked, evaluate
from projections.library import Library
from schemas.definitions import Definition

PERSONS_LOOKED_AT = 5_000
_CONFIDENCE = 1.96
"""Standard deviations: 95 of 100 estimates lie within the margin."""
_EVERYBODY = "SELECT {columns} FROM profiles FINAL WHERE present = 1"
_ROWS = "SELECT count() FROM profiles"
_SHARE = """
SELECT root, members FROM profiles FINAL
WHERE present = 1 AND cityHash64(root, 'preview') % {shares:UInt32} = 0
"""
_COUNTED = """
SELECT value, count() AS persons, groupArraySample(1000, 1)((root, person_id)) AS some
FROM (SELECT root, person_id, pairs[1].2 AS value FROM ({program}) WHERE notEmpty(pairs))
GROUP BY value
"""
_TAGS = """
SELECT each.1 AS ref, each.2 AS value, count() AS persons
FROM (
    SELECT held FROM memberships WHERE root IN (SELECT name FROM names)
    ORDER BY version DESC, sequence DESC LIMIT 1 BY root
)
ARRAY JOIN held AS each
WHERE startsWith(ref, 'tag:')
GROUP BY ref, value
ORDER BY ref, value
"""


@dataclass(frozen=True, slots=True)
class Preview:
    """`size` customers; with `margin` (None: exact) 95 of 100 times within so many of it."""

    size: int
    values: Mapping[Any, int]
    """How many by value; of a segment under True."""
    margin: int | None
    sample: Sequence[tuple[str, str]]
    """(root, person_id) of some."""
    looked_at: int
    """Over how many of them the breakdown is."""
    breakdown: Mapping[str, Mapping[Any, int]]
    """By tag, how many have which value."""


def preview(
    database: Database, definition: Definition, library: Library, asked: Asked, *, sample: int = 10, exact: bool = False
) -> Preview:
    """Look at everybody, or a share; `exact`: at everybody however long it takes. `asked.moment` is kept.

    Who the highest are cannot be told from a share: with a limit everybody is looked at.
    """
    others = [each for each in library.live if each.ref != definition.ref]
    program = compile_library([*others, definition], only={definition.ref})
    if program.limited:
        exact = True
        asked = replace(asked, cuts=find_cuts(database, [*others, definition], program.limited, asked))
    if not (program.needs_facts or program.needs_orders or program.needs_assigned):
        return _whole(database, program, asked, sample)
    shares = 1 if exact else max(1, ceil(database.tuples(_ROWS)[0][0] / PERSONS_LOOKED_AT))
    people = dict(database.tuples(_SHARE, {"shares": shares}))
    found = [each for part in _parts(people) for each in evaluate(database, program, part, asked) if each.pairs]
    values: dict[Any, int] = {}
    for each in found:
        value = orjson.loads(each.pairs[0][1])
        values[value] = values.get(value, 0) + shares
    margin = None if shares == 1 else _margin(len(found), len(people), shares)
    some = [(each.root, each.person_id) for each in found]
    return _preview(database, values, margin, some, sample)


def _whole(database: Database, program: Program, asked: Asked, sample: int) -> Preview:
    """Everybody, from the dossiers alone."""
    sql = _COUNTED.replace("{program}", program.select(_EVERYBODY))
    rows = database.tuples(sql, asked.parameters(program))
    some = [(root, person) for _, _, chosen in rows for root, person in chosen]
    return _preview(database, {orjson.loads(value): persons for value, persons, _ in rows}, None, some, sample)


def _preview(
    database: Database, values: Mapping[Any, int], margin: int | None, some: Sequence[tuple[str, str]], sample: int
) -> Preview:
    breakdown: dict[str, dict[Any, int]] = {}
    for ref, value, persons in database.tuples(_TAGS, tables=names(root for root, _ in some)) if some else []:
        breakdown.setdefault(ref.partition(":")[2], {})[orjson.loads(value)] = persons
    return Preview(sum(values.values()), values, margin, some[:sample], len(some), breakdown)


def _parts(people: Mapping[str, Sequence[str]], most: int = 20_000) -> list[dict[str, Sequence[str]]]:
    roots = list(people)
    return [{root: people[root] for root in roots[i : i + most]} for i in range(0, len(roots), most)]


def _margin(found: int, looked_at: int, shares: int) -> int:
    """Of a share drawn at random: Wald's interval; of none found the rule of three."""
    if not found or found == looked_at:
        return 3 * shares
    share = found / looked_at
    return ceil(_CONFIDENCE * sqrt(share * (1 - share) * looked_at) * shares)
