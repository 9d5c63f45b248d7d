"""Whether a time lies in a window, its borders exactly as CONTRACT §5 writes them."""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.oracle.definitions.clock import Clock, duration, time_of

Window = dict[str, Any]
ONE_DAY = timedelta(days=1)


def inside(time: datetime, window: Window | None, clock: Clock) -> bool:
    """Whether that time lies in the window; no window is ever."""
    if window is None:
        return True
    now = clock.moment
    if "last" in window:
        return now - duration(window["last"]) < time <= now
    if "between_ago" in window:
        far, near = map(duration, window["between_ago"])
        return now - far < time <= now - near
    if "calendar" in window:
        first, end = days(window["calendar"], clock.today)
        return clock.midnight(first) <= time < clock.midnight(end)
    start, stop = (time_of(window.get(name), clock) for name in ("from", "to"))
    return (start is None or start <= time) and (stop is None or time < stop)


def days(name: str, today: date) -> tuple[date, date]:
    """The first day of a calendar window, and the first day after it."""
    monday = today - today.weekday() * ONE_DAY
    first = today.replace(day=1)
    return {
        "today": (today, today + ONE_DAY),
        "yesterday": (today - ONE_DAY, today),
        "this_week": (monday, monday + 7 * ONE_DAY),
        "last_week": (monday - 7 * ONE_DAY, monday),
        "this_month": (first, next_month(first)),
        "last_month": ((first - ONE_DAY).replace(day=1), first),
        "this_year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
    }[name]


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first + 31 * ONE_DAY).replace(day=1)
