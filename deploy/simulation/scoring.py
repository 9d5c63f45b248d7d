"""How good persons are that were brought together, against whose their identifiers truly are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from projections.identity.weighing import People, Sighting, resolve
from schemas.identity import DEFAULT_RULES, IdentityRules

_NO_LIMIT = 10**9

PLAIN = DEFAULT_RULES.model_copy(
    update={
        "values_per_person": {}, "values_per_person_otherwise": _NO_LIMIT, "people_per_value": {}, "never_join": (),
        "mobile_phones_only": False,
    }
)  # fmt: skip
"""Whatever was seen together is one person."""

RULES: Mapping[str, IdentityRules] = {
    "our rules": DEFAULT_RULES,
    "without people per value": DEFAULT_RULES.model_copy(update={"people_per_value": {}}),
    "without values per person": DEFAULT_RULES.model_copy(
        update={"values_per_person": {}, "values_per_person_otherwise": _NO_LIMIT}
    ),
    "plain connected components": PLAIN,
    "our rules, buyer_nick never joins": DEFAULT_RULES.model_copy(update={"never_join": ("oaid", "buyer_nick")}),
}


@dataclass(frozen=True, slots=True)
class Score:
    """Counts are of true people and of those of their identifiers that nobody else uses."""

    mixed: int
    """Persons that hold identifiers of several people: wrong merges."""
    people_mixed: int
    """People who are in one of those."""
    biggest: int
    """People in the biggest."""
    missed: int
    """People whose identifiers were seen together, if not directly, and are several persons: missed merges."""
    precision: float
    """Of pairs of identifiers in one person: the share that is one's."""
    recall: float
    """Of pairs of identifiers that are one's and were seen together, if not directly: the share in one person."""


def score(people: People, truth: People, owner: Mapping[str, int]) -> Score:
    """Compare persons as resolved with `truth`, as who owns what says."""
    held: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for identifier, whose in owner.items():
        held[people.root.get(identifier, identifier)][whose] += 1
    mixed = [those for those in held.values() if len(those) > 1]
    apart = {owner[root] for root, those in truth.members.items() if len(_parts(people, those)) > 1}
    right = sum(_pairs(those.values()) for those in held.values())
    together = sum(_pairs([those.total()]) for those in held.values())
    known = sum(_pairs([len(those)]) for those in truth.members.values())
    found = sum(_pairs(_parts(people, those).values()) for those in truth.members.values())
    return Score(
        mixed=len(mixed),
        people_mixed=len(set().union(*mixed)),
        biggest=max(map(len, held.values()), default=0),
        missed=len(apart),
        precision=right / max(together, 1),
        recall=found / max(known, 1),
    )


def true_people(sightings: Iterable[Sighting], owner: Mapping[str, int]) -> People:
    """The best there is to find: whoever's identifiers are named together, and nobody else's."""
    own = []
    for each in sightings:
        whose = defaultdict(list)
        for identifier in each.ids:
            if identifier in owner:
                whose[owner[identifier]].append(identifier)
        own += [each._replace(ids=tuple(those)) for those in whose.values() if len(those) > 1]
    return resolve(own, PLAIN)


def _parts(people: People, identifiers: Iterable[str]) -> Counter[str]:
    """How many of some identifiers are in which person."""
    return Counter(people.root.get(each, each) for each in identifiers)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
