"""A person's timeline, read from the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from projections.database import Database, Row, time_parameter
from projections.resolution import AsOf, resolve
from projections.statements import statement

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime(2299, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventCursor:
    """The event a page ended with."""

    occurred_at: datetime = _END
    event_id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events: a type or `order.*` ('' = all), from (included) and to (excluded)."""

    type: str = ""
    begin: datetime = _BEGIN
    end: datetime = _END


def timeline(
    database: Database, subject: str, moment: AsOf, selection: Selection, after: EventCursor, limit: int
) -> list[Row]:  # fmt: skip
    """Up to `limit` events of a subject's person, newest first; empty when there are none."""
    resolution = resolve(database, [subject], moment)
    if not resolution.persons:
        return []
    parameters = {
        **moment.parameters(),
        "type": selection.type,
        "from": time_parameter(selection.begin),
        "to": time_parameter(selection.end),
        "before_at": time_parameter(after.occurred_at),
        "before_id": after.event_id,
        "before_source": after.source,
        "limit": limit,
    }
    return database.rows(statement("timeline"), parameters, resolution.tables())
