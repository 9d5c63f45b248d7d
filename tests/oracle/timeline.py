"""The timeline of one customer: which events, in which order."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tests.oracle.log import visible
from tests.oracle.model import ALONE, By, Key, Logged
from tests.oracle.owners import events_of


def timeline(
    log: Iterable[Logged],
    subject: str,
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    orders_of: Mapping[str, str] = ALONE,
) -> list[Key]:
    """(source, event_id) of the customer's facts, newest first by (occurred_at, event_id, source), links included."""
    facts = visible(log, as_of or now, by)
    return [event.key for event in reversed(events_of(facts, subject, orders_of))]
