"""Why a person is in a segment or not: the definition as a tree, with what was found at each clause."""

from typing import Any

from deploy.oracle.definitions.behaviours import chain, edge_event, regular_units, within
from deploy.oracle.definitions.conditions import (
    holds,
    kind_of,
    of_events,
    of_metric,
    of_orders,
    of_tag,
    of_trait,
)
from deploy.oracle.definitions.facts import Person
from deploy.oracle.definitions.matching import bought, events
from deploy.oracle.model import Json, Key, Logged

WINDOWS = ("earlier", "middle", "later")


def explain(person: Person, node: Json) -> Json:
    """Each clause with `kind` and `holds`; `value` found, `events` that count and `clauses` where it has such."""
    kind = kind_of(node)
    told: Json = {"kind": kind, "holds": holds(person, node)}
    if kind in ("all", "any"):
        return told | {"clauses": [explain(person, part) for part in node[kind]]}
    if kind == "not":
        return told | {"clauses": [explain(person, node[kind])]}
    if kind == "segment":
        other = person.world.settings.definitions["segment"][node[kind]]
        return told | {"clauses": [explain(person, other["where"])]}
    return told | value_found(person, kind, node) | events_that_count(person, kind, node)


def value_found(person: Person, kind: str, node: Json) -> Json:
    """The trait, figure, measure, tag, place in the sample, or counts of the units."""
    found: dict[str, Any] = {
        "trait": lambda: of_trait(person, node[kind]),
        "metric": lambda: of_metric(person, node[kind]),
        "event": lambda: of_events(person, node),
        "order": lambda: of_orders(person, node),
        "tag": lambda: of_tag(person, node[kind]),
        "regular": lambda: regular_units(person, node),
        "sample": lambda: person.world.settings.share(node[kind].get("salt", ""), person.root),
    }
    return {"value": found[kind]()} if kind in found else {}


def events_that_count(person: Person, kind: str, node: Json) -> Json:
    """The keys of the events the clause rests on; of an order node those of its orders."""
    if kind == "order":
        found = bought(person, node.get("where"), node.get("window"))
        return {"orders": [(order.source, order.order_id) for order in found]}
    if kind == "event":
        return keys(events(person, node[kind], node.get("where"), node.get("window")))
    if kind in ("first_event", "last_event"):
        event = edge_event(person, node)
        return keys([event] if event else [])
    if kind == "sequence":
        return keys(chain(person, node) or [])
    if kind in ("stopped", "restarted"):
        return {"events": [key for name in WINDOWS if name in node for key in keys_of(within(person, node, name))]}
    return {}


def keys(found: list[Logged]) -> Json:
    """Under `events`, in time."""
    return {"events": keys_of(found)}


def keys_of(found: list[Logged]) -> list[Key]:
    """(source, event_id) of each."""
    return [event.key for event in found]
