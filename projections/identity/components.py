"""Components of identifiers under limits: a union-find that knows how many values of each type a component has."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Literal

from projections.identity.numbering import Numbered
from schemas.identity import Refusal

Outcome = Refusal | Literal["joined", "together"]
"""What comes of joining two: they are now, they were before, or why they are not."""


class Components:
    """Grows by joining identifiers, which are numbers here."""

    def __init__(self, identifiers: Numbered, shared: AbstractSet[str]) -> None:
        self._addresses = identifiers.addresses
        self._parent = list(range(len(identifiers.addresses)))
        self._silent = _silences(identifiers, shared)
        """By identifier: why it joins nobody by being seen."""
        self._types = [kind.bit for kind in identifiers.kinds]
        """By root: the bits of the types its component has values of."""
        self._counts = [kind.unit for kind in identifiers.kinds]
        """By root: how many values of each type."""
        self._room = sum(kind.room for kind in identifiers.types.values())

    def join(self, one: int, other: int, *, whatever: bool = False) -> Outcome:
        """Join two identifiers' components.

        A limit forbids what it would be newly broken by: with `whatever` it may have been broken before.
        """
        if not whatever and (rule := self._silent[one] or self._silent[other]):
            return rule
        parent, types, counts = self._parent, self._types, self._counts
        while (above := parent[one]) != one:
            parent[one] = one = parent[above]
        while (above := parent[other]) != other:
            parent[other] = other = parent[above]
        if one == other:
            return "together"
        sums = counts[one] + counts[other]
        # Where both have values of a type and the sum is over the limit, the sum with the room has the type's bit.
        if not whatever and (common := types[one] & types[other]) and sums + self._room & common:
            return "too_many_values"
        if counts[one] < counts[other]:
            one, other = other, one
        parent[other] = one
        types[one] |= types[other]
        counts[one] = sums
        return "joined"

    def people(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """Of all that were joined: each identifier's representative, and each representative's identifiers."""
        parent, addresses = self._parent, self._addresses
        root: dict[str, str] = {}
        members: dict[str, list[str]] = {}
        for number in [number for number, above in enumerate(parent) if number != above]:
            top = parent[number]
            while (above := parent[top]) != top:
                parent[number] = top = above
            address, name = addresses[number], addresses[top]
            root[address] = name
            if name in members:
                members[name].append(address)
            else:
                root[name] = name
                members[name] = [name, address]
        return root, members


def _silences(identifiers: Numbered, shared: AbstractSet[str]) -> list[Refusal | None]:
    """By identifier: why it joins nobody by being seen."""
    refuses = identifiers.rules.refuses
    return [
        (refuses(address) if kind.may_be_silent else None)
        or ("shared_value" if kind.most_people and address in shared else None)
        for address, kind in zip(identifiers.addresses, identifiers.kinds, strict=True)
    ]
