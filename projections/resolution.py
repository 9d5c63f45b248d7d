"""Whom to fold, and from what: the seam where identity enters.

In this step a person is one subject. Later a person is a component of the identity graph: then `resolve` answers
with several subjects a person, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from projections.database import Database, Given, names
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
        return {"at": _literal(self.at), "known": _literal(self.known)}


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


def _literal(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def person_ids(database: Database, subjects: Iterable[str]) -> dict[str, str]:
    """The person id of each subject that was ever seen."""
    rows = database.tuples(statement("first_places"), tables=names(subjects))
    return {subject: person_id(Place(*place)) for subject, *place in rows}


def resolve(database: Database, versions: Mapping[str, int], moment: AsOf) -> Resolution:
    """Resolve subjects (each with the version its dossier is to carry) to what their persons' fold reads."""
    persons = person_ids(database, versions)
    subjects = list(persons)
    things = {row[1] for row in database.tuples(statement("things_of"), tables=names(subjects))}
    excluded = exclusions(database, [*subjects, *things], moment)
    owners = thing_owners(database, things, moment, excluded)
    own = [(subject, subject, persons[subject], versions[subject], 1) for subject in subjects]
    owned = [
        (thing, owner if (owner := owners.get(thing, "")) in persons else "", "", 0, 0) for thing in sorted(things)
    ]
    return Resolution(persons, [*own, *owned], excluded)


def exclusions(database: Database, keys: Sequence[str], moment: AsOf) -> Excluded:
    """The facts under `keys` that do not stand: voided, or beaten by an earlier claim."""
    asked = database.one(statement("any_exclusions"))
    if asked is None or not asked["any"]:
        return []
    return database.tuples(statement("exclusions"), moment.parameters(), names(keys))


def thing_owners(database: Database, things: Iterable[str], moment: AsOf, excluded: Excluded) -> dict[str, str]:
    """The owner's subject of each thing that has one at that moment."""
    wanted = list(things)
    if not wanted:
        return {}
    tables = {**names(wanted), **excluded_table(excluded)}
    return dict(database.tuples(statement("owners"), moment.parameters(), tables))
