"""Whom to fold, and from what: the seam where identity enters.

In this step a person is one subject. Later a person is a component of the identity graph: then `resolve` answers
with several subjects a person, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from projections.database import Database, Given, names, time_parameter
from projections.places import Place, person_id
from projections.statements import statement

# "No limit" for a moment of knowledge: the end of what DateTime64(6) can hold.
FOREVER = datetime(2261, 1, 1, tzinfo=UTC)


# What to fold: a subject's root is its person's; a thing's is its owner's, '' when that is nobody asked about.
_KEYS = "key String, root String, person_id String, version UInt64, own UInt8"
_EXCLUDED = "source String, event_id String, log_partition UInt16, log_offset UInt64, log_index UInt16"
# Facts that do not stand: (source, event_id, partition, offset, index).
Excluded = Sequence[tuple[str, str, int, int, int]]


@dataclass(frozen=True, slots=True)
class AsOf:
    """What T an answer is for: facts that occurred up to `at`, and were received up to `known`."""

    at: datetime
    known: datetime = FOREVER

    def parameters(self) -> dict[str, object]:
        """As statement parameters."""
        return {"at": time_parameter(self.at), "known": time_parameter(self.known)}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a fold reads: keys of facts with the root they count for, and the facts that do not stand."""

    persons: Mapping[str, str]  # root -> person_id
    keys: Sequence[tuple[str, str, str, int, int]]  # key, root, person_id, version, own
    excluded: Excluded

    def tables(self) -> dict[str, Given]:
        """As tables: what a fold is given."""
        return {"keys": Given(_KEYS, self.keys), **excluded_table(self.excluded)}


def excluded_table(excluded: Excluded) -> dict[str, Given]:
    """The table `excluded`."""
    return {"excluded": Given(_EXCLUDED, excluded)}


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject that was ever seen: the person its first place in the log makes, and the things it was seen with."""

    person_id: str
    things: Sequence[str]


def subjects_asked(database: Database, asked: Iterable[str]) -> tuple[dict[str, Subject], bool]:
    """Those of some subjects that were ever seen, and whether any fact at all was ever voided or retracted."""
    rows = database.tuples(statement("subjects_asked"), tables=names(asked))
    found = {subject: Subject(person_id(Place(*place)), things) for subject, *place, things, _ in rows}
    return found, bool(rows and rows[0][-1])


def resolve(database: Database, versions: Mapping[str, int], moment: AsOf) -> Resolution:
    """Resolve subjects (each with the version its dossier is to carry) to what their persons' fold reads."""
    subjects, some_excluded = subjects_asked(database, versions)
    things = sorted({thing for subject in subjects.values() for thing in subject.things})
    excluded = exclusions(database, [*subjects, *things], moment) if some_excluded else []
    owners = thing_owners(database, things, moment, excluded)
    own = [(name, name, subject.person_id, versions[name], 1) for name, subject in subjects.items()]
    owned = [(thing, owner if (owner := owners.get(thing, "")) in subjects else "", "", 0, 0) for thing in things]
    return Resolution({name: subject.person_id for name, subject in subjects.items()}, [*own, *owned], excluded)


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
