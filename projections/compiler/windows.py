"""Windows of time as SQL: whether a time lies inside, with borders that are reckoned here, from T and the zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from projections.compiler.edges import moved
from projections.compiler.scope import Scope
from schemas.definitions.windows import AnyWindow, BetweenAgo, Calendar, FromTo, Last, Period

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_TIME = "DateTime64(6, 'UTC')"
Days = Callable[[date], date]


def inside(window: AnyWindow | None, time: str, scope: Scope) -> list[str]:
    """What must hold for a time that is not after T."""
    if isinstance(window, Last):
        return [f"{time} > {ago(window.last, scope)}"]
    if isinstance(window, BetweenAgo):
        return [f"{time} > {ago(window.earlier, scope)}", f"{time} <= {ago(window.later, scope)}"]
    if isinstance(window, FromTo):
        return [*_bound(time, ">=", window.from_, scope), *_bound(time, "<", window.to, scope)]
    if isinstance(window, Calendar):
        return [f"{time} >= {begins(window, scope)}", f"{time} < {_ends(window, scope)}"]
    return []


def ago(duration: timedelta, scope: Scope) -> str:
    """So long before T."""
    return scope.instant(f"{duration} ago", lambda at, _: at - duration)


def later(time: str, duration: timedelta, scope: Scope) -> str:
    """So long after a time."""
    return moved(time, scope.value(int(duration.total_seconds()), "Int64"))


def begins(window: Calendar, scope: Scope) -> str:
    """When the period begins."""
    return _midnight(f"{window.calendar} begins", _PERIODS[window.calendar][0], scope)


def moves(window: Calendar, scope: Scope) -> str:
    """When it becomes another period: where the present day, week, month or year ends."""
    return _midnight(f"{window.calendar} moves", _PERIODS[window.calendar][2], scope)


def _ends(window: Calendar, scope: Scope) -> str:
    return _midnight(f"{window.calendar} ends", _PERIODS[window.calendar][1], scope)


def _bound(time: str, sign: str, border: datetime | None, scope: Scope) -> list[str]:
    return [] if border is None else [f"{time} {sign} {scope.value(border, _TIME)}"]


def _midnight(name: str, day: Days, scope: Scope) -> str:
    return scope.instant(name, partial(_begin, day))


def _begin(day: Days, at: datetime, zone: ZoneInfo) -> datetime:
    found = day(at.astimezone(zone).date())
    return datetime(found.year, found.month, found.day, tzinfo=zone)


def _monday(today: date) -> date:
    return today - today.weekday() * _DAY


def _first(today: date) -> date:
    return today.replace(day=1)


def _next_first(today: date) -> date:
    return _first(_first(today) + 31 * _DAY)


def _new_year(today: date) -> date:
    return date(today.year, 1, 1)


# From which day, before which day, and the day on which it moves on.
_PERIODS: dict[Period, tuple[Days, Days, Days]] = {
    "today": (lambda day: day, lambda day: day + _DAY, lambda day: day + _DAY),
    "yesterday": (lambda day: day - _DAY, lambda day: day, lambda day: day + _DAY),
    "this_week": (_monday, lambda day: _monday(day) + _WEEK, lambda day: _monday(day) + _WEEK),
    "last_week": (lambda day: _monday(day) - _WEEK, _monday, lambda day: _monday(day) + _WEEK),
    "this_month": (_first, _next_first, _next_first),
    "last_month": (lambda day: _first(_first(day) - _DAY), _first, _next_first),
    "this_year": (_new_year, lambda day: date(day.year + 1, 1, 1), lambda day: date(day.year + 1, 1, 1)),
}
