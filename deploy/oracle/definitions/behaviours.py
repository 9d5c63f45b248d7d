"""What a person did in order and in time: sequences, regularity, stopping and starting again, first and last."""

from datetime import datetime, timedelta

from deploy.oracle.definitions.clock import duration
from deploy.oracle.definitions.facts import Person
from deploy.oracle.definitions.fields import of_event
from deploy.oracle.definitions.matching import events, is_of, passes
from deploy.oracle.definitions.measures import identity
from deploy.oracle.definitions.windows import inside
from deploy.oracle.model import Json, Logged

UNITS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "month": timedelta(days=30)}


def edge_event(person: Person, node: Json) -> Logged | None:
    """The first, or last, event of the type that passes `where` and lies in the window."""
    kind = node.get("first_event") or node["last_event"]
    found = events(person, kind, node.get("where"), node.get("window"))
    return (found[0] if "first_event" in node else found[-1]) if found else None


def edge_has(person: Person, node: Json) -> bool:
    """Whether there is one, and `has` holds for it."""
    event = edge_event(person, node)
    return event is not None and passes(person, event, node["has"])


def place(event: Logged) -> tuple[datetime, str]:
    """Where an event stands in a sequence."""
    return event.occurred_at, event.event["event_id"]


def chain(person: Person, node: Json) -> list[Logged] | None:
    """Some chain of events that fits the steps; None when there is none. All chains are tried, the earliest first."""
    mine = [event for event in person.events if inside(event.occurred_at, node.get("window"), person.clock)]
    return continued(person, mine, [], node["sequence"])


def continued(person: Person, mine: list[Logged], so_far: list[Logged], steps: list[Json]) -> list[Logged] | None:
    """The chain with an event for each of the steps that are left."""
    if not steps:
        return so_far
    for event in mine:
        if fits(person, steps[0], event, so_far[-1] if so_far else None):
            whole = continued(person, mine, [*so_far, event], steps[1:])
            if whole is not None:
                return whole
    return None


def fits(person: Person, step: Json, event: Logged, before: Logged | None) -> bool:
    """Whether the event may be that step, after the step before."""
    if not is_of(event, step["event"]) or not passes(person, event, step.get("where") or []):
        return False
    if before is None:
        return True
    if "within" in step and event.occurred_at - before.occurred_at > duration(step["within"]):
        return False
    if "same" in step and not shares(before, event, step["same"]):
        return False
    if "without" in step and interrupted(person, before, event, step["without"]):
        return False
    return place(before) < place(event)


def shares(before: Logged, event: Logged, name: str) -> bool:
    """Whether the two have a value in common."""
    return not values_named(before, name).isdisjoint(values_named(event, name))


def values_named(event: Logged, name: str) -> set[tuple[str, str]]:
    """The values of a field written out, or of a bare name: that of `data.X` and of any line."""
    fields = [name] if "." in name else [f"data.{name}", f"data.lines.{name}"]
    return {identity(value) for field in fields for value in of_event(event, field)}


def interrupted(person: Person, before: Logged, event: Logged, kind: str) -> bool:
    """Whether one of that type stands strictly between the two."""
    return any(is_of(other, kind) and place(before) < place(other) < place(event) for other in person.events)


def regular_units(person: Person, node: Json) -> list[int]:
    """How many matching events each of the last units holds, the unit that ends now first."""
    unit, now = UNITS[node["unit"]], person.clock.moment
    found = events(person, node["regular"], node.get("where"))
    return [
        sum(now - (back + 1) * unit < event.occurred_at <= now - back * unit for event in found)
        for back in range(node["of"])
    ]


def is_regular(person: Person, node: Json) -> bool:
    """Often enough in enough of the units."""
    times: int = node["times"]
    enough: int = node["in"]
    return sum(count >= times for count in regular_units(person, node)) >= enough


def within(person: Person, node: Json, window: str) -> list[Logged]:
    """The events of a `stopped` or `restarted` in one of its windows."""
    return events(person, node.get("stopped") or node["restarted"], node.get("where"), node[window])


def has_stopped(person: Person, node: Json) -> bool:
    """In the earlier window, and not in the later."""
    return bool(within(person, node, "earlier")) and not within(person, node, "later")


def has_restarted(person: Person, node: Json) -> bool:
    """In the earlier window and the later, and not in the middle one."""
    return (
        bool(within(person, node, "earlier"))
        and not within(person, node, "middle")
        and bool(within(person, node, "later"))
    )
