"""Who is one person: a pure function of what was seen together, linked and unlinked, and of the rules.

Pairs are weighed oldest first, by (occurred_at, event_id, source). The order in which events arrived plays no part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from operator import itemgetter
from typing import Literal, NamedTuple

from projections.identity.components import Components, Outcome
from projections.identity.numbering import Numbered
from schemas.identity import IdentityRules, Refusal

Kind = Literal["seen", "linked", "unlinked"]
Pair = tuple[str, str]
Moment = tuple[datetime, str, str]
"""(occurred_at, event_id, source): what events are ordered by."""


class Sighting(NamedTuple):
    """Identifiers that one event names together; of several events naming the same, the earliest."""

    at: Moment
    kind: Kind
    ids: tuple[str, ...]
    """Addresses by (priority, value), at least two."""
    sighting: int = 0
    """What it is known by in the projections."""
    fell: bool = False
    """An earlier event said so, too, but does not stand or count (yet)."""


class Refused(NamedTuple):
    """A pair that is not joined by a sighting, and the rule that says so."""

    pair: Pair
    rule: Refusal
    by: Sighting


@dataclass(slots=True)
class People:
    """Everybody who was joined to somebody, and why others were not."""

    root: dict[str, str] = field(default_factory=dict)
    """Each joined identifier's representative, which is any of its person's identifiers."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Each representative's identifiers, at least two."""
    refused: list[Refused] = field(default_factory=list)
    joins: list[tuple[Pair, Sighting]] = field(default_factory=list)
    """The pairs that brought two together that were not together before."""

    def of(self, identifier: str) -> list[str]:
        """All identifiers of the person this one belongs to."""
        return self.members.get(self.root.get(identifier, identifier), [identifier])


def resolve(sightings: Iterable[Sighting], rules: IdentityRules, shared: AbstractSet[str] | None = None) -> People:
    """Bring identifiers together. `shared` are the values too many people were seen with; None: found here."""
    ordered = sorted(sightings, key=itemgetter(0))
    cut, linked_after = judged_pairs(ordered)
    identifiers = Numbered(map(itemgetter(2), ordered), rules)
    if shared is None:
        shared = _shared_values(ordered, identifiers, cut)
    components = Components(identifiers, shared)
    people = People()
    for by, pair, one, other in _pairs(ordered, identifiers):
        if cut and pair in cut:
            outcome: Outcome = "unlinked"
        elif by.kind == "seen":
            outcome = components.join(one, other)
        elif rules.blocks(pair[0]) or rules.blocks(pair[1]):
            outcome = "blocked_value"
        elif pair in linked_after and by.at[0] <= linked_after[pair]:
            continue  # taken back, and said again since
        else:
            outcome = components.join(one, other, whatever=True)
        if outcome == "joined":
            people.joins.append((pair, by))
        elif outcome != "together":
            people.refused.append(Refused(pair, outcome, by))
    people.root, people.members = components.people()
    return people


def _pairs(sightings: Iterable[Sighting], identifiers: Numbered) -> Iterator[tuple[Sighting, Pair, int, int]]:
    """Whatever is seen or linked, pair by pair: by whom, the two addresses, and the number of each."""
    following = iter(identifiers.named).__next__
    for by in sightings:
        ids = by.ids
        if by.kind != "unlinked" and len(ids) == 2:  # nearly all
            yield by, ids, following(), following()
            continue
        numbers = [following() for _ in ids]
        if by.kind != "unlinked":
            for pair, (one, other) in zip(combinations(ids, 2), combinations(numbers, 2), strict=True):
                yield by, pair, one, other


def judged_pairs(sightings: Iterable[Sighting]) -> tuple[set[Pair], dict[Pair, datetime]]:
    """The pairs somebody said are not one person's; and of those linked again since, when that was last said.

    Between link and unlink of a pair the later by occurred_at holds; at the same time, unlink.
    """
    unlinked: dict[Pair, datetime] = {}
    linked: dict[Pair, datetime] = {}
    for each in [each for each in sightings if each.kind != "seen"]:
        said = linked if each.kind == "linked" else unlinked
        for pair in combinations(each.ids, 2):
            said[pair] = max(each.at[0], said.get(pair, each.at[0]))
    cut = {pair for pair, at in unlinked.items() if pair not in linked or linked[pair] <= at}
    return cut, {pair: at for pair, at in unlinked.items() if pair not in cut}


def shared_values(sightings: Sequence[Sighting], cut: AbstractSet[Pair], rules: IdentityRules) -> set[str]:
    """The values that were seen with more people than the rules allow; with a pair that was cut, nobody was."""
    return _shared_values(sightings, Numbered(map(itemgetter(2), sightings), rules), cut)


def _shared_values(sightings: Sequence[Sighting], identifiers: Numbered, cut: AbstractSet[Pair]) -> set[str]:
    addresses, types = identifiers.addresses, identifiers.types
    is_person = bytes(kind.is_person for kind in identifiers.kinds)
    most = [kind.most_people for kind in identifiers.kinds]
    people: defaultdict[int, set[int]] = defaultdict(set)
    for by, pair, one, other in _pairs(sightings, identifiers):
        type_, type_of_other = types[one], types[other]
        of_one = most[type_] and is_person[type_of_other]
        of_other = most[type_of_other] and is_person[type_]
        if not (of_one or of_other) or by.kind != "seen" or (cut and (pair in cut or pair[::-1] in cut)):
            continue
        if of_one and one != other:
            people[one].add(other)
        if of_other and one != other:
            people[other].add(one)
    blocks = identifiers.rules.blocks
    return {
        addresses[value]
        for value, those in people.items()
        if len(those) > (limit := most[types[value]]) and sum(not blocks(addresses[each]) for each in those) > limit
    }
