"""What is said of memberships: what holds of a person, what changed, and why. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Literal

CauseKind = Literal["event", "time", "identity", "definition", "population", "manual", "erasure"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody is looked at; for an event `ref` is its event_id and `of` its type."""

    kind: CauseKind
    ref: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of membership: a fact, never computed anew. `before` and `after` are JSON texts."""

    kind: str
    key: str
    root: str
    person_id: str
    sequence: int
    before: str
    after: str
    at: datetime
    cause: Cause
    definition_version: int
    partition: int
    version: int

    @property
    def ref(self) -> str:
        """segment:key or tag:key."""
        return f"{self.kind}:{self.key}"

    @property
    def change_id(self) -> str:
        """The same for the same step of the same person, however often it is said."""
        said = (self.person_id, self.kind, self.key, str(self.sequence), self.before, self.after)
        return blake2b("\0".join(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that holds of a person; `value` as JSON text."""

    ref: str
    value: str
    since: datetime


@dataclass(frozen=True, slots=True)
class State:
    """What holds of one person; `sequence` counts the steps that changed anything."""

    root: str
    person_id: str
    sequence: int
    held: tuple[Held, ...]
    flips_at: datetime | None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Differing:
    """A person of whom something else was computed than holds; `refs`: what was looked at, None for everything."""

    was: State
    person_id: str
    """'' when it is nobody now."""
    pairs: tuple[tuple[str, str], ...]
    flips_at: datetime | None
    refs: frozenset[str] | None


Lately = Callable[[str, str], Cause | None]


def _nothing(_root: str, _ref: str) -> Cause | None:
    return None


@dataclass(frozen=True, slots=True)
class Step:
    """What a person was looked at for: when, as which version of it, and why."""

    at: datetime
    partition: int
    version: int
    causes: Sequence[Cause]
    """The earliest first."""
    building: Mapping[str, Cause] = field(default_factory=dict)
    """The definitions for which everybody is being looked at just now, and why."""
    lately: Lately = _nothing
    """Finds the latest event of a person that a definition looks at: its fact may be read before its touch."""
