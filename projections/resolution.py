"""Whom to fold, and from what: persons with all their identifiers, the facts of these, and the things they own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from projections.database import Database, Given, names
from projections.identity.people import people_of
from projections.identity.reading import first_places_ever
from projections.moments import FOREVER, AsOf
from projections.places import Place, person_id
from projections.statements import statement

__all__ = ["FOREVER", "AsOf", "Resolution", "exclusions", "person_of", "resolve", "resolve_people", "thing_owners"]

# What to fold: an identifier's root is its person's; a thing's is its owner's, '' when that is nobody asked about.
_KEYS = "key String, root String, person_id String, version UInt64, own UInt8"
_EXCLUDED = "source String, event_id String, log_partition UInt16, log_offset UInt64, log_index UInt16"
# Facts that do not stand: (source, event_id, partition, offset, index).
Excluded = Sequence[tuple[str, str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a fold reads: keys of facts with the root they count for, and the facts that do not stand."""

    persons: Mapping[str, str]  # root -> person_id
    keys: Sequence[tuple[str, str, str, int, int]]  # key, root, person_id, version, own
    excluded: Excluded

    def of(self, roots: AbstractSet[str]) -> Resolution:
        """What the fold of some of the persons reads: their own keys, and all things, since each may be of theirs."""
        keys = [
            key if key[1] in roots else (key[0], "", *key[2:]) for key in self.keys if key[1] in roots or not key[-1]
        ]
        return Resolution({root: self.persons[root] for root in self.persons if root in roots}, keys, self.excluded)

    def tables(self) -> dict[str, Given]:
        """As tables: what a fold is given."""
        return {"keys": Given(_KEYS, self.keys), **excluded_table(self.excluded)}


def excluded_table(excluded: Excluded) -> dict[str, Given]:
    """The table `excluded`."""
    return {"excluded": Given(_EXCLUDED, excluded)}


@dataclass(frozen=True, slots=True)
class Subject:
    """An identifier that was ever an event's first: its first place in the log, and the things it was seen with."""

    place: Place
    things: Sequence[str]


def subjects_asked(database: Database, asked: Iterable[str]) -> tuple[dict[str, Subject], bool]:
    """Those of some identifiers that were ever subjects, and whether any fact at all was ever voided or retracted."""
    rows = database.tuples(statement("subjects_asked"), tables=names(asked))
    found = {subject: Subject(Place(*place), things) for subject, *place, things, _ in rows}
    return found, bool(rows and rows[0][-1])


def resolve(database: Database, identifiers: Iterable[str], moment: AsOf) -> Resolution:
    """Resolve identifiers to what the fold of their persons at a moment reads."""
    return resolve_people(database, people_of(database, identifiers, moment), {}, moment)


def resolve_people(
    database: Database, people: Mapping[str, Sequence[str]], versions: Mapping[str, int], moment: AsOf
) -> Resolution:
    """The same for persons given by root, with the version each one's dossier is to carry.

    Whoever has a version is folded, too, when every fact was retracted since the last fold: the dossier must go.
    """
    roots = {member: root for root, members in people.items() for member in members}
    if not roots:
        return Resolution({}, [], [])
    subjects, some_excluded = subjects_asked(database, roots)
    persons = _persons(people, subjects)
    gone = first_places_ever(database, (people.keys() & versions.keys()) - persons.keys())
    persons |= {root: person_id(place) for root, place in gone.items()}
    things = sorted({thing for subject in subjects.values() for thing in subject.things})
    # Members without a standing fact may have others, which must not count either.
    excluded = exclusions(database, [*roots, *things], moment) if some_excluded or gone else []
    owners = thing_owners(database, things, moment, excluded)
    own = [(member, root, persons[root], versions.get(root, 0), 1) for member, root in roots.items() if root in persons]
    owned = [(thing, roots.get(owners.get(thing, ""), ""), "", 0, 0) for thing in things]
    return Resolution(persons, [*own, *owned], excluded)


def _persons(people: Mapping[str, Sequence[str]], subjects: Mapping[str, Subject]) -> dict[str, str]:
    """The id of each person: that of the member first in the log. Without any subject it is nobody."""
    firsts = {
        root: min((subjects[member].place for member in members if member in subjects), default=None)
        for root, members in people.items()
    }
    return {root: person_id(place) for root, place in firsts.items() if place is not None}


def exclusions(database: Database, keys: Sequence[str], moment: AsOf) -> Excluded:
    """The facts under `keys` that do not stand: voided, or beaten by an earlier claim."""
    return database.tuples(statement("exclusions"), moment.parameters(), names(keys))


def thing_owners(database: Database, things: Iterable[str], moment: AsOf, excluded: Excluded) -> dict[str, str]:
    """The owner's subject of each thing that has one at that moment."""
    wanted = list(things)
    if not wanted:
        return {}
    tables = {**names(wanted), **excluded_table(excluded)}
    return dict(database.tuples(statement("owners"), moment.parameters(), tables))


def person_of(database: Database, identifier: str, moment: AsOf) -> str | None:
    """The id of the person an identifier belongs to at a moment; None when it is nobody's."""
    people = people_of(database, [identifier], moment)
    subjects, _ = subjects_asked(database, [member for members in people.values() for member in members])
    return next(iter(_persons(people, subjects).values()), None)
