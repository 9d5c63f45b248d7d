"""Operators of definitions: what is compared with what, and what nothing satisfies."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from deploy.oracle.definitions.clock import Clock
from deploy.oracle.definitions.values import OPERATORS, StorePath, satisfies

# Sunday, 1 March 2026, 20:00 in Shanghai.
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLOCK = Clock(NOW, "Asia/Shanghai")


def holds(found: Any, op: str, value: Any = None, clock: Clock = CLOCK) -> bool:
    """The operator on what was found."""
    return satisfies(found, op, value, clock)


@pytest.mark.parametrize("nothing", [None, [], [None], [[]]])
@pytest.mark.parametrize("op", sorted({*OPERATORS, "ne", "not_in", "exists"}))
def test_of_nothing_only_missing_holds(nothing: Any, op: str) -> None:
    """Neither what is equal nor what is not."""
    assert not holds(nothing, op, ["x"] if op in ("in", "not_in", "between") else "x")
    assert holds(nothing, "missing")


@pytest.mark.parametrize("found", ["", 0, False, {}, "x"])
def test_blank_values_are_values(found: Any) -> None:
    """An empty text, zero, false and an empty object are there."""
    assert holds(found, "exists")
    assert not holds(found, "missing")


@pytest.mark.parametrize(
    ("found", "op", "value", "expected"),
    [
        ("上海", "eq", "上海", True),
        ("Ann", "eq", "ann", False),
        ("Ann", "ne", "ann", True),
        ("b", "in", ["a", "b"], True),
        ("B", "in", ["a", "b"], False),
        ("c", "not_in", ["a", "b"], True),
        (3, "eq", 3.0, True),
        (3, "eq", "3", False),
        (3, "ne", "3", True),
        ("3.00", "eq", 3, True),
        ("x", "gt", 3, False),
        ("x", "ne", 3, True),
        (True, "eq", True, True),
        (True, "eq", 1, False),
        (1, "eq", True, False),
        ("true", "eq", True, False),
        ({"a": 1}, "ne", "a", True),
        ({"a": 1}, "gt", 0, False),
    ],
)
def test_equality(found: Any, op: str, value: Any, expected: bool) -> None:
    """Of the same kind and the same; amounts may be written as text, and so compare with numbers."""
    assert holds(found, op, value) is expected


@pytest.mark.parametrize(
    ("found", "op", "value", "expected"),
    [
        (19.99, "gte", 19.99, True),
        ("33.3333", "gt", 33.3332, True),
        ("9", "lt", 10, True),
        ("9", "lt", "10", False),
        (Decimal("9.00"), "lt", "10", True),
        (Decimal("10.00"), "eq", "10", True),
        (Fraction(100, 3), "gt", 33.3333, True),
        (5, "between", [5, 10], True),
        (10, "between", [5, 10], True),
        (10.01, "between", [5, 10], False),
        ("a", "lt", "b", True),
        ("Z", "lt", "a", True),
        (5, "lt", "b", False),
    ],
)
def test_order(found: Any, op: str, value: Any, expected: bool) -> None:
    """Numbers exactly, without binary fractions; text by code points; `between` with its ends."""
    assert holds(found, op, value) is expected


@pytest.mark.parametrize(
    ("found", "op", "value", "expected"),
    [
        (NOW, "eq", "2026-03-01T20:00:00+08:00", True),
        (NOW, "gt", "2026-03-01T11:59:59.999999Z", True),
        (NOW, "gt", "2026-03-01T12:00:00Z", False),
        ("2026-03-01T20:00:00+08:00", "lte", "2026-03-01T12:00:00Z", True),
        (NOW, "gt", "2026-03-01", False),
        (NOW, "between", ["2026-03-01", "2026-03-01"], True),
        ("2000/2/29", "lt", "2000-03-01", True),
        ("1990-02-30", "lt", "2000-03-01", False),
    ],
)
def test_times_and_days(found: Any, op: str, value: Any, expected: bool) -> None:
    """A time is compared as an instant, a day as a day of the zone, however either is spelt."""
    assert holds(found, op, value) is expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("contains", "ell", True),
        ("contains", "ELL", False),
        ("starts_with", "he", True),
        ("starts_with", "el", False),
        ("matches", "l+o$", True),
        ("matches", "^ello", False),
        ("matches", "(?i)HEL", True),
    ],
)
def test_text(op: str, value: str, expected: bool) -> None:
    """With regard to case; patterns are not anchored."""
    assert holds("hello", op, value) is expected
    assert not holds(5, op, "5")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("mall", True), ("mall/a", True), ("mall/a/", True), ("mall/a/7", True), ("mall/a/70", False), ("ma", False)],
)
def test_a_store_lies_in_its_subtree(value: str, expected: bool) -> None:
    """By parts of the path, not by letters."""
    assert holds(StorePath("mall/a/7"), "starts_with", value) is expected


def test_any_element_of_a_list_suffices() -> None:
    """And `ne` and `not_in` hold if none is equal."""
    assert holds(["a", "b"], "eq", "b")
    assert holds([1, 20], "gt", 10)
    assert holds(["ax", "b"], "contains", "x")
    assert not holds(["a", "b"], "ne", "b")
    assert holds(["a", None, "b"], "ne", "c")
    assert not holds(["a", "b"], "not_in", ["b", "c"])
    assert holds(["a", "b"], "not_in", ["c"])


@pytest.mark.parametrize(
    ("time", "last", "following"),
    [
        (NOW - timedelta(days=7), False, False),
        (NOW - timedelta(days=7, microseconds=-1), True, False),
        (NOW, True, False),
        (NOW + timedelta(microseconds=1), False, True),
        (NOW + timedelta(days=7), False, True),
        (NOW + timedelta(days=7, microseconds=1), False, False),
    ],
)
def test_within_last_and_next(time: datetime, last: bool, following: bool) -> None:
    """T - 7d < t ≤ T, and T < t ≤ T+7d."""
    assert holds(time.isoformat(), "within_last", "7d") is last
    assert holds(time, "within_next", "7d") is following


@pytest.mark.parametrize(
    ("born", "within", "expected"),
    [
        ("1990-03-01", "1s", True),
        ("1990-03-02", "23h", False),
        ("1990-03-02", "24h", True),
        ("1990-03-08", "7d", True),
        ("1990-03-09", "7d", False),
        ("1990-02-28", "363d", False),
        ("1990-02-28", "364d", True),
        ("2000-02-29", "364d", True),
        ("1990年3月2日", "1d", True),
        ("1990-03-02T23:30:00+08:00", "1d", True),
        ("purple", "365d", False),
        (19900301, "365d", False),
    ],
)
def test_anniversary_within(born: Any, within: str, expected: bool) -> None:
    """Today included; in days of the zone, each 24 hours."""
    assert holds(born, "anniversary_within", within) is expected


@pytest.mark.parametrize("year", [2026, 2028])
def test_29_february_counts_as_the_28th(year: int) -> None:
    """In leap years, too."""
    on = Clock(datetime(year, 2, 28, 4, tzinfo=UTC), "Asia/Shanghai")
    after = Clock(datetime(year, 2, 28, 16, tzinfo=UTC), "Asia/Shanghai")
    assert holds("2000-02-29", "anniversary_within", "1s", on)
    assert not holds("2000-02-29", "anniversary_within", "1d", after)


def test_the_day_of_an_anniversary_is_the_zones() -> None:
    """At 16:00 UTC the next day begins in Shanghai."""
    evening = Clock(datetime(2026, 3, 1, 16, tzinfo=UTC), "Asia/Shanghai")
    assert holds("1990-03-02", "anniversary_within", "1s", evening)
    assert not holds("1990-03-01", "anniversary_within", "1d", evening)
