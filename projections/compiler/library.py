"""Definitions that are evaluated together: each after those it refers to, every condition once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from projections.compiler.figures import figure
from projections.compiler.found import Found
from projections.compiler.limiting import Rank, ranked
from projections.compiler.nodes import leaf
from projections.compiler.operators import compare
from projections.compiler.outcome import Outcome, Statement
from projections.compiler.scoring import uses_boundaries
from projections.compiler.traits import trait
from projections.compiler.values import as_json
from schemas.definitions import Definition, Ref, SegmentDefinition, TagDefinition, references
from schemas.definitions.checks import LIFECYCLE
from schemas.definitions.definition import AnyLimit, Top
from schemas.definitions.facts import MetricNode, SegmentNode, TagNode
from schemas.definitions.metrics import metric
from schemas.definitions.nodes import AllNode, AnyNode, Node, NotNode
from schemas.definitions.operators import Typed

_LABEL = Typed("label")
Edges = dict[str, None]
"""SQL of moments, each once."""


@dataclass(slots=True)
class Compiled:
    """What some definitions say, over columns of conditions, and over those of definitions they refer to.

    A segment says a condition, a tag the JSON text of its value.
    """

    referred: frozenset[Ref] = frozenset()
    """The definitions that others refer to: each has a column. To carry one through a statement costs more than to
    write once what it says, so no other has."""
    statement: Statement = field(default_factory=Statement)
    conditions: dict[str, str] = field(default_factory=dict)
    """SQL of each condition -> its column."""
    edges: dict[Ref, Edges] = field(default_factory=dict)
    """By definition: the moments at which it may say otherwise, those of what it refers to included."""
    layers: list[dict[str, str]] = field(default_factory=list)
    """Column -> SQL; each layer refers to columns of those before."""
    says: dict[Ref, str] = field(default_factory=dict)
    """SQL of what each definition says: its column, or an expression over others."""
    limits: dict[Ref, Rank] = field(default_factory=dict)
    """The ranks of segments with a limit; each has the number of its place here."""
    needs_assigned: bool = False
    needs_boundaries: bool = False

    def add(self, layer: Iterable[Definition]) -> None:
        """Definitions that refer to none but those added before."""
        found = {each.ref: self._value(each, self.edges.setdefault(each.ref, {})) for each in layer}
        names = {ref: f"d{len(self.says) + at}" for at, ref in enumerate(found) if ref in self.referred}
        if names:
            self.layers.append({name: found[ref] for ref, name in names.items()})
        self.says |= found | names

    def _value(self, definition: Definition, edges: Edges) -> str:
        if definition.where is not None:
            holds = self.holds(definition.where, edges)
            if isinstance(definition, SegmentDefinition) and definition.limit is not None:
                holds = f"({holds} AND {self._limited(definition.ref, definition.limit, edges)})"
            return holds if definition.kind == "segment" else f"if({holds}, 'true', '')"
        if not isinstance(definition, TagDefinition) or definition.manual:
            return self._assigned(definition, edges)
        return self._tiers(definition, edges) if definition.tiers else self._copied(definition, edges)

    def _limited(self, ref: Ref, limit: AnyLimit, edges: Edges) -> str:
        rank = ranked(limit, self.statement.scope)
        self.needs_boundaries |= isinstance(limit, Top) and uses_boundaries(limit.by)
        edges.update(dict.fromkeys(rank.edges))
        self.limits[ref] = rank
        return self.column(rank.within(len(self.limits) - 1))

    def _tiers(self, tag: TagDefinition, edges: Edges) -> str:
        found = [(self.holds(tier.where, edges), orjson.dumps(tier.value).decode()) for tier in tag.tiers or ()]
        cases = ", ".join(f"{holds}, {self.statement.scope.value(value, 'String')}" for holds, value in found)
        return f"multiIf({cases}, '')"

    def _copied(self, tag: TagDefinition, edges: Edges) -> str:
        scope, copied = self.statement.scope, tag.value_of
        assert copied is not None  # noqa: S101 -- a tag says its value in one of the ways
        if copied == LIFECYCLE[1]:
            edges.update(self.edges.get(LIFECYCLE, {}))
            return self.says.get(LIFECYCLE, "''")
        if isinstance(copied, str):
            self.needs_boundaries |= uses_boundaries(copied)
        found = figure(metric(copied), scope) if isinstance(copied, str) else trait(copied.trait, scope)
        edges.update(dict.fromkeys(found.edges))
        return self.column(as_json(self.statement.shared(found)))

    def _assigned(self, definition: Definition, edges: Edges) -> str:
        self.needs_assigned = True
        edges["assigned_until"] = None
        value = f"assigned[{self.statement.scope.value(':'.join(definition.ref), 'String')}]"
        return self.column(value if definition.kind == "tag" else f"{value} != ''")

    def holds(self, node: Node, edges: Edges) -> str:
        """Whether a node holds, by columns of conditions; its edges are added to those given."""
        if isinstance(node, AllNode | AnyNode):
            some, word = (node.all, " AND ") if isinstance(node, AllNode) else (node.any, " OR ")
            parts = [self.holds(each, edges) for each in some]
            return f"({word.join(parts)})" if len(parts) > 1 else parts[0]
        if isinstance(node, NotNode):
            return f"NOT {self.holds(node.not_, edges)}"
        if (ref := referred(node)) is not None:
            edges.update(self.edges.get(ref, {}))
            return self.of_other(node, ref)
        return self.of_leaf(self.outcome(node), edges)

    def outcome(self, node: Node) -> Outcome:
        """A leaf that refers to no other definition."""
        self.needs_boundaries |= isinstance(node, MetricNode) and uses_boundaries(node.metric)
        return leaf(node, self.statement)

    def of_leaf(self, found: Outcome, edges: Edges) -> str:
        """The column of a leaf."""
        holds = self.column(found.condition.holds)
        edges.update(dict.fromkeys(found.condition.edges))
        edges.update(dict.fromkeys(f"if({holds}, {edge}, NULL)" for edge in found.ends))
        return holds

    def of_other(self, node: Node, ref: Ref) -> str:
        """A node about another definition; one that does not exist has no members and no values."""
        if isinstance(node, SegmentNode):
            return self.says.get(ref, "false")
        assert isinstance(node, TagNode | MetricNode)  # noqa: S101 -- as `referred` says
        return compare(self.tagged(ref), node.op, node.value, self.statement.scope).holds

    def tagged(self, ref: Ref) -> Found:
        """What another tag says: JSON text, or NULL."""
        column = self.says.get(ref)
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


def compile_together(definitions: Sequence[Definition], wanted: Collection[Ref]) -> Compiled:
    """What is wanted of some definitions, with what it refers to."""
    layers = list(in_layers(definitions, wanted))
    found = Compiled(frozenset(ref for layer in layers for each in layer for ref in references(each)))
    for layer in layers:
        found.add(layer)
    return found


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
