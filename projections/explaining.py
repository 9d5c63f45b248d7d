"""Why somebody is in a segment or has a tag, and when that changes by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from projections.compiler.explanation import Explanation, compile_explanation
from projections.compiler.program import Program, compile_library
from projections.database import Database, Row, names
from projections.evaluating import Asked, evaluate, people_sql
from projections.identity.people import people_of
from projections.library import Library
from projections.moments import AsOf
from projections.resolution import Resolution, resolve_people
from schemas.definitions import Definition
from schemas.times import format_time, parse_time

Tree = dict[str, Any]
HORIZON = timedelta(days=400)
"""How far ahead it is looked for the moment at which something flips."""
MOST_LOOKS = 60
_NEXT_FACT = """
SELECT minOrNull(occurred_at) FROM events
WHERE (key_hash, key) IN (SELECT cityHash64(name), name FROM names)
  AND occurred_at > {at:DateTime64(6, 'UTC')} AND received_at <= {known:DateTime64(6, 'UTC')}
"""


@dataclass(frozen=True, slots=True)
class Explained:
    """One definition and one person: what holds, the trees of its clauses, and when time alone will change it."""

    person_id: str
    value: str | None
    """As JSON text; None: not a member, no value."""
    trees: Sequence[Tree]
    flips_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found at one moment."""

    person_id: str
    value: str | None
    trees: list[Tree]
    ahead: datetime | None
    """The next moment at which anything may change."""
    fact_at: datetime | None
    """When the next fact counts that is known already."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A definition asked of one identifier."""

    database: Database
    program: Program
    explanation: Explanation
    address: str
    asked: Asked

    def look(self, moment: AsOf) -> _Look | None:
        """Explain at a moment; None: nobody is there then."""
        people = people_of(self.database, [self.address], moment)
        asked = replace(self.asked, moment=moment)
        resolution = resolve_people(self.database, people, {}, moment)
        found = evaluate(self.database, self.program, people, asked)
        row = self._row(asked, resolution, people)
        if not found or row is None:
            return None
        [person] = found
        trees = self.explanation.read(row)
        edges = [edge for tree in trees for edge in _edges(tree)]
        fact_at = self._next_fact(resolution, moment)
        ahead = (each for each in (*edges, person.flips_at, fact_at) if each and each > moment.at)
        value = next((value for _, value in person.pairs), None)
        return _Look(person.person_id, value, trees, min(ahead, default=None), fact_at)

    def _row(self, asked: Asked, resolution: Resolution, people: Any) -> Row | None:
        parameters = self.explanation.parameters(asked.moment, asked.terms, asked.boundaries)
        tables = {**resolution.tables(), **names(people)}
        return self.database.one(self.explanation.select(people_sql(asked.moment)), parameters, tables)

    def _next_fact(self, resolution: Resolution, moment: AsOf) -> datetime | None:
        keys = names(key for key, *_ in resolution.keys)
        found: datetime | None = self.database.tuples(_NEXT_FACT, moment.parameters(), keys)[0][0]
        return found


def explain(
    database: Database, definition: Definition, library: Library, address: str, asked: Asked
) -> Explained | None:
    """Why, at the moment asked about; None: nothing is known of the identifier then.

    Each clause of the trees gets `flips_at`: when it holds no more, or does, without new facts, within the horizon.
    """
    others = [each for each in library.live if each.ref != definition.ref]
    program = compile_library([*others, definition], only={definition.ref})
    question = _Question(database, program, compile_explanation(definition, others), address, asked)
    now = question.look(asked.moment)
    if now is None:
        return None
    clauses = [each for tree in now.trees for each in _clauses(tree)]
    for each in clauses:
        each["flips_at"] = None
    flips_at = _walk(question, now, clauses)
    return Explained(now.person_id, now.value, now.trees, flips_at)


def _walk(question: _Question, now: _Look, clauses: Sequence[Tree]) -> datetime | None:
    """Look at each moment ahead at which anything may change, until everything that will has."""
    moment = question.asked.moment
    flips_at: datetime | None = None
    ahead = now.ahead
    for _ in range(MOST_LOOKS):
        if ahead is None or ahead > moment.at + HORIZON:
            break
        # As long as no other fact counts, the kept dossier is that of the moment.
        is_kept = moment.kept and not (now.fact_at and now.fact_at <= ahead)
        then = question.look(AsOf(ahead, moment.known, kept=is_kept))
        if then is None:
            break
        if flips_at is None and then.value != now.value:
            flips_at = ahead
        later = [each for tree in then.trees for each in _clauses(tree)]
        for clause, other in zip(clauses, later, strict=True):
            if clause["flips_at"] is None and clause["holds"] != other["holds"]:
                clause["flips_at"] = format_time(ahead)
        if flips_at is not None and all(each["flips_at"] or not each["edge"] for each in clauses):
            break
        ahead = then.ahead
    return flips_at


def _clauses(tree: Tree) -> Iterator[Tree]:
    yield tree
    for each in tree.get("clauses", ()):
        yield from _clauses(each)


def _edges(tree: Tree) -> Iterator[datetime]:
    for each in _clauses(tree):
        if each["edge"]:
            yield parse_time(each["edge"]).utc
