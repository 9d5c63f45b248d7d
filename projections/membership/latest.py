"""What a person did last: of whom a fact was read before the touch that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from projections.database import Database, names
from projections.membership.model import Cause
from projections.profiles import Persons

_LATEST = """
SELECT event_id, toString(type) FROM events
WHERE (key_hash, key) IN (SELECT cityHash64(name), name FROM names)
ORDER BY received_at DESC, log_partition DESC, log_offset DESC, log_index DESC
LIMIT 50
"""
PERSONS_ASKED = 20
"""In one round: it is rare that a fact is read before its touch."""
Concerns = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Latest:
    """Asked of few persons, once each; `concerns` says whether a definition looks at a type of events."""

    database: Database
    persons: Persons
    concerns: Concerns
    _read: dict[str, Sequence[Cause]] = field(default_factory=dict)

    def __call__(self, root: str, ref: str) -> Cause | None:
        """The latest event of a person that a definition looks at."""
        if root not in self._read and len(self._read) >= PERSONS_ASKED:
            return None
        if root not in self._read:
            rows = self.database.tuples(_LATEST, tables=names(self._keys(root)))
            self._read[root] = [Cause("event", event_id, kind) for event_id, kind in rows]
        return next((each for each in self._read[root] if self.concerns(ref, each.of)), None)

    def _keys(self, root: str) -> list[str]:
        people: Mapping[str, Sequence[str]] = self.persons.people
        if self.persons.resolution is None:
            return list(people.get(root, ()))
        return [key for key, of, *_ in self.persons.resolution.keys if of == root]
