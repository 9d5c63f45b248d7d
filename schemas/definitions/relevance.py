"""Which events can change what a definition says of a customer: what a change is put down to."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.definitions.definition import Definition
from schemas.definitions.facts import MetricNode, TraitNode
from schemas.definitions.happenings import OrderNode, SequenceNode
from schemas.definitions.walking import walk

_OF_METRICS: Mapping[str, tuple[str, ...]] = {
    "orders": ("order.",),
    "rfm": ("order.",),
    "feedback": ("feedback.", "ticket."),
    "loyalty": ("points.", "tier."),
    "consent": ("consent.",),
    "derived": ("customer.identified",),
    "interactions": (
        "product.", "page.", "screen.", "search.", "checkout.", "app.", "store.", "coupon.", "group.", "service.",
        "message.", "custom.",
    ),
}  # fmt: skip
_OWN = ("rfm.recency_days", "rfm.frequency", "rfm.monetary")
"""What is said of a customer alone."""
_KINDS = ("event", "first_event", "last_event", "regular", "stopped", "restarted")
_ALWAYS = ("event.voided",)


def looked_at(definition: Definition) -> tuple[str, ...]:
    """The beginnings of the types of events a definition looks at, those of others it refers to left out."""
    found = {part for place in walk(definition) for part in _of(place.node)}
    copied = getattr(definition, "value_of", None)
    if isinstance(copied, str):
        found.update(_of_metric(copied))
    elif copied is not None:
        found.add("customer.identified")
    return (*sorted(found), *_ALWAYS)


def compares_all(definition: Definition) -> bool:
    """Whether it compares a customer with all others, itself: by a score, a share or a rank."""
    if getattr(definition, "limit", None) is not None:
        return True
    copied = getattr(definition, "value_of", None)
    paths = [place.node.metric for place in walk(definition) if isinstance(place.node, MetricNode)]
    paths += [copied] if isinstance(copied, str) else []
    return any(path.startswith("rfm.") and path not in _OWN for path in paths)


def _of(node: object) -> tuple[str, ...]:
    if isinstance(node, TraitNode):
        return ("customer.identified",)
    if isinstance(node, MetricNode):
        return _of_metric(node.metric)
    if isinstance(node, OrderNode):
        return ("order.",)
    if isinstance(node, SequenceNode):
        return tuple(_beginning(name) for step in node.sequence for name in (step.event, step.without) if name)
    return tuple(_beginning(name) for kind in _KINDS if isinstance(name := getattr(node, kind, None), str))


def _beginning(event: str) -> str:
    return event.removesuffix("*")


def _of_metric(path: str) -> tuple[str, ...]:
    return _OF_METRICS.get(path.partition(".")[0], ("",))
