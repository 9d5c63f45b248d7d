"""From the log to the facts: one event per id, without what was voided, up to a moment."""

from collections.abc import Iterable
from datetime import datetime

from deploy.oracle.model import By, Key, Logged, in_time

VOID = "event.voided"


def firsts(log: Iterable[Logged]) -> list[Logged]:
    """Of all that share (source, event_id) the first in the log, in log order; the id stays taken even if voided."""
    found: dict[Key, Logged] = {}
    for logged in sorted(log, key=lambda logged: logged.place):
        found.setdefault(logged.key, logged)
    return list(found.values())


def names(void: Logged, event: Logged) -> bool:
    """Whether the void speaks of that event: its id or its batch, within the same source."""
    if void.source != event.source:
        return False
    by_id = void.data.get("event_id") == event.event["event_id"]
    batch = void.data.get("batch")
    return by_id or (batch is not None and batch == event.event.get("batch"))


def acting(events: list[Logged]) -> list[Logged]:
    """The voids that hold: those no later acting void names, so a void of a void of a void voids again."""
    latest_first = reversed(in_time([event for event in events if event.type == VOID]))
    found: list[Logged] = []
    for void in latest_first:
        if not any(names(later, void) for later in found):
            found.append(void)
    return found


def standing(log: Iterable[Logged]) -> list[Logged]:
    """The facts in log order: first of each id, not voided, the voids themselves left out; no time plays a part."""
    events = firsts(log)
    voids = acting(events)
    return [event for event in events if event.type != VOID and not any(names(void, event) for void in voids)]


def visible(log: Iterable[Logged], moment: datetime, by: By = "occurred_at") -> list[Logged]:
    """The facts at a moment: all known now, or all received by then; in either case only what has occurred by then."""
    known = [logged for logged in log if by == "occurred_at" or logged.received_at <= moment]
    return [event for event in standing(known) if event.occurred_at <= moment]
