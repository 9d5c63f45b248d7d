"""The operators: SQL of whether what was found satisfies what a definition asks.

The definition's value decides what is compared: a number with numbers and with text that spells one, text with text,
times and days with what speaks of such. Any element of a list may satisfy; of nothing only `missing` holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from projections.compiler import jsonvalues
from projections.compiler.comparisons import Asked, Shape, Sql, asked
from projections.compiler.dates import ZONE
from projections.compiler.edges import earliest, reached
from projections.compiler.found import Condition, Found
from projections.compiler.scope import Scope
from schemas.definitions.operators import Operator, Typed
from schemas.definitions.values import Kind, Value

_OPPOSITES: dict[Operator, Operator] = {"ne": "eq", "not_in": "in"}
# SQL longer than that is written out once, however often an operator looks at it.
_LONG = 200
_ANY = Typed("any", many=True)
# How what was found becomes what the operator looks at, where it is not that already.
_OF_JSON: dict[Shape, Sql] = {
    "text": jsonvalues.texts,
    "numeral": jsonvalues.numerals,
    "bool": jsonvalues.booleans,
    "time": jsonvalues.times,
    "day": jsonvalues.days,
}
_DAYS: dict[Kind, Sql] = {
    "time": lambda time: f"toYYYYMMDD({time}, {ZONE})",
    "date": lambda date: f"toYYYYMMDD({date})",
}


def compare(found: Found, op: Operator, value: Value, scope: Scope) -> Condition:
    """Whether what was found satisfies the operator with a value that `read_value` gave."""
    if found.typed.kind == "label":
        found = replace(found, sql=_label(found.sql), typed=_ANY)
    edges = found.edges if found.growing is None else reached(found.growing, _numbers(value), scope)
    if op in {"exists", "missing"}:
        return Condition(_there(found) if op == "exists" else f"NOT {_there(found)}", edges)
    if op in _OPPOSITES:
        held = compare(found, _OPPOSITES[op], value, scope)
        return replace(held, holds=f"({_there(found)} AND NOT {held.holds})")
    is_json = found.typed.kind == "any"
    parts = asked(op, value, scope, numerals=is_json, store=found.is_store)
    return _alternatives([_part(found, one) for one in parts], edges)


def _numbers(value: Value) -> Sequence[int | float]:
    values = value if isinstance(value, tuple) else (value,)
    return [each for each in values if isinstance(each, int | float)]


def _part(found: Found, one: Asked) -> Condition:
    sql = _OF_JSON[one.shape](found.sql) if found.typed.kind == "any" else found.sql
    is_day = one.shape == "day" and found.typed.kind in _DAYS
    if found.typed.many or found.typed.kind == "any":
        each = f"arrayMap(x -> {_DAYS[found.typed.kind]('x')}, {sql})" if is_day else sql
        edges = tuple(earliest(f"arrayMap(x -> {edge}, {each})") for edge in one.edges("x"))
        return Condition(f"arrayExists(x -> {one.holds('x')}, {each})", edges)
    single = _DAYS[found.typed.kind](sql) if is_day else sql
    if len(single) < _LONG:
        return Condition(f"ifNull({one.holds(single)}, 0)", tuple(one.edges(single)))
    holds, *changes = [f"arrayMap(x -> {of_x}, [{single}])[1]" for of_x in (one.holds("x"), *one.edges("x"))]
    return Condition(f"ifNull({holds}, 0)", tuple(changes))


def _alternatives(parts: Sequence[Condition], edges: Sequence[str]) -> Condition:
    holds = " OR ".join(part.holds for part in parts)
    found = [edge for part in parts for edge in part.edges]
    return Condition(f"({holds})" if len(parts) > 1 else holds, (*edges, *found))


def _there(found: Found) -> str:
    if found.typed.kind == "object":
        return f"ifNull(toUInt8({found.sql}), 0)"
    if found.typed.many or found.typed.kind == "any":
        return f"notEmpty({found.sql})"
    return f"isNotNull({found.sql})"


def _label(sql: str) -> str:
    return f"if(isNull({sql}), [], [assumeNotNull({sql})])"
