"""What is checked of a definition as a whole, and of definitions together: nesting, cost, references, cycles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from schemas.definitions.definition import Definition
from schemas.definitions.facts import MetricNode, SegmentNode, TagNode
from schemas.definitions.happenings import (
    EventNode,
    FirstEventNode,
    LastEventNode,
    OrderNode,
    RegularNode,
    RestartedNode,
    SequenceNode,
    Step,
    StoppedNode,
)
from schemas.definitions.limits import MAX_COST, MAX_NESTING
from schemas.definitions.nodes import Node
from schemas.definitions.refusals import Ref, Refusal, did_you_mean, refusal
from schemas.definitions.walking import Place, Steps, walk

LIFECYCLE = ("tag", "lifecycle")
"""The metric `lifecycle` is what this tag says."""

Graph = Mapping[Ref, frozenset[Ref]]
_FIGURES = ("metric", "value_of")
"""What names the lifecycle as a figure may do so where there is no such tag: then nobody has one."""
_LOOKS: Mapping[type, int] = {StoppedNode: 2, RestartedNode: 3}


def check(definition: Definition) -> list[Refusal]:
    """What is wrong with a definition whose parts are right."""
    deep = next((place for place in walk(definition) if place.depth > MAX_NESTING), None)
    if deep is not None:
        return [refusal(deep.path, f"is nested {deep.depth} nodes deep; {MAX_NESTING} is the most")]
    if (price := cost(definition)) > MAX_COST:
        return [refusal((), f"would cost {price} to evaluate; {MAX_COST} is the most: leave out sequences or events")]
    return []


def cost(definition: Definition) -> int:
    """Estimate what evaluating it costs, in units of comparing one figure.

    A node costs 1. One that looks at a customer's events or orders costs 10 more for each look (stopped looks twice,
    restarted three times), each filter of it 1 a look; regular 1 more for each unit it counts; a sequence 20 for each
    step. A copied figure costs 1, what is set by hand nothing.
    """
    copied = definition.kind == "tag" and definition.value_of is not None
    return sum(_cost(place.node) for place in walk(definition)) + copied


def references(definition: Definition) -> set[Ref]:
    """The segments and tags that it needs to know first."""
    return {ref for _, ref in _referring(definition)}


def check_graph(definitions: Iterable[Definition]) -> list[Refusal]:
    """What is wrong with definitions together: references to what there is not, and circles; `of` says whose it is."""
    by_ref = {each.ref: each for each in definitions}
    graph = {ref: frozenset(references(each) & by_ref.keys()) for ref, each in by_ref.items()}
    return [refused for each in by_ref.values() for refused in _misled(each, graph)]


def _misled(definition: Definition, graph: Graph) -> Iterator[Refusal]:
    for path, ref in _referring(definition):
        if ref not in graph:
            if path[-1] not in _FIGURES:
                yield refusal(path, f"names a {ref[0]} that does not exist{_meant(ref, graph)}", definition.ref)
        elif back := _way(graph, ref, definition.ref):
            circle = " → ".join(key for _, key in (definition.ref, *back))
            yield refusal(path, f"closes a circle: {circle}", definition.ref)


def _way(graph: Graph, start: Ref, goal: Ref) -> list[Ref]:
    """A shortest way along references; [] if there is none."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        ahead = sorted(graph[way[-1]] - seen)
        seen.update(ahead)
        ways.extend([*way, each] for each in ahead)
    return []


def _meant(ref: Ref, graph: Graph) -> str:
    return did_you_mean(ref[1], (key for kind, key in graph if kind == ref[0]))


def _referring(definition: Definition) -> Iterator[tuple[Steps, Ref]]:
    for place in walk(definition):
        ref = _ref(place)
        if ref is not None:
            yield (*place.path, place.node.kind), ref
    if definition.kind == "tag" and definition.value_of == LIFECYCLE[1]:
        yield ("value_of",), LIFECYCLE


def _ref(place: Place) -> Ref | None:
    node = place.node
    if isinstance(node, TagNode):
        return "tag", node.tag
    if isinstance(node, SegmentNode):
        return "segment", node.segment
    return LIFECYCLE if isinstance(node, MetricNode) and node.metric == "lifecycle" else None


def _filters(node: Node | Step) -> int:
    return len(getattr(node, "where", ())) + len(getattr(node, "has", ()))


def _cost(node: Node) -> int:
    if isinstance(node, SequenceNode):
        return 1 + sum(20 + _filters(step) for step in node.sequence)
    if isinstance(
        node, EventNode | OrderNode | FirstEventNode | LastEventNode | RegularNode | StoppedNode | RestartedNode
    ):
        units = node.of if isinstance(node, RegularNode) else 0
        return 1 + _LOOKS.get(type(node), 1) * (10 + _filters(node)) + units
    return 1
