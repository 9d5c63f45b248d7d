"""Why somebody is in a segment or not, or has a value of a tag; and when that ends by itself."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from api.asking import library_of, terms_of
from api.explanation_view import by_hand, tree, with_money
from api.flipping import Seen, walk
from api.kinds import entry_of
from api.parameters import Asked
from api.services import Services
from projections import evaluating
from projections.assignments import assigned_to
from projections.compiler.explanation import Explanation, compile_explanation
from projections.compiler.program import Program, compile_library
from projections.database import names
from projections.evaluating import People, evaluate, people_sql
from projections.identity.people import people_of
from projections.library import Library
from projections.resolution import resolve_people
from schemas.definitions import Definition, DefinitionKind
from schemas.errors import NotFound

_PATIENCE = 2.0
"""Seconds to look ahead for."""


def explained(platform: Services, of: tuple[DefinitionKind, str], address: str, asked: Asked) -> dict[str, Any]:
    """Whether, by what, and until when. Raises NotFound for an unknown definition, and for nobody."""
    library = library_of(platform, asked)
    entry = entry_of(library, *of)
    people = people_of(platform.database, [platform.book.subject(address)], asked.moment)
    look = _look(platform, entry.definition, library, people, asked)
    seen = look.at(asked.moment.at)
    if seen is None:
        raise NotFound("Nothing is known of this customer (yet).")
    deadline = time.monotonic() + _PATIENCE
    flips = walk(seen, look.at, lambda: time.monotonic() < deadline)
    return {
        "person_id": seen.person_id,
        "member": seen.value is not None,
        "value": seen.value,
        "definition_version": entry.version,
        "tree": _tree(platform, entry.definition, seen, flips.of_nodes, people),
        **flips.shown(),
    }


def _tree(
    platform: Services, definition: Definition, seen: Seen, flips: list[datetime | None], people: People
) -> dict[str, Any]:
    if seen.trees:
        return tree(definition, seen.trees, seen.value, flips)
    members = [member for members in people.values() for member in members]
    ref = ":".join(definition.ref)
    said = [row for row in assigned_to(platform.database, members) if row["ref"] == ref]
    return by_hand(definition, seen.value, said)


@dataclass(frozen=True, slots=True)
class _Look:
    """One customer, looked at at any moment."""

    platform: Services
    explanation: Explanation
    program: Program
    ref: str
    people: People
    asked: evaluating.Asked

    def at(self, moment: datetime) -> Seen | None:
        """What holds at a moment: that asked about, or one after it."""
        there = self.asked.moment
        if moment != there.at:
            there = replace(there, at=moment, kept=False)
        database = self.platform.database
        found = evaluate(database, self.program, self.people, replace(self.asked, moment=there))
        if not found:
            return None
        [person] = found
        value = next((orjson.loads(said) for ref, said in person.pairs if ref == self.ref), None)
        tables = {**resolve_people(database, self.people, {}, there).tables(), **names(self.people)}
        parameters = self.explanation.parameters(there, self.asked.terms, self.asked.boundaries, self.asked.cuts)
        row = database.one(self.explanation.select(people_sql(there)), parameters, tables)
        trees = with_money(self.explanation.told, self.explanation.read(row), self.platform.currency) if row else []
        return Seen(moment, person.person_id, value, trees, person.flips_at)


def _look(platform: Services, definition: Definition, library: Library, people: People, asked: Asked) -> _Look:
    # Also of a draft it can be said whom it would find.
    others = [each for each in library.live if each.ref != definition.ref]
    ref = ":".join(definition.ref)
    program = compile_library([*others, definition], only={definition.ref})
    explanation = compile_explanation(definition, library.live)
    terms = terms_of(platform, [*others, definition], program, asked)
    return _Look(platform, explanation, program, ref, people, terms)
