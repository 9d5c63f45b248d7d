"""Going over the nodes of a definition, each with the path at which it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.definitions.definition import Definition
from schemas.definitions.nodes import AllNode, AnyNode, Node, NotNode

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A node where it stands; `depth` 1 is not within another."""

    path: Steps
    node: Node
    depth: int


def roots(definition: Definition) -> Iterator[Place]:
    """The outermost nodes: one `where`, or one a tier; none where customers are set by hand or a figure is copied."""
    if definition.where is not None:
        yield Place(("where",), definition.where, 1)
    tiers = definition.tiers or () if definition.kind == "tag" else ()
    for index, tier in enumerate(tiers):
        yield Place(("tiers", index, "where"), tier.where, 1)


def children(node: Node) -> tuple[tuple[Steps, Node], ...]:
    """The nodes right within a node, with their paths from it."""
    if isinstance(node, AllNode):
        return tuple((("all", index), each) for index, each in enumerate(node.all))
    if isinstance(node, AnyNode):
        return tuple((("any", index), each) for index, each in enumerate(node.any))
    return ((("not",), node.not_),) if isinstance(node, NotNode) else ()


def walk(definition: Definition) -> Iterator[Place]:
    """Every node, each before those within it."""
    for root in roots(definition):
        yield from _below(root)


def _below(place: Place) -> Iterator[Place]:
    yield place
    for path, node in children(place.node):
        yield from _below(Place((*place.path, *path), node, place.depth + 1))
