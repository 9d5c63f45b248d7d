"""Whose an event is: its own identifiers' person, else the owner of the order, ticket or message it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deploy.oracle.identity import CONTRACT, People, Rules, people
from deploy.oracle.log import visible
from deploy.oracle.model import ALONE, By, Key, Logged, in_time

Thing = tuple[str, str, str]
NAMED_BY = {"order": "order_id", "ticket": "ticket_id", "message": "message_id"}


@dataclass(frozen=True)
class Known:
    """What is known at a moment: the facts, who is one person, and whose each thing and each event is, by root."""

    moment: datetime
    facts: list[Logged]
    people: People
    orders_of: Mapping[str, str]
    owners: Mapping[Thing, str]
    whose: Mapping[Key, str | None]

    def events_of(self, root: str) -> list[Logged]:
        """The person's facts, from the earliest moment to the latest."""
        return in_time([event for event in self.facts if self.whose[event.key] == root])

    def roots(self) -> list[str]:
        """Everybody with a fact."""
        return sorted({root for root in self.whose.values() if root})

    def pending(self) -> set[Key]:
        """The facts that wait for a customer."""
        return {key for key, root in self.whose.items() if root is None}


def known(
    log: Iterable[Logged],
    moment: datetime,
    by: By = "occurred_at",
    orders_of: Mapping[str, str] = ALONE,
    rules: Rules = CONTRACT,
) -> Known:
    """All that a log says at a moment, who is who included."""
    whole = list(log)
    facts = visible(whole, moment, by)
    everybody = people(facts, whole, rules)
    owned = owners(facts, everybody, orders_of)
    return Known(moment, facts, everybody, orders_of, owned, belonging(facts, everybody, owned, orders_of))


def thing_of(event: Logged, orders_of: Mapping[str, str] = ALONE) -> Thing | None:
    """(family, source, id) of the order, ticket or message; an order may be another source's by event or by setting."""
    family = event.type.partition(".")[0]
    if family not in NAMED_BY:
        return None
    home = event.source
    if family == "order":
        home = event.data.get("order_source") or orders_of.get(event.source, event.source)
    return family, home, str(event.data[NAMED_BY[family]])


def owners(facts: list[Logged], everybody: People, orders_of: Mapping[str, str]) -> dict[Thing, str]:
    """Each thing's person: that of the subject of the earliest event about it that carries identifiers."""
    found: dict[Thing, str] = {}
    for event in in_time(facts):
        thing, root = thing_of(event, orders_of), person_of(event, everybody)
        if thing and root:
            found.setdefault(thing, root)
    return found


def person_of(event: Logged, everybody: People) -> str | None:
    """The person of the event's own subject."""
    return everybody.root(event.ids[0]) if event.ids else None


def belonging(
    facts: list[Logged], everybody: People, owned: Mapping[Thing, str], orders_of: Mapping[str, str]
) -> dict[Key, str | None]:
    """Each event's person; None while it is pending."""
    found: dict[Key, str | None] = {}
    for event in facts:
        thing = thing_of(event, orders_of)
        found[event.key] = person_of(event, everybody) or (owned.get(thing) if thing else None)
    return found
