"""Definitions that are evaluated together: each after those it refers to, every condition once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from projections.compiler.figures import figure
from projections.compiler.found import Condition, Found
from projections.compiler.nodes import leaf
from projections.compiler.operators import compare
from projections.compiler.outcome import Outcome, Statement
from projections.compiler.scoring import uses_boundaries
from projections.compiler.traits import trait
from projections.compiler.values import as_json
from schemas.definitions import Definition, Ref, TagDefinition, references
from schemas.definitions.checks import LIFECYCLE
from schemas.definitions.facts import MetricNode, SegmentNode, TagNode
from schemas.definitions.metrics import metric
from schemas.definitions.nodes import AllNode, AnyNode, Node, NotNode
from schemas.definitions.operators import Typed

_LABEL = Typed("label")
Leaf = Callable[[Node], Outcome]


@dataclass(slots=True)
class Compiled:
    """The columns of some definitions: conditions over persons, and layers of definitions over these.

    A segment's column is a condition, a tag's the JSON text of its value.
    """

    statement: Statement = field(default_factory=Statement)
    conditions: dict[str, str] = field(default_factory=dict)
    """SQL of each condition -> its column."""
    edges: dict[str, None] = field(default_factory=dict)
    layers: list[dict[str, str]] = field(default_factory=list)
    """Column -> SQL; each layer refers to columns of those before."""
    columns: dict[Ref, str] = field(default_factory=dict)
    needs_assigned: bool = False
    needs_boundaries: bool = False

    def add(self, layer: Iterable[Definition]) -> None:
        """Definitions that refer to none but those added before."""
        found = {each.ref: self._value(each) for each in layer}
        names = {ref: f"d{len(self.columns) + at}" for at, ref in enumerate(found)}
        self.layers.append({names[ref]: sql for ref, sql in found.items()})
        self.columns |= names

    def _value(self, definition: Definition) -> str:
        if definition.where is not None:
            holds = self.holds(definition.where)
            return holds if definition.kind == "segment" else f"if({holds}, 'true', '')"
        if isinstance(definition, TagDefinition) and not definition.manual:
            return self._tiers(definition) if definition.tiers else self.column(as_json(self._copied(definition)))
        return self._assigned(definition)

    def _tiers(self, tag: TagDefinition) -> str:
        scope = self.statement.scope
        tiers = [(self.holds(tier.where), scope.value(_json(tier.value), "String")) for tier in tag.tiers or ()]
        return f"multiIf({', '.join(f'{holds}, {value}' for holds, value in tiers)}, '')"

    def _copied(self, tag: TagDefinition) -> Found:
        copied = tag.value_of
        if isinstance(copied, str):
            self.needs_boundaries |= uses_boundaries(copied)
            found = figure(metric(copied), self.statement.scope)
        else:
            assert copied is not None  # noqa: S101 -- a tag says its value in one of the ways
            found = trait(copied.trait, self.statement.scope)
        self.edges.update(dict.fromkeys(found.edges))
        return found

    def _assigned(self, definition: Definition) -> str:
        self.needs_assigned = True
        self.edges["assigned_until"] = None
        value = f"assigned[{self.statement.scope.value(':'.join(definition.ref), 'String')}]"
        return self.column(value if definition.kind == "tag" else f"{value} != ''")

    def holds(self, node: Node) -> str:
        """Whether a node holds, by columns of conditions."""
        if isinstance(node, AllNode | AnyNode):
            some, word = (node.all, " AND ") if isinstance(node, AllNode) else (node.any, " OR ")
            parts = [self.holds(each) for each in some]
            return f"({word.join(parts)})" if len(parts) > 1 else parts[0]
        if isinstance(node, NotNode):
            return f"NOT {self.holds(node.not_)}"
        if (ref := referred(node)) is not None:
            return self.of_other(node, ref).holds
        return self.column(self.outcome(node).condition.holds)

    def outcome(self, node: Node) -> Outcome:
        """A leaf that refers to no other definition; its edges are the statement's."""
        self.needs_boundaries |= isinstance(node, MetricNode) and uses_boundaries(node.metric)
        found = leaf(node, self.statement)
        self.edges.update(dict.fromkeys(self.edges_of(found)))
        return found

    def edges_of(self, found: Outcome) -> list[str]:
        """The moments at which a node may hold no more, or hold."""
        holds = self.column(found.condition.holds)
        return [*found.condition.edges, *(f"if({holds}, {edge}, NULL)" for edge in found.ends)]

    def of_other(self, node: Node, ref: Ref) -> Condition:
        """A node about another definition; one that does not exist has no members and no values."""
        if isinstance(node, SegmentNode):
            return Condition(self.columns.get(ref, "false"))
        assert isinstance(node, TagNode | MetricNode)  # noqa: S101 -- as `referred` says
        return compare(self.tagged(ref), node.op, node.value, self.statement.scope)

    def tagged(self, ref: Ref) -> Found:
        """What another tag says: JSON text, or NULL."""
        column = self.columns.get(ref)
        return Found(f"nullIf({column}, '')" if column else "CAST(NULL, 'Nullable(String)')", _LABEL)

    def column(self, sql: str) -> str:
        """The column of something that is known of persons."""
        return self.conditions.setdefault(sql, f"c{len(self.conditions)}")


def referred(node: Node) -> Ref | None:
    """The definition that a node is about."""
    if isinstance(node, SegmentNode):
        return "segment", node.segment
    if isinstance(node, TagNode):
        return "tag", node.tag
    return LIFECYCLE if isinstance(node, MetricNode) and node.metric == LIFECYCLE[1] else None


def in_layers(definitions: Sequence[Definition], wanted: Collection[Ref]) -> Iterator[list[Definition]]:
    """What is wanted and all it refers to, however far: each layer refers to earlier ones only."""
    by_ref = {each.ref: each for each in definitions}
    graph = {ref: references(each) & by_ref.keys() for ref, each in by_ref.items()}
    left = _reached(graph, wanted)
    while left:
        ready = sorted(ref for ref in left if left.isdisjoint(graph[ref]))
        if not ready:
            raise RecursionError("definitions refer to each other in a circle")
        yield [by_ref[ref] for ref in ready]
        left -= set(ready)


def _reached(graph: Mapping[Ref, Collection[Ref]], wanted: Collection[Ref]) -> set[Ref]:
    found = {ref for ref in wanted if ref in graph}
    ahead = list(found)
    while ahead:
        new = set(graph[ahead.pop()]) - found
        found |= new
        ahead.extend(new)
    return found


def _json(text: str) -> str:
    return orjson.dumps(text).decode()
