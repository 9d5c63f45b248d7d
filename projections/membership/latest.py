"""What persons did last: of whom a fact was read before the touch that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from projections.database import Database, names
from projections.membership.model import Cause
from projections.profiles import Persons

_LATEST = """
SELECT key, event_id, toString(type) FROM events
WHERE (key_hash, key) IN (SELECT cityHash64(name), name FROM names)
ORDER BY received_at DESC, log_partition DESC, log_offset DESC, log_index DESC
LIMIT 50 BY key
"""
PERSONS_ASKED = 200
"""At once: it is rare that a fact is read before its touch, but then seldom of one person alone."""
Concerns = Callable[[str, str], bool]


@dataclass(slots=True)
class Latest:
    """Asked for some of a round at once, if at all; `concerns` says whether a definition looks at a type of events."""

    database: Database
    persons: Persons
    concerns: Concerns
    whom: Sequence[str]
    """The roots it may be asked of."""
    _read: dict[str, Sequence[Cause]] = field(default_factory=dict)

    def __call__(self, root: str, ref: str) -> Cause | None:
        """The latest event of a person that a definition looks at."""
        if root not in self._read:
            self._read |= self._latest(root)
        return next((each for each in self._read[root] if self.concerns(ref, each.of)), None)

    def _latest(self, root: str) -> Mapping[str, Sequence[Cause]]:
        """What this person, and some that come after it, did last."""
        begin = self.whom.index(root) if root in self.whom else 0
        roots = {root, *self.whom[begin : begin + PERSONS_ASKED]}
        owners = self._owners(roots)
        found: dict[str, list[Cause]] = {each: [] for each in roots}
        for key, event_id, kind in self.database.tuples(_LATEST, tables=names(owners)) if owners else ():
            found[owners[key]].append(Cause("event", event_id, kind))
        return found

    def _owners(self, roots: AbstractSet[str]) -> dict[str, str]:
        """The keys of these persons' facts, each with its root."""
        if self.persons.resolution is not None:
            return {key: root for key, root, *_ in self.persons.resolution.keys if root in roots}
        return {member: root for root in roots for member in self.persons.people.get(root, ())}
