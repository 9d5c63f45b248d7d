"""Segments of so many customers: everybody has a rank, and those are in that are not below the cut.

Where the cut is follows from everybody for whom the segment's `where` holds, so it is a parameter of the statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from projections.compiler.chance import bits
from projections.compiler.figures import figure
from projections.compiler.scope import Scope
from schemas.definitions.definition import AnyLimit, Top
from schemas.definitions.metrics import metric
from schemas.definitions.values import Kind

_AS_NUMBER: Mapping[Kind, str] = {
    "number": "toFloat64({})",
    "money": "toFloat64({})",
    "time": "toFloat64(toUnixTimestamp64Micro({}))",
    "date": "toFloat64(toInt32({}))",
}


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """The rank of the last who is in; of several of that rank those with at least this number."""

    rank: float
    tie: int


OPEN = Cut(-inf, 0)
"""Everybody is in."""
CLOSED = Cut(inf, 2**64 - 1)
"""Nobody is: it is not known yet where the cut is."""


@dataclass(frozen=True, slots=True)
class Rank:
    """SQL of where a person stands: Nullable(Float64), NULL without the figure; and UInt64 among equals."""

    rank: str
    tie: str
    edges: tuple[str, ...]

    def within(self, number: int) -> str:
        """SQL of whether the person is not below the cut that a statement is given under a number."""
        rank, tie = f"{{cut{number}_rank:Float64}}", f"{{cut{number}_tie:UInt64}}"
        return f"ifNull({self.rank} > {rank} OR ({self.rank} = {rank} AND {self.tie} >= {tie}), 0)"


def ranked(limit: AnyLimit, scope: Scope) -> Rank:
    """How a limit ranks: the highest are in first."""
    if not isinstance(limit, Top):
        return Rank("toFloat64(0)", bits(limit.salt, scope), ())
    found = figure(metric(limit.by), scope)
    number = _AS_NUMBER[found.typed.kind].format(found.sql)
    return Rank(number if limit.order == "desc" else f"-{number}", bits("", scope), found.edges)


def cut_parameters(cuts: Mapping[int, Cut]) -> dict[str, object]:
    """The parameters of cuts by number."""
    ranks = {f"cut{number}_rank": str(cut.rank) for number, cut in cuts.items()}
    return {**ranks, **{f"cut{number}_tie": cut.tie for number, cut in cuts.items()}}
