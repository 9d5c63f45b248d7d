"""Which events and orders a node speaks of: type, filters and window."""

from typing import Any

from deploy.oracle.definitions.facts import Person
from deploy.oracle.definitions.fields import of_event, of_order
from deploy.oracle.definitions.values import satisfies
from deploy.oracle.definitions.windows import Window, inside
from deploy.oracle.identity import LINKED, UNLINKED
from deploy.oracle.model import Json, Logged
from deploy.oracle.orders import Order

SILENT = (LINKED, UNLINKED)


def is_of(event: Logged, kind: str) -> bool:
    """Whether the event is of the type, or of the family `order.*`; links only when they are asked for by name."""
    if kind.endswith(".*"):
        return event.type.startswith(kind[:-1]) and event.type not in SILENT
    return event.type == kind


def passes(person: Person, event: Logged, filters: list[Json]) -> bool:
    """Whether all filters hold for the event."""
    return all(satisfies(of_event(event, one["field"]), one["op"], one.get("value"), person.clock) for one in filters)


def events(person: Person, kind: str, filters: list[Json] | None = None, window: Window | None = None) -> list[Logged]:
    """The person's events that match, in time."""
    return [
        event
        for event in person.events
        if is_of(event, kind)
        and inside(event.occurred_at, window, person.clock)
        and passes(person, event, filters or [])
    ]


def fields_of(person: Person, order: Order, field: str) -> list[Any]:
    """The values of one field of an order of the person."""
    return of_order(order, field, person.store_of(order))


def bought(person: Person, filters: list[Json] | None = None, window: Window | None = None) -> list[Order]:
    """The person's orders that match; one that was never paid or completed lies in no window, yet is there without."""
    return [
        order
        for order in person.orders
        if (window is None or (order.counted_at is not None and inside(order.counted_at, window, person.clock)))
        and all(
            satisfies(fields_of(person, order, one["field"]), one["op"], one.get("value"), person.clock)
            for one in filters or []
        )
    ]
