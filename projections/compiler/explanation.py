"""Why somebody is in a segment, or has a tag: every node with what was found, what it rests on, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import orjson

from projections.compiler.edges import first_of
from projections.compiler.library import Compiled, Edges, compile_together, referred
from projections.compiler.limiting import Cut
from projections.compiler.program import layered, parameters
from projections.compiler.sequences import chain
from projections.database import Row
from projections.moments import AsOf
from projections.profiles import Terms
from schemas.definitions import Definition, Ref, SegmentDefinition, children, roots
from schemas.definitions.facts import SegmentNode
from schemas.definitions.happenings import OrderNode, SequenceNode
from schemas.definitions.nodes import AllNode, AnyNode, Node, NotNode
from schemas.definitions.operators import Typed
from schemas.definitions.walking import Steps
from schemas.money import canonical
from schemas.pointers import pointer
from schemas.rfm import Boundaries
from schemas.times import format_time

Json = Any
_COMBINED = (AllNode, AnyNode, NotNode)


@dataclass(slots=True)
class Told:
    """One node, and the columns that tell of it ('' where there is nothing to tell)."""

    node: Node
    path: Steps
    holds: str
    edge: str = ""
    value: str = ""
    typed: Typed | None = None
    things: str = ""
    clauses: list[Told] = field(default_factory=list)

    def read(self, row: Row) -> Json:
        """As a tree of JSON."""
        clauses = [each.read(row) for each in self.clauses]
        own = row[self.edge] if self.edge else None
        edges = [each["edge"] for each in clauses if each["edge"]] + ([format_time(own)] if own else [])
        said: dict[str, Json] = {
            "kind": self.node.kind,
            "path": pointer(self.path),
            "holds": bool(row[self.holds]),
            "edge": min(edges, default=None),
        }
        if self.typed:
            said["value"] = _json(row[self.value], self.typed)
        if self.things:
            said["orders" if isinstance(self.node, OrderNode) else "events"] = self._things(row[self.things])
        return said | ({"clauses": clauses} if clauses or isinstance(self.node, SegmentNode) else {})

    def _things(self, rows: Sequence[Sequence[Any]]) -> list[Json]:
        found = chain(self.node, rows) if isinstance(self.node, SequenceNode) else rows
        if isinstance(self.node, SequenceNode):
            return [{"source": each[2], "event_id": each[1]} for each in found]
        name = "order_id" if isinstance(self.node, OrderNode) else "event_id"
        return [{"source": each[1], name: each[2]} for each in found if each[1]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A definition compiled to be explained."""

    definition: Definition
    compiled: Compiled
    columns: Mapping[str, str]
    """What is told of conditions: column -> SQL."""
    results: Mapping[str, str]
    """What is told of definitions: column -> SQL over their columns."""
    told: tuple[Told, ...]

    def select(self, people: str) -> str:
        """The SELECT over rows of `profiles`, kept or folded: one row a person, for `read`."""
        names = ", ".join(
            ["root", "person_id", *self.columns, *(f"{sql} AS {name}" for name, sql in self.results.items())]
        )
        return f"SELECT {names}\nFROM ({layered(self.compiled, people, self.columns)})"

    def parameters(
        self,
        moment: AsOf,
        terms: Terms,
        boundaries: Boundaries | None,
        cuts: Mapping[str, Cut] = MappingProxyType({}),
    ) -> dict[str, object]:
        """All parameters of the statement for a moment, those of a fold included."""
        return parameters(self.compiled, moment, terms, boundaries, cuts)

    def read(self, row: Row) -> list[Json]:
        """The trees: of a segment, or a tag with one condition, one; of a tag with tiers one a tier, else none."""
        return [each.read(row) for each in self.told]


def compile_explanation(definition: Definition, library: Sequence[Definition]) -> Explanation:
    """Compile one definition with those it refers to, which are in the library."""
    others = {each.ref: each for each in library} | {definition.ref: definition}
    found = compile_together(list(others.values()), [definition.ref])
    telling = _Telling(found, others)
    told = tuple(telling.tell(place.node, place.path) for place in roots(definition))
    return Explanation(definition, found, telling.columns, telling.results, told)


@dataclass(slots=True)
class _Telling:
    compiled: Compiled
    others: Mapping[Ref, Definition]
    columns: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)

    def tell(self, node: Node, path: Steps) -> Told:
        """A node and those within it."""
        if isinstance(node, _COMBINED):
            holds = self._result(self.compiled.holds(node, {}))
            within = [self.tell(each, (*path, *steps)) for steps, each in children(node)]
            return Told(node, path, holds, clauses=within)
        ref = referred(node)
        return self._leaf(node, path) if ref is None else self._other(node, path, ref)

    def _other(self, node: Node, path: Steps, ref: Ref) -> Told:
        holds = self._result(self.compiled.of_other(node, ref))
        edge = self._column(first_of(self.compiled.edges.get(ref, {})))
        if isinstance(node, SegmentNode):
            other = self.others.get(ref)
            places = roots(other) if isinstance(other, SegmentDefinition) else ()
            return Told(node, path, holds, edge, clauses=[self.tell(place.node, place.path) for place in places])
        found = self.compiled.tagged(ref)
        return Told(node, path, holds, edge, self._result(found.sql), found.typed)

    def _leaf(self, node: Node, path: Steps) -> Told:
        found = self.compiled.outcome(node)
        edges: Edges = {}
        holds = self._result(self.compiled.of_leaf(found, edges))
        told = Told(node, path, holds, self._column(first_of(edges)))
        if found.value:
            value = found.value()
            told.value, told.typed = self._column(value.sql), value.typed
        if found.rests_on:
            told.things = self._column(found.rests_on())
        return told

    def _column(self, sql: str) -> str:
        name = f"told{len(self.columns)}"
        self.columns[name] = sql
        return name

    def _result(self, sql: str) -> str:
        name = f"said{len(self.results)}"
        self.results[name] = sql
        return name


def _json(value: Any, typed: Typed) -> Json:
    if isinstance(value, list | tuple):
        found = [_json(each, typed) for each in value]
        single = typed.kind == "any" and not typed.many
        return found if not single or len(found) > 1 else next(iter(found), None)
    if typed.kind in {"any", "label"}:
        return None if value is None else orjson.loads(value)
    if isinstance(value, Decimal):
        return canonical(value) if typed.kind == "money" else float(value) if value % 1 else int(value)
    if isinstance(value, datetime):
        return format_time(value)
    return value.isoformat() if isinstance(value, date) else value
