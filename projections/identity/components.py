"""Components of identifiers under limits: a union-find that knows how many values of each type a component has."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

from projections.identity.numbering import Kind, Numbered
from schemas.identity import Refusal

Outcome = Refusal | Literal["joined", "together"]
"""What comes of joining two: they are now, they were before, or why they are not."""


class Components:
    """Grows by joining identifiers, which are numbers here."""

    def __init__(self, identifiers: Numbered, shared: AbstractSet[str]) -> None:
        self._addresses = identifiers.addresses
        self._parent = array("i", range(len(identifiers.addresses)))
        self._reasons = dict(_silences(identifiers, shared))
        """Why some identifiers join nobody by being seen."""
        self._silent = bytearray(len(identifiers.addresses))
        for number in self._reasons:
            self._silent[number] = 1
        bits = [kind.bit for kind in identifiers.kinds]
        self._types = array("I", map(bits.__getitem__, identifiers.types))
        """By root: the bits of the types its component has values of."""
        self._several: dict[int, int] = {}
        """By root, of components with several values of a type: how many of each. Others have one of each."""
        self._limits = _Limits(identifiers.kinds)

    def join(self, one: int, other: int, *, whatever: bool = False) -> Outcome:
        """Join two identifiers' components.

        A limit forbids what it would be newly broken by: with `whatever` it may have been broken before.
        """
        silent, parent, types, several = self._silent, self._parent, self._types, self._several
        if (silent[one] or silent[other]) and not whatever:
            return self._reasons[one] if silent[one] else self._reasons[other]
        while (above := parent[one]) != one:
            parent[one] = one = parent[above]
        while (above := parent[other]) != other:
            parent[other] = other = parent[above]
        if one == other:
            return "together"
        common = types[one] & types[other]
        if common or one in several or other in several:
            counts, more = self._counts(one), self._counts(other)
            if common and not whatever and self._limits.are_broken(common, counts + more):
                return "too_many_values"
            if counts < more:
                one, other = other, one
            several[one] = counts + more
        parent[other] = one
        types[one] |= types[other]
        return "joined"

    def _counts(self, root: int) -> int:
        """How many values of each type a component has."""
        return self._several.get(root) or self._limits.one_of_each(self._types[root])

    def people(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """Of all that were joined: each identifier's representative, and each representative's identifiers."""
        parent, addresses = self._parent, self._addresses
        root: dict[str, str] = {}
        members: dict[str, list[str]] = {}
        for number in [number for number, above in enumerate(parent) if number != above]:
            top = parent[number]
            while (above := parent[top]) != top:
                parent[number] = top = above
            address, representative = addresses[number], addresses[top]
            root[address] = representative
            if representative in members:
                members[representative].append(address)
            else:
                members[representative] = [representative, address]
        root.update(zip(members, members, strict=True))
        return root, members


class _Limits:
    """How many values of each type a person may have."""

    def __init__(self, kinds: list[Kind]) -> None:
        self._kinds = kinds
        self._room = sum(kind.room for kind in kinds)
        self._highest: dict[int, int] = {}
        self._units: dict[int, int] = {}

    def one_of_each(self, types: int) -> int:
        """The counts of a component that has one value of each of these types."""
        units = self._units.get(types)
        if units is None:
            units = self._units[types] = sum(kind.unit for kind in self._kinds if kind.bit & types)
        return units

    def are_broken(self, types: int, counts: int) -> bool:
        """Whether there are too many values of one of these types: with the room, its field overflows."""
        highest = self._highest.get(types)
        if highest is None:
            highest = self._highest[types] = sum(kind.highest for kind in self._kinds if kind.bit & types)
        return counts + self._room & highest != 0


def _silences(identifiers: Numbered, shared: AbstractSet[str]) -> Iterator[tuple[int, Refusal]]:
    """Which identifiers join nobody by being seen, and why."""
    refuses, kinds = identifiers.rules.refuses, identifiers.kinds
    watched = bytes(kind.may_be_silent or kind.most_people > 0 for kind in kinds)
    for number, (address, type_) in enumerate(zip(identifiers.addresses, identifiers.types, strict=True)):
        if not watched[type_]:
            continue
        if kinds[type_].may_be_silent and (rule := refuses(address)):
            yield number, rule
        elif address in shared and kinds[type_].most_people:
            yield number, "shared_value"
