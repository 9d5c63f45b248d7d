"""Conditions of a mapping, compiled: each is a function of a row."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from ingest.files.numbers import read_number
from ingest.files.tables import Row
from schemas.mapping import Condition
from schemas.mapping.model import Scalar

Holds = Callable[[Row], bool]
_ORDERED: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip


def compile_conditions(conditions: Iterable[Condition], places: Mapping[str, int]) -> Holds | None:
    """All of the conditions as one; None where there is none."""
    holding = [_compiled(each, places[each.column]) for each in conditions]
    if not holding:
        return None
    return holding[0] if len(holding) == 1 else lambda row: all(holds(row) for holds in holding)


def _compiled(condition: Condition, place: int) -> Holds:
    op, value = condition.op, condition.value
    if op in _ORDERED:
        compare, bound = _ORDERED[op], Decimal(str(value))
        return lambda row: (found := _number(row[place])) is not None and compare(found, bound)
    if op == "missing":
        return lambda row: not row[place].strip()
    if op == "exists":
        return lambda row: bool(row[place].strip())
    among = [_equal(each) for each in (value if isinstance(value, list) else [value]) if each is not None]
    # As everywhere in definitions: on a missing value only `missing` holds.
    if op in {"ne", "not_in"}:
        return lambda row: bool(said := row[place].strip()) and not any(equal(said) for equal in among)
    return lambda row: any(equal(row[place].strip()) for equal in among)


def _equal(value: Scalar) -> Callable[[str], bool]:
    if isinstance(value, bool):
        return lambda said: said.lower() == str(value).lower()
    if isinstance(value, str):
        return lambda said: said == value
    return lambda said: _number(said) == value


def _number(text: str) -> Decimal | None:
    try:
        return read_number(text)
    except ValueError:
        return None
