"""The moments at which conditions and figures change by time alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from projections.compiler.found import Growing
from projections.compiler.scope import Scope, T

NEVER = "CAST(NULL, 'Nullable(DateTime64(6, \\'UTC\\'))')"
"""No moment."""
_MOVED = re.compile(r"addSeconds\((.+), (\{\w+:Int64\})\)")


def moved(time: str, seconds: str) -> str:
    """A time so many seconds later."""
    return f"addSeconds({time}, {seconds})"


def earliest(moments: str) -> str:
    """The first of an array of moments that is still to come; NULL when none is."""
    return f"arrayReduce('minOrNull', arrayFilter(edge -> edge > {T}, {moments}))"


def first_of(edges: Iterable[str]) -> str:
    """The first of many edges that is still to come. Columns that move by the same time are moved together."""
    single: list[str] = []
    moving: dict[str, list[str]] = {}
    for edge in edges:
        found = _MOVED.fullmatch(edge)
        moving.setdefault(found[2], []).append(found[1]) if found else single.append(edge)
    lists = [f"arrayMap(time -> {moved('time', by)}, [{', '.join(times)}])" for by, times in moving.items()]
    alone = [f"[\n{_lines(single)}]"] if single else []
    return earliest(" || ".join(lists + alone)) if lists or alone else NEVER


def _lines(columns: Iterable[str]) -> str:
    return ",\n".join(f"    {column}" for column in columns)


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
