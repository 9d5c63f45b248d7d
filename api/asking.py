"""What evaluating a definition at a moment needs: the library, a program, boundaries; and the memberships it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from api.parameters import Asked
from api.services import Services
from projections import evaluating
from projections.compiler import Program
from projections.cuts import find_cuts
from projections.library import Library
from schemas.definitions import Definition
from schemas.rfm import Boundaries


@dataclass(frozen=True, slots=True)
class Member:
    """One person in a segment, or with a tag, at a moment."""

    root: str
    person_id: str
    value: Any


def terms_of(platform: Services, definitions: Sequence[Definition], program: Program, asked: Asked) -> evaluating.Asked:
    """What to evaluate by; boundaries and cuts are those in force now, or the exact ones of the moment."""
    if asked.live:
        view = platform.in_force.view()
        return evaluating.Asked(asked.moment, platform.terms, view.boundaries, view.cuts)
    boundaries = platform.boundaries.at(asked.moment) if program.needs_boundaries else None
    return with_cuts(platform, definitions, program, evaluating.Asked(asked.moment, platform.terms, boundaries))


def with_cuts(
    platform: Services, definitions: Sequence[Definition], program: Program, terms: evaluating.Asked
) -> evaluating.Asked:
    """The same with the exact cuts of segments that hold so many at most."""
    if not program.limited:
        return terms
    return replace(terms, cuts=find_cuts(platform.database, definitions, program.limited, terms))


def library_of(platform: Services, asked: Asked) -> Library:
    """Today's definitions, or those known at the moment when what was known is asked for."""
    return platform.in_force.library(None if asked.live else asked.moment)


def members_at(platform: Services, library: Library, ref: str, asked: Asked) -> Iterator[Member]:
    """Everybody for whom a definition holds at a moment, from the facts, in no particular order; of a draft nobody."""
    if ref not in library.refs:
        return
    program = platform.in_force.program(library, frozenset({ref}))
    terms = terms_of(platform, library.live, program, asked)
    for chunk in evaluating.evaluate_all(platform.database, program, terms):
        for each in chunk:
            yield from (
                Member(each.root, each.person_id, orjson.loads(value)) for said, value in each.pairs if said == ref
            )


def held_at(
    platform: Services, roots: Sequence[str], asked: Asked, boundaries: Boundaries | None
) -> dict[str, dict[str, Any]]:
    """Everything that holds of some persons at a moment, against boundaries of then: root → ref → value."""
    library = library_of(platform, asked)
    if not library.refs:
        return {}
    program = platform.in_force.program(library)
    terms = evaluating.Asked(asked.moment, platform.terms, boundaries, platform.in_force.view().cuts)
    if not asked.live:
        terms = with_cuts(platform, library.live, program, terms)
    found = evaluating.evaluate_some(platform.database, program, roots, terms)
    return {each.root: {ref: orjson.loads(value) for ref, value in each.pairs} for each in found}
