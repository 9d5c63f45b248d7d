"""Who an identifier belongs to: as kept now, or weighed anew as of a moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from projections.database import Database
from projections.identity.reading import (
    all_identities,
    all_sightings,
    all_subjects,
    counts,
    first_places,
    identities_of,
    shared_or_not,
    sightings_of,
)
from projections.identity.region import all_roots, roots_in
from projections.identity.rules import rules_at
from projections.identity.weighing import People, Sighting, judged_pairs, resolve, shared_values
from projections.moments import AsOf
from schemas.identity import IdentityRules


def people_of(database: Database, identifiers: Iterable[str], moment: AsOf) -> dict[str, list[str]]:
    """Each identifier's person at a moment: root → members. Whoever was never joined is its own root."""
    wanted = set(identifiers)
    if moment.kept:
        roots, members = identities_of(database, wanted)
        return {root: members[root] for root in roots.values()}
    people = graph(database, wanted, moment).people
    everybody = {member for each in wanted for member in people.of(each)}
    roots = roots_in(people, wanted, first_places(database, everybody))
    return {roots[each]: people.of(each) for each in wanted}


@dataclass(slots=True)
class Graph:
    """Everything some identifiers may be connected to at a moment, weighed."""

    rules: IdentityRules
    people: People = field(default_factory=People)
    sightings: dict[int, Sighting] = field(default_factory=dict)


def graph(database: Database, identifiers: Iterable[str], moment: AsOf) -> Graph:
    """Read whatever can be reached from some identifiers, and weigh it."""
    rules = rules_at(database, moment)
    found = Graph(rules)
    met = new = set(identifiers)
    shared: set[str] = set()
    silent: set[str] = set()
    while new:
        refused = {each for each in new if rules.refuses(each)}
        sure, doubtful = shared_or_not(database, new - refused, rules, moment)
        if doubtful:
            read = sightings_of(database, doubtful, set(), moment)
            sure |= shared_values(read, judged_pairs(read)[0], rules) & doubtful
        shared |= sure
        silent |= refused | sure
        for each in sightings_of(database, new, silent, moment):
            found.sightings[each.sighting] = each
        reached = {one for each in found.sightings.values() for one in each.ids}
        met, new = met | new, reached - met - new
    found.people = resolve(found.sightings.values(), rules, shared)
    return found


def everybody_joined(database: Database, moment: AsOf) -> dict[str, str]:
    """The root of everybody who is joined to somebody at a moment."""
    if moment.kept:
        return all_identities(database)
    people = resolve(filter(counts, all_sightings(database, moment)), rules_at(database, moment))
    return all_roots(people, all_subjects(database)) if people.root else {}
