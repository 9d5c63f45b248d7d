"""Every node of the language as SQL: which module makes what of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from projections.compiler import chance, happenings
from projections.compiler.figures import figure
from projections.compiler.found import Found
from projections.compiler.operators import compare
from projections.compiler.orders import order
from projections.compiler.outcome import Outcome, Statement
from projections.compiler.sequences import sequence
from projections.compiler.traits import trait
from schemas.definitions.facts import MetricNode, SampleNode, TraitNode
from schemas.definitions.happenings import (
    EventNode,
    FirstEventNode,
    LastEventNode,
    OrderNode,
    RegularNode,
    RestartedNode,
    SequenceNode,
    StoppedNode,
)
from schemas.definitions.nodes import Node


def leaf(node: Node, statement: Statement) -> Outcome:
    """A node without others within, that refers to no other definition."""
    return _LEAVES[type(node)](node, statement)


def _of_trait(node: TraitNode, statement: Statement) -> Outcome:
    return _compared(node, statement.shared(trait(node.trait, statement.scope)), statement)


def _of_metric(node: MetricNode, statement: Statement) -> Outcome:
    return _compared(node, statement.shared(figure(node.figure, statement.scope)), statement)


def _compared(node: TraitNode | MetricNode, found: Found, statement: Statement) -> Outcome:
    return Outcome(compare(found, node.op, node.value, statement.scope), value=lambda: found)


def _of_sample(node: SampleNode, statement: Statement) -> Outcome:
    return Outcome(
        chance.sampled(node.sample, statement.scope), value=lambda: chance.place(node.sample, statement.scope)
    )


_LEAVES: Mapping[type, Callable[[Any, Statement], Outcome]] = {
    TraitNode: _of_trait,
    MetricNode: _of_metric,
    SampleNode: _of_sample,
    EventNode: happenings.event,
    FirstEventNode: happenings.first_event,
    LastEventNode: happenings.last_event,
    SequenceNode: sequence,
    RegularNode: happenings.regular,
    StoppedNode: happenings.stopped,
    RestartedNode: happenings.restarted,
    OrderNode: order,
}
