"""The moment at which a definition is asked, and days as the platform's zone counts them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deploy.oracle.reading import birthday_of
from deploy.oracle.values import instant, local

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
DURATION = re.compile(r"([0-9]+)([smhdw])")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Clock:
    """T, and the zone of its calendar."""

    moment: datetime
    zone: str

    @property
    def today(self) -> date:
        """The day it is."""
        return self.day(self.moment)

    def day(self, time: datetime) -> date:
        """The day on which a time falls."""
        return local(time, self.zone).date()

    def midnight(self, day: date) -> datetime:
        """When a day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))


def duration(text: str) -> timedelta:
    """`30d` as 30 times 24 hours."""
    match = DURATION.fullmatch(text)
    assert match, f"no duration: {text}"
    return timedelta(seconds=int(match[1]) * SECONDS[match[2]])


def time_of(value: Any, clock: Clock) -> datetime | None:
    """The instant a value speaks of: an RFC 3339 time with an offset, or the beginning of a day."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and TIME.fullmatch(value):
        return possible_time(value)
    day = birthday_of(value)
    return None if day is None else clock.midnight(day)


def possible_time(text: str) -> datetime | None:
    """The instant; None for a date that does not exist."""
    try:
        return instant(text)
    except ValueError:
        return None


def day_of(value: Any, clock: Clock) -> date | None:
    """The day a value speaks of: of a time the day in the zone, else a date in any spelling a birthday may have."""
    if isinstance(value, datetime):
        return clock.day(value)
    if isinstance(value, str) and TIME.fullmatch(value):
        time = possible_time(value)
        return None if time is None else clock.day(time)
    return birthday_of(value)
