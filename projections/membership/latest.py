"""What persons did last: of whom a fact was read before the touch that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
PERSONS_ASKED = 500
"""In one round: it is rare that a fact is read before its touch."""
Concerns = Callable[[str, str], bool]


@dataclass(slots=True)
class Latest:
    """Asked once for all of a round, if at all; `concerns` says whether a definition looks at a type of events."""

    database: Database
    persons: Persons
    concerns: Concerns
    whom: Sequence[str]
    """The roots it may be asked of."""
    _read: Mapping[str, Sequence[Cause]] | None = field(default=None)

    def __call__(self, root: str, ref: str) -> Cause | None:
        """The latest event of a person that a definition looks at."""
        if self._read is None:
            self._read = self._latest(self.whom[:PERSONS_ASKED])
        return next((each for each in self._read.get(root, ()) if self.concerns(ref, each.of)), None)

    def _latest(self, roots: Sequence[str]) -> Mapping[str, Sequence[Cause]]:
        owners = self._owners(frozenset(roots))
        found: dict[str, list[Cause]] = {}
        for key, event_id, kind in self.database.tuples(_LATEST, tables=names(owners)) if owners else ():
            found.setdefault(owners[key], []).append(Cause("event", event_id, kind))
        return found

    def _owners(self, roots: frozenset[str]) -> dict[str, str]:
        """The keys of these persons' facts, each with its root."""
        if self.persons.resolution is not None:
            return {key: root for key, root, *_ in self.persons.resolution.keys if root in roots}
        return {member: root for root in roots for member in self.persons.people.get(root, ())}
