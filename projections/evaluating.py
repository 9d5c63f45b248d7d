"""Evaluating definitions: who is in what, for some persons or for everybody, as kept now or as of any moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from projections.compiler.limiting import Cut
from projections.compiler.program import Program
from projections.database import Database, Given, names
from projections.identity.people import everybody_joined, people_of
from projections.moments import AsOf
from projections.profiles import Persons, Terms
from projections.resolution import Resolution, resolve_people
from projections.statements import statement
from schemas.rfm import Boundaries

PERSONS_AT_ONCE = 20_000
KEPT = """SELECT {columns} FROM (
    SELECT {columns} FROM profiles WHERE root IN (SELECT name FROM names) ORDER BY version DESC LIMIT 1 BY root
) WHERE present = 1"""
_FOLDED = "SELECT {columns} FROM ({fold}) WHERE present = 1"
_PRESENT = "SELECT root, members FROM profiles FINAL WHERE present = 1"
_SUBJECTS = "SELECT DISTINCT subject FROM subject_places"

People = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What holds of one person: (ref, value as JSON text) sorted, and when time alone may change it."""

    root: str
    person_id: str
    pairs: tuple[tuple[str, str], ...]
    flips_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What evaluating needs to know beside the facts."""

    moment: AsOf
    terms: Terms
    boundaries: Boundaries | None
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    """Where segments with a limit end, by ref."""

    def parameters(self, program: Program) -> dict[str, object]:
        """Those of the fold and of the program."""
        return program.parameters(self.moment, self.terms, self.boundaries, self.cuts)


def people_sql(moment: AsOf) -> str:
    """The persons' dossiers, with COLUMNS: kept rows, or folded from the facts as of the moment."""
    return KEPT if moment.kept else _FOLDED.replace("{fold}", statement("fold"))


def evaluate(database: Database, program: Program, people: People, asked: Asked) -> list[Evaluated]:
    """Evaluate some persons, given as root → members. Nobody without a fact is among the answers."""
    if not people:
        return []
    tables = tables_for(database, program, Persons(people), asked.moment)
    rows = database.tuples(program.select(people_sql(asked.moment)), asked.parameters(program), tables)
    return [Evaluated(root, person, tuple(map(tuple, pairs)), flips) for root, person, pairs, flips in rows]


def tables_for(database: Database, program: Program, persons: Persons, moment: AsOf) -> dict[str, Given]:
    """What a statement that evaluates these persons is given."""
    people, resolution = persons.people, persons.resolution
    if resolution is None:
        reads_facts = program.needs_facts or program.needs_orders or not moment.kept
        resolution = resolve_people(database, people, {}, moment) if reads_facts else own_keys(people)
    return {**resolution.tables(), **names(people)}


def own_keys(people: People) -> Resolution:
    """Who is whom alone, where no fact is read."""
    return Resolution({}, [(each, root, "", 0, 1) for root, members in people.items() for each in members], [])


def evaluate_all(database: Database, program: Program, asked: Asked) -> Iterator[list[Evaluated]]:
    """Evaluate everybody there was at the moment, some thousands at a time."""
    people = iter(everybody(database, asked.moment).items())
    while part := dict(islice(people, PERSONS_AT_ONCE)):
        yield evaluate(database, program, part, asked)


def evaluate_some(database: Database, program: Program, addresses: Iterable[str], asked: Asked) -> list[Evaluated]:
    """Evaluate the persons of some identifiers."""
    return evaluate(database, program, people_of(database, addresses, asked.moment), asked)


def everybody(database: Database, moment: AsOf) -> dict[str, list[str]]:
    """Everybody by root, with all identifiers."""
    if moment.kept:
        return dict(database.tuples(_PRESENT))
    roots = everybody_joined(database, moment)
    found: dict[str, list[str]] = {}
    for member in {*roots, *(row[0] for row in database.tuples(_SUBJECTS))}:
        found.setdefault(roots.get(member, member), []).append(member)
    return found
