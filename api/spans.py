"""Hours, days, weeks and months of a time zone, one after the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from projections.memberships import Every

_HOUR = timedelta(hours=1)


def spans(start: datetime, end: datetime, every: Every, zone: str) -> Iterator[datetime]:
    """When each span begins, in UTC: from the one in which `start` lies, before `end`. Weeks begin on Monday."""
    there = ZoneInfo(zone)
    begins = _floor(start.astimezone(there), every)
    while (moment := begins.astimezone(UTC)) < end:
        yield moment
        begins = (moment + _HOUR).astimezone(there) if every == "hour" else _next(begins, every)


def _floor(local: datetime, every: Every) -> datetime:
    hour = local.replace(minute=0, second=0, microsecond=0)
    if every == "hour":
        return hour
    day = hour.replace(hour=0)
    if every == "day":
        return day
    return day - timedelta(days=day.weekday()) if every == "week" else day.replace(day=1)


def _next(begins: datetime, every: Every) -> datetime:
    """On the wall clock, so that a day with a change of the clock is one day, too."""
    if every == "month":
        return (begins + timedelta(days=32)).replace(day=1)
    return begins + timedelta(days=7 if every == "week" else 1)
