"""Whose an event is: its own identifiers' customer, else the owner of the order, ticket or message it is about."""

from collections.abc import Mapping

from tests.oracle.addresses import subject_of
from tests.oracle.model import ALONE, Key, Logged, in_time

Thing = tuple[str, str, str]
NAMED_BY = {"order": "order_id", "ticket": "ticket_id", "message": "message_id"}


def thing_of(event: Logged, orders_of: Mapping[str, str] = ALONE) -> Thing | None:
    """(family, source, id) of the order, ticket or message; an order may be another source's by event or by setting."""
    family = event.type.partition(".")[0]
    if family not in NAMED_BY:
        return None
    home = event.source
    if family == "order":
        home = event.data.get("order_source") or orders_of.get(event.source, event.source)
    return family, home, str(event.data[NAMED_BY[family]])


def owners(facts: list[Logged], orders_of: Mapping[str, str] = ALONE) -> dict[Thing, str]:
    """Each thing's customer: that of the earliest event about it that carries identifiers."""
    found: dict[Thing, str] = {}
    for event in in_time(facts):
        thing, subject = thing_of(event, orders_of), subject_of(event.source, event.event)
        if thing and subject:
            found.setdefault(thing, subject)
    return found


def belonging(facts: list[Logged], orders_of: Mapping[str, str] = ALONE) -> dict[Key, str | None]:
    """Each event's customer; None while it is pending."""
    known = owners(facts, orders_of)
    found: dict[Key, str | None] = {}
    for event in facts:
        thing = thing_of(event, orders_of)
        found[event.key] = subject_of(event.source, event.event) or (known.get(thing) if thing else None)
    return found


def events_of(facts: list[Logged], subject: str, orders_of: Mapping[str, str] = ALONE) -> list[Logged]:
    """The customer's facts, from the earliest moment to the latest."""
    whose = belonging(facts, orders_of)
    return in_time([event for event in facts if whose[event.key] == subject])


def pending(facts: list[Logged], orders_of: Mapping[str, str] = ALONE) -> set[Key]:
    """The facts that wait for a customer."""
    return {key for key, subject in belonging(facts, orders_of).items() if subject is None}
