"""How far a rebuild is, kept in the live database: whoever comes after a crash goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from projections.database import Database

State = Literal["filling", "filled", "swapping", "live", "returning", "back", "dropped"]
_LATEST = """
SELECT rebuild_id, step, toString(name), from_log, toString(state), cursor, touched, events, uuids
FROM rebuilds ORDER BY rebuild_id DESC, step DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """One rebuild. `touched` and `events`: partition to the offset from which it is still to be followed."""

    rebuild_id: int
    projection: str
    from_log: bool
    state: State = "filling"
    cursor: int = 0
    touched: Mapping[int, int] = field(default_factory=dict)
    events: Mapping[int, int] = field(default_factory=dict)
    uuids: Mapping[str, str] = field(default_factory=dict)
    step: int = 0

    @property
    def begun_at(self) -> datetime:
        """When it was begun."""
        return datetime.fromtimestamp(self.rebuild_id / 1_000_000, UTC)

    @property
    def keeps(self) -> bool:
        """Whether tables that once were live, or might have been, are kept beside."""
        return self.state in ("live", "back")

    @property
    def is_swapping(self) -> bool:
        """Whether tables are being exchanged: this must be finished."""
        return self.state in ("swapping", "returning")


def latest(database: Database) -> Rebuild | None:
    """The last rebuild there was, whatever became of it."""
    for number, step, name, from_log, state, cursor, touched, events, uuids in database.tuples(_LATEST):
        return Rebuild(number, name, from_log, state, cursor, dict(touched), dict(events), dict(uuids), step)
    return None


def begun(database: Database, projection: str, now: datetime, *, from_log: bool) -> Rebuild:
    """A new one, later than all before."""
    known = latest(database)
    number = max(int(now.timestamp() * 1_000_000), known.rebuild_id + 1 if known else 0)
    return Rebuild(number, projection, from_log)


@dataclass(slots=True)
class Journal:
    """The rebuild that is at work, and where its steps are written."""

    database: Database
    now: Rebuild

    def say(self, **changes: Any) -> None:
        """Write how far it is: fields of Rebuild with what they are now."""
        self.now = replace(self.now, step=self.now.step + 1, **changes)
        said = self.now
        self.database.insert(
            "rebuilds",
            {
                "rebuild_id": [said.rebuild_id],
                "step": [said.step],
                "name": [said.projection],
                "from_log": [said.from_log],
                "state": [said.state],
                "cursor": [said.cursor],
                "touched": [sorted(said.touched.items())],
                "events": [sorted(said.events.items())],
                "uuids": [sorted(said.uuids.items())],
            },
        )
