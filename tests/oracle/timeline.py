"""The timeline of one person: which events, in which order."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from deploy.oracle.model import ALONE, By, Key, Logged
from deploy.oracle.owners import known


def timeline(
    log: Iterable[Logged],
    address: str,
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    orders_of: Mapping[str, str] = ALONE,
) -> list[Key]:
    """(source, event_id) of the person's facts, newest first by (occurred_at, event_id, source), links included."""
    view = known(log, as_of or now, by, orders_of)
    root = view.people.root(address)
    return [event.key for event in reversed(view.events_of(root))] if root else []
