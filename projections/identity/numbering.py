"""Identifiers by numbers: what is weighed a million times is looked up in arrays, not by its spelling."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, count

from schemas.identity import IdentityRules

# How many values of each type a component has is kept in one integer, so many bits for each type: adding two
# components is adding two integers. A field's highest bit stays free, for the comparison with a limit.
_BITS = 32
_HIGHEST = 1 << _BITS - 1


class Kind:
    """What is the same for all identifiers of one type."""

    __slots__ = ("bit", "highest", "is_person", "may_be_silent", "most_people", "room", "unit")

    def __init__(self, place: int, rules: IdentityRules, name: str) -> None:
        field = _BITS * place
        self.unit = 1 << field
        self.bit = 1 << place
        """Stands for the type among others."""
        self.highest = _HIGHEST << field
        """Set in the sum of `room` and of more values than one person may have."""
        self.room = _HIGHEST - 1 - rules.most_values(name) << field
        self.is_person = name in rules.people_types
        self.most_people: int = rules.people_per_value.get(name, 0)  # type: ignore[call-overload]
        """A value seen with more people than this joins nobody; 0 is no limit."""
        self.may_be_silent = bool(rules.blocked) or name in rules.never_join or name == "phone"


class Numbered:
    """The identifiers that are named together, each with a number in the order they come."""

    def __init__(self, named: Iterable[tuple[str, ...]], rules: IdentityRules) -> None:
        number: defaultdict[str, int] = defaultdict(count().__next__)
        self.rules = rules
        # An array is small enough to stay near the processor; tuples of numbers would be looked up far away.
        self.named = array("i", map(number.__getitem__, chain.from_iterable(named)))
        """The numbers of all that is named, one after the other."""
        self.addresses = list(number)
        place: defaultdict[str, int] = defaultdict(count().__next__)
        self.types = bytes([place[each.partition(":")[0]] for each in self.addresses])
        """Each identifier's type, by its place in `kinds`."""
        self.kinds = [Kind(each, rules, name) for name, each in place.items()]
