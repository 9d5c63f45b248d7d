"""Whether a node of a definition holds for a person."""

from collections.abc import Callable
from typing import Any

from deploy.oracle.definitions.behaviours import chain, edge_has, has_restarted, has_stopped, is_regular
from deploy.oracle.definitions.facts import Person
from deploy.oracle.definitions.fields import of_dossier, of_event
from deploy.oracle.definitions.matching import bought, events, fields_of
from deploy.oracle.definitions.measures import COUNT, measured
from deploy.oracle.definitions.values import flat, satisfies
from deploy.oracle.model import Json

MONEY_FIELDS = ("net_amount", "total")


def holds(person: Person, node: Json) -> bool:
    """Whether the node holds for the person at the moment of its world."""
    return NODES[kind_of(node)](person, node)


def kind_of(node: Json) -> str:
    """The one key that says what the node is."""
    (kind,) = NODES.keys() & node.keys()
    return kind


def of_trait(person: Person, name: str) -> Any:
    """What is known under that name."""
    return person.dossier["traits"].get(name)


def of_metric(person: Person, path: str) -> Any:
    """The figure; `lifecycle` is the tag of that name, where one is defined."""
    if path == "lifecycle":
        return of_tag(person, path) if path in person.world.settings.definitions.get("tag", {}) else None
    return of_dossier(person.dossier, path)


def of_events(person: Person, node: Json) -> Any:
    """What an event node measures."""
    found = events(person, node["event"], node.get("where"), node.get("window"))
    return measured(found, node.get("measure", COUNT), of_event, lambda event: person.clock.day(event.occurred_at))


def of_orders(person: Person, node: Json) -> Any:
    """What an order node measures; figures of amounts are over orders in the platform's currency, all else over all."""
    found = bought(person, node.get("where"), node.get("window"))
    measure = node.get("measure", COUNT)
    if not measure.keys().isdisjoint(("sum", "avg", "min", "max")):
        found = [order for order in found if order.currency == person.world.settings.currency]
    return measured(
        found,
        measure,
        lambda order, field: fields_of(person, order, field),
        lambda order: person.clock.day(order.counted_at) if order.counted_at else None,
    )


def of_tag(person: Person, key: str) -> Any:
    """The tag's value for the person; None when it has none."""
    return value_of(person, person.world.settings.definitions["tag"][key])


def value_of(person: Person, tag: Json) -> Any:
    """The value of the first tier that holds; with one `where` true; of a copied figure what the dossier says."""
    copied = tag.get("value_of")
    if copied is not None:
        return single(of_metric(person, copied) if isinstance(copied, str) else of_trait(person, copied["trait"]))
    tiers = tag.get("tiers") or [{"value": True, "where": tag["where"]}]
    return next((tier["value"] for tier in tiers if holds(person, tier["where"])), None)


def single(found: Any) -> str | int | float | None:
    """The text or number that was found, if it is one."""
    values = flat(found)
    one = values[0] if len(values) == 1 else None
    return one if isinstance(one, str | int | float) and not isinstance(one, bool) else None


def compares(person: Person, node: Json, found: Any) -> bool:
    """The node's operator on what was found."""
    return satisfies(found, node["op"], node.get("value"), person.clock)


def reaches(person: Person, node: Json, found: Any) -> bool:
    """The node's operator on what was measured: at least 1 where it says none."""
    return satisfies(found, node.get("op", "gte"), node.get("value", 1), person.clock)


def is_tagged(person: Person, node: Json) -> bool:
    """Has the tag, with that value where one is asked for."""
    op = node.get("op", "eq" if "value" in node else "exists")
    return satisfies(of_tag(person, node["tag"]), op, node.get("value"), person.clock)


def is_in(person: Person, key: str) -> bool:
    """Whether the person is in another segment."""
    return holds(person, person.world.settings.definitions["segment"][key]["where"])


def is_sampled(person: Person, sample: Json) -> bool:
    """Whether the person's share lies below the percent."""
    return bool(person.world.settings.share(sample.get("salt", ""), person.root) < sample["percent"])


NODES: dict[str, Callable[[Person, Json], bool]] = {
    "all": lambda person, node: all(holds(person, part) for part in node["all"]),
    "any": lambda person, node: any(holds(person, part) for part in node["any"]),
    "not": lambda person, node: not holds(person, node["not"]),
    "trait": lambda person, node: compares(person, node, of_trait(person, node["trait"])),
    "metric": lambda person, node: compares(person, node, of_metric(person, node["metric"])),
    "event": lambda person, node: reaches(person, node, of_events(person, node)),
    "first_event": edge_has,
    "last_event": edge_has,
    "sequence": lambda person, node: chain(person, node) is not None,
    "regular": is_regular,
    "stopped": has_stopped,
    "restarted": has_restarted,
    "order": lambda person, node: reaches(person, node, of_orders(person, node)),
    "tag": is_tagged,
    "segment": lambda person, node: is_in(person, node["segment"]),
    "sample": lambda person, node: is_sampled(person, node["sample"]),
}
