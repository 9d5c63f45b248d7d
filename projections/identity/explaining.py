"""Why some identifiers are one person, and why others are not: the graph around somebody, with its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from projections.database import Database, Given, Row
from projections.identity.people import graph
from projections.identity.reading import first_places
from projections.identity.region import Region
from projections.identity.rules import rules_at
from projections.identity.weighing import Pair, People, Sighting
from projections.moments import AsOf
from projections.places import person_id
from projections.statements import statement
from schemas.identity import IdentityRules, Refusal

EVENTS_AN_EDGE = 10


@dataclass(frozen=True, slots=True)
class Edge:
    """Two identifiers that were named together, in how many events, and what came of it."""

    pair: Pair
    kind: str
    rule: Refusal | None
    """Why the two are not joined for it; None: they are."""
    times: int
    events: list[tuple[datetime, str, str, datetime]]
    """The first few: occurred_at, event_id, source, received_at."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Somebody's identifiers, what ties them, and who they were before."""

    members: list[str]
    edges: list[Edge]
    former: list[tuple[str, str, datetime]]
    """Persons that are this one now: root, person id, since when."""
    rules: IdentityRules


def explain(database: Database, identifier: str, moment: AsOf, most_edges: int) -> Explained:
    """The graph around an identifier's person at a moment; at most so many edges, the oldest."""
    rules = rules_at(database, moment)
    if moment.kept:
        region = Region(database, rules, moment)
        _, people = region.around([identifier])
        sightings: Iterable[Sighting] = region.sightings.values()
    else:
        found = graph(database, [identifier], moment)
        people, sightings = found.people, found.sightings.values()
    members = set(people.of(identifier))
    near = sorted((each for each in sightings if not members.isdisjoint(each.ids)), key=lambda each: each.at)
    edges = _edges(near, members, people)[:most_edges]
    behind = _events(database, {sighting.sighting for sighting, *_ in edges}, moment)
    return Explained(
        sorted(members),
        [Edge(pair, each.kind, rule, *behind.get(each.sighting, (0, []))) for each, pair, rule in edges],
        _former(database, people, members),
        rules,
    )


def _edges(
    sightings: Iterable[Sighting], members: set[str], people: People
) -> list[tuple[Sighting, Pair, Refusal | None]]:
    refused: dict[tuple[Pair, int], Refusal] = {(each.pair, each.by.sighting): each.rule for each in people.refused}
    found: list[tuple[Sighting, Pair, Refusal | None]] = []
    for each in sightings:
        for pair in combinations(each.ids, 2):
            if members.isdisjoint(pair):
                continue
            rule = refused.get((pair, each.sighting))
            apart = people.root.get(pair[0], pair[0]) != people.root.get(pair[1], pair[1])
            if each.kind == "unlinked" or (apart and rule is None):
                rule = "unlinked"
            found.append((each, pair, rule))
    return found


def _events(database: Database, sightings: Iterable[int], moment: AsOf) -> dict[int, tuple[int, list[Any]]]:
    asked = [(each,) for each in sightings]
    if not asked:
        return {}
    parameters = {**moment.parameters(), "most": EVENTS_AN_EDGE}
    rows = database.tuples(statement("sighting_events"), parameters, {"asked": Given("sighting UInt64", asked)})
    return {
        sighting: (times, [tuple(one.values()) if isinstance(one, dict) else tuple(one) for one in some])
        for sighting, times, some in rows
    }


def _former(database: Database, people: People, members: set[str]) -> list[tuple[str, str, datetime]]:
    """Every member that once was the first of a person of its own: with the id that person had, and since when not."""
    places = first_places(database, members)
    if not places:
        return []
    root = min(places, key=places.__getitem__)
    since = joined_since(people, root)
    return sorted((each, person_id(places[each]), since[each]) for each in places if each in since)


def joined_since(people: People, root: str) -> dict[str, datetime]:
    """Since when each other identifier is of one person with `root`, by when it occurred."""
    above: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    since: dict[str, datetime] = {}

    def top(each: str) -> str:
        while (next_one := above.get(each, each)) != each:
            each = next_one
        return each

    for (one, other), by in people.joins:
        a, b = top(one), top(other)
        ours, theirs = groups.pop(a, [a]), groups.pop(b, [b])
        if root in ours or root in theirs:
            since |= dict.fromkeys(theirs if root in ours else ours, by.at[0])
        above[b] = a
        groups[a] = ours + theirs
    return since


def refusals(
    database: Database, rule: str, identifier: str, before: tuple[str, str, str, str], limit: int
) -> list[Row]:
    """Refused pairs, the latest first, by a rule and of an identifier ('' = any)."""
    names = ("before_at", "before_id", "before_node", "before_other")
    parameters = {"rule": rule, "identifier": identifier, "limit": limit, **dict(zip(names, before, strict=True))}
    return database.rows(statement("refusals_page"), parameters)


def shared(database: Database, rules: IdentityRules, after: str, limit: int) -> list[Row]:
    """The values that join nobody since too many people were seen with them, by address."""
    parameters = {"types": list(rules.people_per_value), "after": after, "limit": limit}
    return database.rows(statement("shared_values"), parameters)
