"""Who is one person: a pure function of what was seen together, linked and unlinked, and of the rules.

Pairs are weighed oldest first, by (occurred_at, event_id, source). The order in which events arrived plays no part.
"""

from __future__ import annotations

from array import array
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
    for by, pair, numbers in _pairs(ordered, identifiers.named):
        if cut and pair in cut:
            outcome: Outcome = "unlinked"
        elif by.kind == "seen":
            outcome = components.join(*numbers)
        elif rules.blocks(pair[0]) or rules.blocks(pair[1]):
            outcome = "blocked_value"
        elif pair in linked_after and by.at[0] <= linked_after[pair]:
            continue  # taken back, and said again since
        else:
            outcome = components.join(*numbers, whatever=True)
        if outcome == "joined":
            people.joins.append((pair, by))
        elif outcome != "together":
            people.refused.append(Refused(pair, outcome, by))
    people.root, people.members = components.people()
    return people


def _pairs(
    sightings: Iterable[Sighting], named: Iterable[tuple[int, ...]]
) -> Iterator[tuple[Sighting, Pair, tuple[int, int]]]:
    """Whatever is seen or linked, pair by pair: by whom, the two addresses and their numbers."""
    for by, numbers in zip(sightings, named, strict=True):
        if by.kind == "unlinked":
            continue
        ids = by.ids
        if len(ids) == 2:
            yield by, ids, numbers  # type: ignore[misc]
        else:
            for pair, two in zip(combinations(ids, 2), combinations(numbers, 2), strict=True):
                yield by, pair, two


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
    addresses, kinds, blocks = identifiers.addresses, identifiers.kinds, identifiers.rules.blocks
    is_person = bytes(kind.is_person and not blocks(address) for address, kind in zip(addresses, kinds, strict=True))
    most = array("H", [kind.most_people for kind in kinds])
    first = array("i", [-1]) * len(addresses)
    others: defaultdict[int, set[int]] = defaultdict(set)
    for numbers in [those for by, those in zip(sightings, identifiers.named, strict=True) if by.kind == "seen"]:
        for person in numbers:
            if not is_person[person]:
                continue
            for value in numbers:
                if not most[value] or value == person or (cut and _is_cut(addresses[value], addresses[person], cut)):
                    continue
                if first[value] < 0:
                    first[value] = person
                elif first[value] != person:
                    others[value].add(person)
    return {addresses[value] for value, those in others.items() if len(those) >= most[value]}


def _is_cut(one: str, other: str, cut: AbstractSet[Pair]) -> bool:
    return (one, other) in cut or (other, one) in cut
