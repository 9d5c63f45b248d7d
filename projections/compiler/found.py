"""What the parts of a compiled definition are: SQL of something found, and SQL of whether a condition holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from schemas.definitions.operators import Typed


@dataclass(frozen=True, slots=True)
class Growing:
    """A whole number that only grows by time: compared with a number, it matters no sooner than it reaches that."""

    reaches: Callable[[str], str]
    """SQL of the moment at which it becomes a number, or of a NULL; edges as those of Found."""
    most: int
    appears: tuple[str, ...] = ()
    """SQL of moments at which it may come to be, or be no more."""


@dataclass(frozen=True, slots=True)
class Found:
    """SQL of a value to compare. Its type in ClickHouse follows from `typed`.

    string: Nullable(String); number: Nullable(Float64) or an integer; money: Nullable(Decimal(38, 4)); label:
    Nullable(String), the JSON of what the tag says, 'true' or '"high"', so that true is not the word; bool:
    Nullable(Bool); time: Nullable(DateTime64(6, 'UTC')); date: Nullable(Date32). With `many` an Array of such, without
    nulls. `any`: always Array(String) of raw JSON values, lists spread, without nulls. `object`: a bool, whether it is
    there.
    """

    sql: str
    typed: Typed
    edges: tuple[str, ...] = ()
    """SQL of moments, Nullable(DateTime64(6, 'UTC')), at which the value itself changes by time alone."""
    is_store: bool = False
    """A path of which `starts_with` takes a subtree."""
    growing: Growing | None = None
    """Of numbers that grow by time alone: what tells better than `edges` when a comparison changes."""


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL of whether something holds: UInt8, never NULL."""

    holds: str
    edges: tuple[str, ...] = ()
    """SQL of moments after which alone, without new facts, it may hold no more, or hold.

    Nullable(DateTime64(6, 'UTC')); those that are not after T are ignored. Between T and the least of them nothing
    changes by time alone.
    """
