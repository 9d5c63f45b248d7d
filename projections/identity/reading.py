"""What was named together, as the projections hold it: the sightings of some identifiers at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from projections.database import Database, Given, Parameters, names
from projections.identity.weighing import Moment, Pair, Sighting
from projections.moments import FOREVER, AsOf
from projections.places import Place
from projections.statements import statement
from schemas.identity import IdentityRules

_HASHES = 1 << 64
_ROWS_A_PART = 4_000_000
_ASKED = "name String, silent UInt8"
_FIRSTS = (
    "sighting UInt64, source String, event_id String, batch String, received_at DateTime64(3, 'UTC'), "
    "log_partition UInt16, log_offset UInt64, log_index UInt16"
)
_EXCLUSIONS = "SELECT (SELECT count() FROM voids) + (SELECT count() FROM retractions) > 0"
_FIRST_EVER = """
SELECT subject, min((is_retracted, start)).2
FROM (
    SELECT subject, start,
           (start.2, start.3, start.4) IN (SELECT log_partition, log_offset, log_index FROM retractions) AS is_retracted
    FROM (
        SELECT subject, arrayJoin(groupArraySortedMerge(8)(starts)) AS start
        FROM subject_places
        WHERE (subject_hash, subject) IN (SELECT cityHash64(name), name FROM names)
        GROUP BY subject
    )
)
GROUP BY subject
"""
_EPOCH = datetime.fromtimestamp(0, UTC)


NEVER: Moment = (FOREVER, "", "")
"""When something was named that no event names which stands and counts (yet)."""


def counts(sighting: Sighting) -> bool:
    """Whether some event that stands says so."""
    return sighting.at != NEVER


def sightings_of(
    database: Database, identifiers: Iterable[str], silent: AbstractSet[str], moment: AsOf
) -> list[Sighting]:
    """What some identifiers were named with at a moment; of `silent` ones links and unlinks only."""
    return list(filter(counts, sightings_ever(database, identifiers, silent, moment)))


def sightings_ever(
    database: Database, identifiers: Iterable[str], silent: AbstractSet[str], moment: AsOf
) -> list[Sighting]:
    """The same, with those that do not count, as of NEVER."""
    asked = [(each, int(each in silent)) for each in identifiers]
    if not asked:
        return []
    rows = database.tuples(statement("sightings_of"), tables={"asked": Given(_ASKED, asked)})
    return _at(database, rows, moment)


def all_sightings(database: Database, moment: AsOf) -> list[Sighting]:
    """Everything that was ever named together, also what does not count; the rest oldest first, part by part."""
    found: list[Sighting] = []
    fallen: list[Sighting] = []
    for rows in _in_parts(database, "sightings", "sightings_all", moment.parameters()):
        for number, kind, ids, occurred_at, event_id, source, stands in rows:
            each = Sighting((occurred_at, event_id, source), kind, tuple(ids), number)
            (found if stands else fallen).append(each)
    standing = _standing(database, {each.sighting for each in fallen}, moment) if fallen else {}
    return found + [each._replace(at=standing.get(each.sighting, NEVER), fell=True) for each in fallen]


def all_identities(database: Database) -> dict[str, str]:
    """The root now of everybody who was ever joined."""
    return {node: root for rows in _in_parts(database, "identities", "identities_all") for node, root in rows}


def all_refusals(database: Database) -> list[Pair]:
    """The pairs that are or once were refused."""
    return [(one, other) for rows in _in_parts(database, "refusals", "refusals_all") for one, other in rows]


def all_subjects(database: Database) -> list[str]:
    """Everybody who was ever named with others and was an event's first identifier, as they first stand in the log."""
    rows = [row for part in _in_parts(database, "sightings", "subjects_all") for row in part]
    rows.sort()  # each part is sorted
    return list(dict.fromkeys(row[-1] for row in rows))


def _in_parts(
    database: Database, table: str, name: str, parameters: Parameters | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """The rows a statement finds in a whole table, by ranges of hashes: no answer may be of any size."""
    count = database.tuples("SELECT count() FROM {table:Identifier}", {"table": table})[0][0]
    parts = count // _ROWS_A_PART + 1
    bounds = [_HASHES * part // parts for part in range(parts + 1)]
    for least, end in pairwise(bounds):
        yield database.tuples(statement(name), {**(parameters or {}), "least": least, "most": end - 1})


def _at(database: Database, rows: Sequence[Sequence[Any]], moment: AsOf) -> list[Sighting]:
    """The sightings, each with the earliest event that stands and counts at the moment, or as of NEVER."""
    fallen = _fallen(database, rows, moment)
    standing = _standing(database, fallen, moment) if fallen else {}
    found = []
    for sighting, kind, ids, place in rows:
        occurred_at, event_id, source, *_ = place.values() if isinstance(place, dict) else place
        if sighting not in fallen and occurred_at <= moment.at:
            found.append(Sighting((occurred_at, event_id, source), kind, tuple(ids), sighting))
        else:
            found.append(Sighting(standing.get(sighting, NEVER), kind, tuple(ids), sighting, fell=True))
    return found


def said_again(database: Database, weighed: Iterable[Sighting], moment: AsOf) -> set[str]:
    """The identifiers of fallen sightings that an event now says which was not there when they were weighed.

    Until a fallen sighting was noted as of its later event, the recorder took it as weighed as of the earlier one.
    """
    fell = {each.sighting: each for each in weighed if each.fell}
    standing = _standing(database, fell.keys(), moment) if fell else {}
    later = [fell[sighting] for sighting, at in standing.items() if fell[sighting].at != at]
    return {one for each in later for one in each.ids}


def _fallen(database: Database, rows: Sequence[Sequence[Any]], moment: AsOf) -> set[int]:
    """Those whose earliest event is voided, retracted, or was not known at the moment."""
    if moment.known == FOREVER and not database.tuples(_EXCLUSIONS)[0][0]:
        return set()
    firsts = [(row[0], *_first(row[3])) for row in rows]
    if not firsts:
        return set()
    tables = {"firsts": Given(_FIRSTS, firsts)}
    return {row[0] for row in database.tuples(statement("fallen_sightings"), moment.parameters(), tables)}


def _first(place: Any) -> tuple[Any, ...]:
    _, event_id, source, batch, received_at, *where = place.values() if isinstance(place, dict) else place
    return (source, event_id, batch, received_at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3], *where)


def _standing(database: Database, fallen: AbstractSet[int], moment: AsOf) -> dict[int, tuple[datetime, str, str]]:
    tables = {"fallen": Given("sighting UInt64", [(each,) for each in fallen])}
    rows = database.tuples(statement("standing_sightings"), moment.parameters(), tables)
    return {sighting: tuple(said.values() if isinstance(said, dict) else said) for sighting, said in rows}


def came_first(database: Database, moved: Mapping[str, tuple[str, str]]) -> set[str]:
    """Who stands before its root in the log now that it was moved there: its first fact came while it was weighed.

    Until it was written as joined, the recorder took it for a person of its own. `moved`: its root before and now.
    """
    places = first_places(database, {*moved, *(root for _, root in moved.values())})
    return {
        each
        for each, (_, root) in moved.items()
        if each in places and (root not in places or places[each] < places[root])
    }


def shared_or_not(
    database: Database, identifiers: Iterable[str], rules: IdentityRules, moment: AsOf
) -> tuple[set[str], set[str]]:
    """The values that surely were seen with too many people at a moment, and those that may or may not have been."""
    most = {str(kind): count for kind, count in rules.people_per_value.items()}
    limited = [each for each in identifiers if each.partition(":")[0] in most]
    if not limited:
        return set(), set()
    parameters = {**moment.parameters(), "people_types": list(rules.people_types)}
    at_most = database.tuples(statement("most_people_of_values"), parameters, names(limited))
    many = {value for value, people in at_most if people > most[value.partition(":")[0]]}
    if not many or any(each.partition(":")[0] in rules.people_types for each in rules.blocked):
        return set(), many  # whoever is blocked is not counted: that is left to the weighing
    at_least = database.tuples(statement("people_of_values"), parameters, names(many))
    shared = {value for value, people in at_least if people > most[value.partition(":")[0]]}
    return shared, many - shared


def identities_of(database: Database, identifiers: Iterable[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The root now of some identifiers, and the members of those roots. Whoever was never joined is its own root."""
    wanted = set(identifiers)
    if not wanted:
        return {}, {}
    rows = dict(database.tuples(statement("identities_of"), tables=names(wanted)))
    roots = {each: str(rows.get(each, each)) for each in wanted}
    members: dict[str, list[str]] = {root: [] for root in roots.values()}
    for node, root in rows.items():
        if root in members:
            members[root].append(node)
    for root, those in members.items():
        if root not in rows:
            those.append(root)
    return roots, members


def first_places(database: Database, identifiers: Iterable[str]) -> dict[str, Place]:
    """Where some identifiers first stand in the log as an event's first; who never did is missing."""
    return _places(database, statement("first_places"), identifiers)


def first_places_ever(database: Database, identifiers: Iterable[str]) -> dict[str, Place]:
    """The same; and of those whose every fact was retracted, where the first of these was."""
    return _places(database, _FIRST_EVER, identifiers)


def _places(database: Database, sql: str, identifiers: Iterable[str]) -> dict[str, Place]:
    wanted = list(identifiers)
    if not wanted:
        return {}
    rows = database.tuples(sql, tables=names(wanted))
    return {subject: Place(*(place.values() if isinstance(place, dict) else place)) for subject, place in rows}
