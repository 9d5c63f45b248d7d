"""What an operator asks of one element: SQL over the element, and of the moments at which it changes by time alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Literal

from projections.compiler.dates import TODAY, midnight, next_anniversary
from projections.compiler.edges import moved
from projections.compiler.scope import Scope, T
from schemas.definitions.operators import Operator

Shape = Literal["text", "number", "numeral", "money", "bool", "time", "day"]
"""What an element is looked at as. numeral: text that spells a number; day: a number as 20260301."""
Sql = Callable[[str], str]

_ONE_DAY = timedelta(days=1)
# No anniversary is farther: within so much it always lies.
_A_YEAR = timedelta(days=365)
_SIGNS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
# Numerals of at most 46 digits before the point and 30 behind are compared exactly, all others as doubles.
_EXACT, _DIGITS, _DECIMALS = "Decimal(76, 30)", 46, 30
_TYPES: dict[Shape, str] = {
    "text": "String",
    "money": "Decimal(38, 4)",
    "time": "DateTime64(6, 'UTC')",
    "day": "UInt32",
}


def _never(_: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What one operator asks of an element in some shape."""

    shape: Shape
    holds: Sql
    edges: Callable[[str], Sequence[str]] = _never


def asked(op: Operator, value: Any, scope: Scope, *, numerals: bool, store: bool) -> list[Asked]:
    """What is asked: all of it of `between`, else any. `numerals`: numbers are compared with text that spells them."""
    if op == "in":
        return [
            _within(shape, list(some), scope) for shape, some in groupby(value, lambda v: _shape(v, numerals=numerals))
        ]
    if op == "between":
        least, most = value
        shape = _shape(least, numerals=numerals)
        low, high = _compared("gte", shape, least, scope), _compared("lte", shape, most, scope)
        return [Asked(shape, lambda x: f"({low(x)} AND {high(x)})")]
    if op in _SIGNS:
        shape = _shape(value, numerals=numerals)
        return [Asked(shape, _compared(op, shape, value, scope))]
    return [_MORE[op](value, scope) if op != "starts_with" or not store else _in_place(value, scope)]


def _shape(value: Any, *, numerals: bool) -> Shape:
    shapes: tuple[tuple[Any, Shape], ...] = (
        (str, "text"), (bool, "bool"), (Decimal, "money"), (datetime, "time"), (date, "day"),
    )  # fmt: skip
    return next((shape for kind, shape in shapes if isinstance(value, kind)), "numeral" if numerals else "number")


def _compared(op: str, shape: Shape, value: Any, scope: Scope) -> Sql:
    if shape == "bool":
        return lambda x: f"{x} = {'true' if value else 'false'}"
    sign = _SIGNS[op]
    if shape == "numeral":
        return _numeral(sign, value, scope)
    known = scope.value(_plain(value), _TYPES.get(shape) or _number_type(value))
    return lambda x: f"{x} {sign} {known}"


def _within(shape: Shape, values: Sequence[Any], scope: Scope) -> Asked:
    """One of several of a shape."""
    if shape == "bool":
        found = [_compared("eq", shape, value, scope) for value in values]
        return Asked(shape, lambda x: " OR ".join(one(x) for one in found))
    if shape == "numeral":
        return Asked(shape, _numeral_within(values, scope))
    if shape == "number":
        lists = [_list(some, kind, scope) for kind, some in _by_type(values)]
        return Asked(shape, lambda x: " OR ".join(f"{x} IN {some}" for some in lists))
    known = _list(values, _TYPES[shape], scope)
    return Asked(shape, lambda x: f"{x} IN {known}")


def _numeral(sign: str, value: Any, scope: Scope) -> Sql:
    rough = scope.value(float(value), "Float64")
    if not _is_exact(value):
        return lambda x: f"toFloat64OrZero({x}) {sign} {rough}"
    exact = scope.value(_digits(value), _EXACT)
    return lambda x: f"ifNull(toDecimal256OrNull({x}, {_DECIMALS}) {sign} {exact}, toFloat64OrZero({x}) {sign} {rough})"


def _numeral_within(values: Sequence[Any], scope: Scope) -> Sql:
    exact = [value for value in values if _is_exact(value)]
    rough = [float(value) for value in values if not _is_exact(value)]
    known = [(f"toDecimal256OrNull({{}}, {_DECIMALS})", _list(exact, _EXACT, scope))] if exact else []
    known += [("toFloat64OrNull({})", scope.value(rough, "Array(Float64)"))] if rough else []
    return lambda x: " OR ".join(f"ifNull({read.format(x)} IN {some}, 0)" for read, some in known)


def _is_exact(value: Any) -> bool:
    digits = Decimal(str(value))
    exponent = digits.as_tuple().exponent
    return digits.adjusted() < _DIGITS and isinstance(exponent, int) and exponent >= -_DECIMALS


def _digits(value: Any) -> str:
    return format(Decimal(str(value)), "f")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _digits(value)
    return int(f"{value:%Y%m%d}") if isinstance(value, date) and not isinstance(value, datetime) else value


def _number_type(value: Any) -> str:
    return "Float64" if isinstance(value, float) else "Int64" if value < 2**63 else "UInt64"


def _by_type(values: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    kinds = sorted({_number_type(value) for value in values})
    return [(kind, [value for value in values if _number_type(value) == kind]) for kind in kinds]


def _list(values: Sequence[Any], kind: str, scope: Scope) -> str:
    """An array; decimals as its text, for in a list they would be quoted, which ClickHouse does not read."""
    if kind.startswith("Decimal"):
        return scope.value(f"[{', '.join(_digits(value) for value in values)}]", f"Array({kind})")
    return scope.value([_plain(value) for value in values], f"Array({kind})")


def _contains(value: Any, scope: Scope) -> Asked:
    part = scope.value(value, "String")
    return Asked("text", lambda x: f"position({x}, {part}) > 0")


def _starts_with(value: Any, scope: Scope) -> Asked:
    begin = scope.value(value, "String")
    return Asked("text", lambda x: f"startsWith({x}, {begin})")


def _in_place(value: Any, scope: Scope) -> Asked:
    place = value.rstrip("/")
    whole, below = scope.value(place, "String"), scope.value(f"{place}/", "String")
    return Asked("text", lambda x: f"({x} = {whole} OR startsWith({x}, {below}))")


def _matches(value: Any, scope: Scope) -> Asked:
    """RE2 as it is by itself: ClickHouse would let the dot match the end of a line."""
    pattern = scope.value(f"(?-s){value}", "String")
    return Asked("text", lambda x: f"match({x}, {pattern})")


def _within_last(value: Any, scope: Scope) -> Asked:
    """T - d < t <= T: from t on, and no more at t + d."""
    span = _seconds(value, scope)
    return Asked(
        "time",
        lambda x: f"({x} > {moved(T, f'-{span}')} AND {x} <= {T})",
        lambda x: (x, moved(x, span)),
    )


def _within_next(value: Any, scope: Scope) -> Asked:
    """T < t <= T + d: from t - d on, and no more at t."""
    span = _seconds(value, scope)
    return Asked(
        "time",
        lambda x: f"({x} > {T} AND {x} <= {moved(T, span)})",
        lambda x: (moved(x, f"-{span}"), x),
    )


def _anniversary_within(value: Any, scope: Scope) -> Asked:
    """In whole days from today to the next one; it begins and ends at midnights."""
    days = scope.value(value // _ONE_DAY, "Int32")

    def holds(x: str) -> str:
        return f"{next_anniversary(x)} <= {TODAY} + {days}"

    def edges(x: str) -> Sequence[str]:
        if value >= _A_YEAR:
            return ()
        moves = midnight(f"next + if(next <= {TODAY} + {days}, 1, -{days})")
        return (f"arrayMap(next -> {moves}, [{next_anniversary(x)}])[1]",)

    return Asked("day", holds, edges)


def _seconds(value: timedelta, scope: Scope) -> str:
    return scope.value(int(value.total_seconds()), "Int64")


_MORE: dict[str, Callable[[Any, Scope], Asked]] = {
    "contains": _contains,
    "starts_with": _starts_with,
    "matches": _matches,
    "within_last": _within_last,
    "within_next": _within_next,
    "anniversary_within": _anniversary_within,
}
