"""What holds of persons now, against what is computed: only those for whom something differs are looked at further."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from projections.compiler.program import Program
from projections.database import Database, Given
from projections.evaluating import KEPT, Asked, tables_for
from projections.membership.model import Differing, Held, State
from projections.profiles import Persons

# `names` are the persons asked about; whoever is nobody (any more) has nothing.
_DIFFERING = """
SELECT names.name AS root, now.person_id AS person_id, now.pairs AS pairs, now.flips_at AS flips_at,
       was.person_id AS former_id, was.sequence AS sequence, was.held AS held, was.flips_at AS former_flip
FROM names
LEFT JOIN ({program}) AS now ON names.name = now.root
LEFT JOIN (
    SELECT root, person_id, sequence, held, flips_at FROM memberships
    WHERE root IN (SELECT name FROM names)
    ORDER BY version DESC, sequence DESC LIMIT 1 BY root
) AS was ON names.name = was.root
WHERE pairs != arrayMap(each -> (each.1, each.2), {held}) OR {flips}
"""
_ALL = ("held", "flips_at IS DISTINCT FROM former_flip")
# The others may flip as they would have: only an earlier moment is news.
_SOME = (
    "arrayFilter(each -> has({looked_at:Array(String)}, each.1), held)",
    "(isNotNull(flips_at) AND (isNull(former_flip) OR flips_at < former_flip))",
)
_OF_ROOTS = """
SELECT root, person_id, version, sequence, held, flips_at FROM memberships
WHERE root IN {roots:Array(String)}
ORDER BY version DESC, sequence DESC LIMIT 1 BY root
"""


def differing(
    database: Database,
    program: Program,
    persons: Persons,
    asked: Asked,
    roots: Collection[str],
    refs: frozenset[str] | None = None,
) -> list[Differing]:
    """Evaluate persons, and compare with what holds of `roots`, of whom some may be nobody any more.

    `refs`: what the program puts out; None for all there is.
    """
    if not roots:
        return []
    held, flips = _ALL if refs is None else _SOME
    sql = _DIFFERING.replace("{held}", held).replace("{flips}", flips).replace("{program}", program.select(KEPT))
    tables = {**tables_for(database, program, persons, asked.moment), "names": _named(roots)}
    parameters = {**asked.parameters(program), **({} if refs is None else {"looked_at": sorted(refs)})}
    return [_differing(row, refs) for row in database.tuples(sql, parameters, tables)]


def _named(roots: Collection[str]) -> Given:
    return Given("name String", [(root,) for root in roots])


def _differing(row: tuple[Any, ...], refs: frozenset[str] | None) -> Differing:
    root, person_id, pairs, flips_at, former, sequence, held, former_flip = row
    was = State(root, former, sequence, _held(held), former_flip)
    return Differing(was, person_id, tuple((ref, value) for ref, value in pairs), flips_at, refs)


def states(database: Database, roots: Collection[str]) -> dict[str, State]:
    """What holds of some roots."""
    rows = database.tuples(_OF_ROOTS, {"roots": list(roots)})
    return {
        root: State(root, person, sequence, _held(held), flips_at, version)
        for root, person, version, sequence, held, flips_at in rows
    }


def _held(rows: Sequence[Any]) -> tuple[Held, ...]:
    return tuple(Held(*(each.values() if isinstance(each, Mapping) else each)) for each in rows)


def write_states(database: Database, found: Sequence[State]) -> None:
    """Keep what holds of persons, and when to look at them again."""
    database.insert(
        "memberships",
        {
            "root": [each.root for each in found],
            "person_id": [each.person_id for each in found],
            "version": [each.version for each in found],
            "sequence": [each.sequence for each in found],
            "held": [[(held.ref, held.value, held.since) for held in each.held] for each in found],
            "flips_at": [each.flips_at for each in found],
        },
    )
    waiting = [(each.flips_at, each.root) for each in found if each.flips_at is not None]
    database.insert("flips", {"at": [at for at, _ in waiting], "root": [root for _, root in waiting]})
