"""What becomes of one node: whether it holds, and, for those who ask why, what was found and what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from projections.compiler.found import Condition, Found
from projections.compiler.looks import Look, Rows
from projections.compiler.scope import Scope


@dataclass(slots=True)
class Outcome:
    """Made while a statement is compiled: what is only told is added to the statement when it is asked for."""

    condition: Condition
    ends: tuple[str, ...] = ()
    """More moments, at which it may hold no more: they matter only while it does."""
    value: Callable[[], Found] | None = None
    """What was compared."""
    rests_on: Callable[[], str] | None = None
    """The things that count, in time: Array(Tuple(time, source, id))."""


@dataclass(slots=True)
class Statement:
    """What all nodes of one statement share."""

    scope: Scope = field(default_factory=Scope)
    facts: Rows = field(default_factory=lambda: Rows("f", "occurred_at"))
    orders: Rows = field(default_factory=lambda: Rows("o", "counted_at"))
    persons: dict[str, str] = field(default_factory=dict)
    """SQL over the row of a person -> its column: what several conditions look at is read once."""
    event_types: set[str] = field(default_factory=set)
    """Types and families whose facts are read."""

    def shared(self, found: Found) -> Found:
        """The same as a column, where it is more than a column."""
        if len(found.sql) <= _SHORT:
            return found
        return replace(found, sql=f"person.{self.persons.setdefault(found.sql, f'p{len(self.persons)}')}")


_SHORT = 40
KEPT = 100
"""So many of the things a node rests on are told, the latest."""


def things(look: Look, order: str, identifier: str, condition: str = "") -> str:
    """The latest rows inside a look, in the order of a column: Array(Tuple(order, source, id))."""
    every = look.over("groupArray", f"({order}, source, {identifier})", condition)
    return f"arraySlice(arraySort({every}), -{KEPT})"
