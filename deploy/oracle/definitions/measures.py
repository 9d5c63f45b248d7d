"""What is measured over the events or orders that count."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from deploy.oracle.definitions.values import number_of
from deploy.oracle.model import Json

T = TypeVar("T")
COUNT: Json = {"count": True}


def measured(
    things: Sequence[T],
    measure: Json,
    values: Callable[[T, str], list[Any]],
    day: Callable[[T], date | None],
) -> int | Fraction | None:
    """Count, distinct and sum over nothing are 0; avg, min and max over nothing are nothing."""
    (kind, field), *_ = measure.items()
    if kind == "count":
        return len(things)
    if kind == "distinct_days":
        return len({day(thing) for thing in things} - {None})
    found = [value for thing in things for value in values(thing, field)]
    if kind == "distinct":
        return len({identity(value) for value in found})
    return of_numbers(kind, [number for number in map(number_of, found) if number is not None])


def of_numbers(kind: str, numbers: list[Fraction]) -> Fraction | None:
    """Exact: nothing is rounded before it is compared."""
    total = sum(numbers, Fraction(0))
    if kind == "sum":
        return total
    if not numbers:
        return None
    return {"avg": total / len(numbers), "min": min(numbers), "max": max(numbers)}[kind]


def identity(value: Any) -> tuple[str, str]:
    """What makes two values the same one: text and the number it spells are two, however a number is spelt."""
    if isinstance(value, str):
        return "text", str(value)
    if isinstance(value, bool | dict | datetime):
        return type(value).__name__, repr(value)
    return "number", str(Fraction(Decimal(str(value))))
