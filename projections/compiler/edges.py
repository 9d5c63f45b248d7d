"""The moments at which conditions and figures change by time alone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from projections.compiler.found import Growing
from projections.compiler.scope import Scope, T


def moved(time: str, seconds: str) -> str:
    """A time so many seconds later."""
    return f"addSeconds({time}, {seconds})"


def earliest(moments: str) -> str:
    """The first of an array of moments that is still to come; NULL when none is."""
    return f"arrayReduce('minOrNull', arrayFilter(edge -> edge > {T}, {moments}))"


def least(edges: Iterable[str]) -> str:
    """The first edge that is still to come; NULL when none is."""
    return earliest(f"[{', '.join(edges)}]")


def reached(growing: Growing, numbers: Sequence[int | float], scope: Scope) -> tuple[str, ...]:
    """When what grows becomes one of some numbers, or exceeds it: a comparison with them changes then at most."""
    steps = {step for number in numbers for step in (math.ceil(number), math.floor(number) + 1)}
    near = sorted(step for step in steps if 0 < step <= growing.most)
    if not near:
        return growing.appears
    moments = f"arrayMap(step -> {growing.reaches('step')}, {scope.value(near, 'Array(Int32)')})"
    return (*growing.appears, earliest(moments))
