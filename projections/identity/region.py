"""Who is one person now, around some identifiers: as much of the graph is read as can change, and no more.

What is kept (`identities`) is the partition of everything weighed before. A change at some identifiers is weighed
again within their persons and the persons next to them (those they were refused to be joined with). If one of the
neighbours comes out otherwise than it was, it is counted in, with its own neighbours, and all is weighed again; if
none does, nothing further away can: whoever lies beyond met only unchanged neighbours, at every moment of the weighing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from projections.database import Database
from projections.identity.reading import counts, identities_of, shared_or_not, sightings_ever, sightings_of
from projections.identity.weighing import People, Sighting, judged_pairs, resolve, shared_values
from projections.moments import AsOf
from projections.places import Place
from schemas.identity import IdentityRules


@dataclass(slots=True)
class Region:
    """A part of the graph, as read so far."""

    database: Database
    rules: IdentityRules
    moment: AsOf
    roots: dict[str, str] = field(default_factory=dict)
    """Who every identifier met so far belongs to, as kept."""
    members: dict[str, list[str]] = field(default_factory=dict)
    sightings: dict[int, Sighting] = field(default_factory=dict)
    fallen: dict[int, Sighting] = field(default_factory=dict)
    """What was named together by events that do not stand, or whose time has not come."""
    shared: set[str] = field(default_factory=set)
    _read: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)

    def around(self, seeds: Iterable[str]) -> tuple[set[str], People]:
        """Weigh what lies around some identifiers. Returns who may have changed, and everybody as they come out."""
        inside = self._people_of(seeds)
        while True:
            self._read_sightings(inside)
            near = self._people_of(self._neighbours(inside))
            self._read_sightings(near - inside)
            people = self._weigh(inside | near)
            changed = {each for each in near - inside if self._differs(each, people)}
            if not changed:
                return inside, people
            inside |= self._people_of(changed)

    def _people_of(self, identifiers: Iterable[str]) -> set[str]:
        """These identifiers and all members of their persons, as kept."""
        wanted = set(identifiers)
        roots, members = identities_of(self.database, wanted - self.roots.keys())
        for root, those in members.items():
            self.members[root] = those
            self.roots.update(dict.fromkeys(those, root))
        self.roots.update(roots)
        return wanted | {member for each in wanted for member in self.members[self.roots[each]]}

    def _read_sightings(self, identifiers: Iterable[str]) -> None:
        """Read what these were named with. Of who joins nobody by being seen, only what was said outright."""
        new = set(identifiers) - self._read
        if not new:
            return
        silent = self._silent(new)
        for each in sightings_ever(self.database, new, silent, self.moment):
            (self.sightings if counts(each) else self.fallen)[each.sighting] = each
        self._read |= new

    def _silent(self, identifiers: Iterable[str]) -> set[str]:
        """Those of some identifiers that join nobody by being seen."""
        new = set(identifiers) - self._asked
        refused = {each for each in new if self.rules.refuses(each)}
        shared, doubtful = shared_or_not(self.database, new - refused, self.rules, self.moment)
        self.shared |= shared
        if doubtful:
            read = sightings_of(self.database, doubtful, set(), self.moment)
            self.shared |= shared_values(read, judged_pairs(read)[0], self.rules) & doubtful
        self._asked |= new
        return {each for each in identifiers if each in self.shared or self.rules.refuses(each)}

    def _neighbours(self, inside: set[str]) -> set[str]:
        """Who was named together with those inside, without those who join nobody by being seen."""
        met: set[str] = set()
        linked: set[str] = set()
        for sighting in self.sightings.values():
            if not inside.isdisjoint(sighting.ids):
                (met if sighting.kind == "seen" else linked).update(sighting.ids)
        return (met - self._silent(met) | linked) - inside

    def _weigh(self, within: set[str]) -> People:
        """Resolve what is read, leaving out who lies beyond; who joins nobody stays, for what is refused with it."""
        heard = within | self.shared
        part = []
        for each in self.sightings.values():
            ids = tuple(one for one in each.ids if one in heard or self.rules.refuses(one))
            if len(ids) > 1:
                part.append(each if len(ids) == len(each.ids) else each._replace(ids=ids))
        return resolve(part, self.rules, self.shared)

    def _differs(self, identifier: str, people: People) -> bool:
        """Whether an identifier's person comes out otherwise than it is kept."""
        return set(people.of(identifier)) != set(self.members[self.roots[identifier]])


def roots_in(people: People, identifiers: Iterable[str], places: Mapping[str, Place]) -> dict[str, str]:
    """The root of each identifier's person. `places`: where subjects first stand in the log."""
    found: dict[str, str] = {}
    for each in identifiers:
        if each not in found:
            members = people.of(each)
            found.update(dict.fromkeys(members, _root(members, places)))
    return found


def _root(members: list[str], places: Mapping[str, Place]) -> str:
    """The member that stands first in the log, else any, always the same."""
    known = [each for each in members if each in places]
    return min(known, key=places.__getitem__) if known else min(members)


def all_roots(people: People, subjects: Iterable[str]) -> dict[str, str]:
    """The root of everybody who is joined to somebody. `subjects`: as they first stand in the log."""
    first: dict[str, str] = {}
    for each in subjects:
        if (representative := people.root.get(each)) is not None:
            first.setdefault(representative, each)
    for representative, members in people.members.items():
        if representative not in first:
            first[representative] = min(members)
    return {each: first[representative] for each, representative in people.root.items()}
