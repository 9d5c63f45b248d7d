"""Components of identifiers under limits: a union-find that knows how many values of each type a component has."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Literal

from projections.identity.numbering import Numbered
from schemas.identity import Refusal

Outcome = Refusal | Literal["joined", "together"]
"""What comes of joining two: they are now, they were before, or why they are not."""


class Components:
    """Grows by joining identifiers, which are numbers here."""

    def __init__(self, identifiers: Numbered, shared: AbstractSet[str]) -> None:
        # Arrays are small enough to stay near the processor; lists of objects are looked up far away.
        self._addresses = identifiers.addresses
        self._parent = array("i", range(len(identifiers.addresses)))
        self._reasons = dict(_silences(identifiers, shared))
        """Why some identifiers join nobody by being seen."""
        self._silent = bytearray(len(identifiers.addresses))
        for number in self._reasons:
            self._silent[number] = 1
        self._kinds = list(identifiers.types.values())
        self._types = array("I", [kind.bit for kind in identifiers.kinds])
        """By root: the bits of the types its component has values of."""
        self._counts = [kind.unit for kind in identifiers.kinds]
        """By root: how many values of each type."""
        self._room = sum(kind.room for kind in self._kinds)
        self._highest: dict[int, int] = {}
        """By bits of types: the highest bits of their fields."""

    def join(self, one: int, other: int, *, whatever: bool = False) -> Outcome:
        """Join two identifiers' components.

        A limit forbids what it would be newly broken by: with `whatever` it may have been broken before.
        """
        silent, parent, types, counts = self._silent, self._parent, self._types, self._counts
        if (silent[one] or silent[other]) and not whatever:
            return self._reasons[one] if silent[one] else self._reasons[other]
        while (above := parent[one]) != one:
            parent[one] = one = parent[above]
        while (above := parent[other]) != other:
            parent[other] = other = parent[above]
        if one == other:
            return "together"
        sums = counts[one] + counts[other]
        if (common := types[one] & types[other]) and not whatever and self._is_over(common, sums):
            return "too_many_values"
        if counts[one] < counts[other]:
            one, other = other, one
        parent[other] = one
        types[one] |= types[other]
        counts[one] = sums
        return "joined"

    def _is_over(self, common: int, sums: int) -> bool:
        """Whether there are too many values of a type that both have: with the room, its field overflows."""
        highest = self._highest.get(common)
        if highest is None:
            highest = self._highest[common] = sum(kind.highest for kind in self._kinds if kind.bit & common)
        return sums + self._room & highest != 0

    def people(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """Of all that were joined: each identifier's representative, and each representative's identifiers."""
        parent, addresses = self._parent, self._addresses
        groups: dict[int, list[str]] = {}
        for number in [number for number, above in enumerate(parent) if number != above]:
            top = parent[number]
            while (above := parent[top]) != top:
                parent[number] = top = above
            if top in groups:
                groups[top].append(addresses[number])
            else:
                groups[top] = [addresses[top], addresses[number]]
        members = {those[0]: those for those in groups.values()}
        return {each: root for root, those in members.items() for each in those}, members


def _silences(identifiers: Numbered, shared: AbstractSet[str]) -> Iterator[tuple[int, Refusal]]:
    """Which identifiers join nobody by being seen, and why."""
    refuses = identifiers.rules.refuses
    for number, (address, kind) in enumerate(zip(identifiers.addresses, identifiers.kinds, strict=True)):
        if kind.may_be_silent and (rule := refuses(address)):
            yield number, rule
        elif kind.most_people and address in shared:
            yield number, "shared_value"
