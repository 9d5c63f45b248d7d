"""The projections that can be rebuilt, each with its tables. Names of tables come from here alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.errors import CdpError

FACTS = ("claims", "events", "retractions", "seen_fields")
OF_FACTS = (
    "subject_places", "subject_things", "thing_claims", "voids", "wakeups", "sightings", "sighting_events",
    "sightings_ahead",
)  # fmt: skip
"""What views fill when facts are written."""


@dataclass(frozen=True, slots=True)
class Projection:
    """One projection: its tables, those of them that are written by name, and what it is computed from."""

    name: str
    says: str
    written: Sequence[str]
    derived: Sequence[str]
    """Filled by views over those that are written."""
    is_of_log: bool = False
    """Whether it can only be computed from the log."""


PROFILES = Projection("profiles", "the dossiers, and what they are searched by", ("profiles",), ("profile_search",))
LETTERS = Projection("dead-letters", "the dead letters, from their topic", ("dead_letters",), (), is_of_log=True)
CATALOGUE: Mapping[str, Projection] = {each.name: each for each in (PROFILES, LETTERS)}


def projection(name: str) -> Projection:
    """The projection of a name. Raises CdpError, which lists them."""
    if name not in CATALOGUE:
        known = "; ".join(f"{each.name}: {each.says}" for each in CATALOGUE.values())
        raise CdpError(f"There is no projection {name!r} to rebuild. There are {known}.", code="not_found")
    return CATALOGUE[name]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one rebuild, in the order they are swapped."""

    written: tuple[str, ...]
    derived: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.written, *self.derived)


def tables(asked: Projection, *, from_log: bool) -> Tables:
    """What a rebuild swaps: from the log, the facts that dossiers are folded from as well."""
    if from_log and not asked.is_of_log:
        return Tables((*FACTS, *asked.written), (*OF_FACTS, *asked.derived))
    return Tables(tuple(asked.written), tuple(asked.derived))
