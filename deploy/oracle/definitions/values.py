"""The operators: whether what was found satisfies what a definition asks.

The definition's value decides what is compared. A number is compared with numbers, and with text that is a decimal
numeral, as amounts are; a boolean with booleans; text with text. A found `Decimal` or `Fraction` is an amount or a
mean and a found `datetime` an instant: those are compared as what they are, however the definition writes its value.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from deploy.oracle.definitions.clock import DAY, TIME, Clock, day_of, duration, time_of

NUMERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
ONE_DAY = timedelta(days=1)


class StorePath(str):
    """A store, from the whole to the part: `starts_with` takes a subtree of it, not any prefix of its letters."""

    __slots__ = ()


def satisfies(found: Any, op: str, value: Any, clock: Clock) -> bool:
    """Whether a value, or any of a list, does; of nothing only `missing` holds."""
    values = flat(found)
    if op == "missing":
        return not values
    if not values:
        return False
    if op == "exists":
        return True
    if op in ("ne", "not_in"):
        return not satisfies(values, {"ne": "eq", "not_in": "in"}[op], value, clock)
    return any(OPERATORS[op](one, value, clock) for one in values)


def flat(found: Any) -> list[Any]:
    """What was found as a list without nulls; a list within is spread, an empty one is nothing."""
    if isinstance(found, list | tuple):
        return [value for part in found for value in flat(part)]
    return [] if found is None else [found]


def number_of(value: Any) -> Fraction | None:
    """The exact number a value is, or spells; booleans are none."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Fraction(str(value))
    if isinstance(value, Fraction):
        return value
    return Fraction(value) if isinstance(value, str) and NUMERAL.fullmatch(value) else None


def is_equal(found: Any, value: Any, clock: Clock) -> bool:
    """Of the same kind, and the same; strings with regard to case."""
    if isinstance(found, bool) or isinstance(value, bool):
        return found is value
    if isinstance(found, datetime):
        return found == time_of(value, clock)
    if is_number(value) or isinstance(found, Decimal | Fraction):
        return number_of(found) is not None and number_of(found) == number_of(value)
    return isinstance(found, str) and found == value


def is_number(value: Any) -> bool:
    """Whether the definition's value is a number."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def compared(found: Any, value: Any, clock: Clock) -> int | None:
    """Below 0, 0 or above 0, as what was found stands to the value; None when they cannot be compared."""
    left, right = sides(found, value, clock)
    return None if left is None or right is None else (left > right) - (left < right)


def sides(found: Any, value: Any, clock: Clock) -> tuple[Any, Any]:
    """Both as what they are compared as: numbers, instants, days or text; None for what is no such thing."""
    if isinstance(found, bool) or isinstance(value, bool):
        return None, None
    if is_number(value) or isinstance(found, Decimal | Fraction):
        return number_of(found), number_of(value)
    if DAY.fullmatch(value):
        return day_of(found, clock), day_of(value, clock)
    if TIME.fullmatch(value):
        return time_of(found, clock), time_of(value, clock)
    return (found if isinstance(found, str) else None), value


def comparison(test: Callable[[int], bool]) -> Callable[[Any, Any, Clock], bool]:
    """The operator that holds when both can be compared, and come out so."""

    def holds(found: Any, value: Any, clock: Clock) -> bool:
        order = compared(found, value, clock)
        return order is not None and test(order)

    return holds


def between(found: Any, value: Any, clock: Clock) -> bool:
    """Both ends included."""
    least, most = value
    return at_least(found, least, clock) and at_most(found, most, clock)


def starts_with(found: Any, value: str, clock: Clock) -> bool:
    """Text that begins so; a store that is that place, or lies in it."""
    if isinstance(found, StorePath):
        place = value.rstrip("/")
        return found == place or found.startswith(place + "/")
    return isinstance(found, str) and found.startswith(value)


def matches(found: Any, value: str, clock: Clock) -> bool:
    """Anywhere in the text; patterns of tests mean the same in RE2 and here."""
    return isinstance(found, str) and re.search(value, found, re.ASCII) is not None


def within_last(found: Any, value: str, clock: Clock) -> bool:
    """T - d < t ≤ T, as in a window."""
    time = time_of(found, clock)
    return time is not None and clock.moment - duration(value) < time <= clock.moment


def within_next(found: Any, value: str, clock: Clock) -> bool:
    """T < t ≤ T + d."""
    time = time_of(found, clock)
    return time is not None and clock.moment < time <= clock.moment + duration(value)


def anniversary_within(found: Any, value: str, clock: Clock) -> bool:
    """From the beginning of today to the beginning of the next anniversary, in days of 24 hours."""
    day = day_of(found, clock)
    return day is not None and (anniversary(day, clock.today) - clock.today) <= duration(value)


def anniversary(day: date, today: date) -> date:
    """The next one, today included; of 29 February in every year the 28th."""
    kept = (2, 28) if (day.month, day.day) == (2, 29) else (day.month, day.day)
    this_year = date(today.year, *kept)
    return this_year if this_year >= today else date(today.year + 1, *kept)


at_least = comparison(lambda order: order >= 0)
at_most = comparison(lambda order: order <= 0)
OPERATORS: dict[str, Callable[[Any, Any, Clock], bool]] = {
    "eq": is_equal,
    "in": lambda found, value, clock: any(is_equal(found, one, clock) for one in value),
    "gt": comparison(lambda order: order > 0),
    "gte": at_least,
    "lt": comparison(lambda order: order < 0),
    "lte": at_most,
    "between": between,
    "contains": lambda found, value, clock: isinstance(found, str) and value in found,
    "starts_with": starts_with,
    "matches": matches,
    "within_last": within_last,
    "within_next": within_next,
    "anniversary_within": anniversary_within,
}
