"""From people to suggestions: likely pairs, without those that prove too little or that somebody has said are two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, islice
from typing import Any

from deploy.matching.comparisons import DIFFERENT
from deploy.matching.model import Agreement, Pair, Tell, likely_pairs
from deploy.matching.records import PersonRecord, record_of
from projections.matching import Known, Suggestion, suggestion_id

# One of these has to agree. Twins share a birthday, and a home, and often a phone.
_NAMING = frozenset({"name", "document", "e-mail"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """How likely a pair must be, and how many at most."""

    threshold: float
    limit: int


class Apart:
    """Which people are known to be two: those of addresses that somebody has said are not one person's."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        self._groups = groups
        self._persons: dict[str, str | None] = dict.fromkeys(address for group in groups for address in group)

    def meet(self, person_id: str, addresses: Iterable[str]) -> None:
        """Remember whose the addresses are, as far as they matter."""
        for address in addresses:
            if address in self._persons:
                self._persons[address] = person_id

    def pairs(self) -> frozenset[frozenset[str | None]]:
        """The pairs of person ids, once everybody has been met."""
        return frozenset(
            frozenset(map(self._persons.get, pair)) for group in self._groups for pair in combinations(group, 2)
        )


def suggest(pages: Iterable[Sequence[Known]], apart: Apart, wanted: Wanted, region: str, tell: Tell) -> list[Pair]:
    """The pairs to propose, the likeliest first; `region` is that of phones without a country."""
    found = likely_pairs(_records(pages, apart, region), wanted.threshold, tell)
    return list(islice(_new(found, apart), wanted.limit))


def as_suggestion(pair: Pair, made_at: datetime) -> Suggestion:
    """The pair as it is kept: without names, which the dossiers have."""
    left, right = pair.left, pair.right
    return Suggestion(
        suggestion_id(left.person_id, right.person_id),
        left.person_id,
        left.root,
        right.person_id,
        right.root,
        pair.probability,
        reasons(pair),
        made_at,
    )


def reasons(pair: Pair) -> list[dict[str, Any]]:
    """What was compared, what it says, and with how many bits for the pair."""
    return [{"field": each.field, "says": each.says, "bits": round(each.bits, 1)} for each in pair.agreements]


def proves_enough(agreements: Sequence[Agreement]) -> bool:
    """Whether what is personal speaks for one person: a home and a telephone are a household's."""
    personal = [each for each in agreements if each.personal]
    named = any(each.field in _NAMING and each.says != DIFFERENT for each in personal)
    return named and sum(each.bits for each in personal) > 0


def _records(pages: Iterable[Sequence[Known]], apart: Apart, region: str) -> Iterator[list[PersonRecord]]:
    """The people as the matcher sees them, without those of whom too little is known to compare."""
    for page in pages:
        found = []
        for person in page:
            apart.meet(person.person_id, (person.root, *person.members))
            found.append(record_of(person.person_id, person.root, person.traits, person.members, region))
        yield [record for record in found if record.is_comparable]


def _new(found: Iterable[Pair], apart: Apart) -> Iterator[Pair]:
    known: frozenset[frozenset[str | None]] | None = None
    for pair in found:
        known = apart.pairs() if known is None else known  # everybody has been met once the first pair is there
        if proves_enough(pair.agreements) and frozenset((pair.left.person_id, pair.right.person_id)) not in known:
            yield pair
