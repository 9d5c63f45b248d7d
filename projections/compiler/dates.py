"""SQL that reads days and times out of texts, as customers and channels write them, and reckons with the calendar.

A day is a number as 20260301.
"""

from __future__ import annotations

ZONE = "{zone:String}"
"""The platform's time zone, a parameter of every statement."""
TODAY = "{today:Date32}"
DAY = "{day:UInt32}"
"""The day it is there at T, and the same as a number: parameters, too."""

# The spellings of schemas.traits.read_date, and those of schemas.times.parse_time but for leap seconds.
_YEAR, _MONTH, _DAY = "[0-9]{4}", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_BRIEF = "(?:0?[1-9]|1[0-2]){0}(?:0?[1-9]|[12][0-9]|3[01])"
_HOUR = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_CLOCK = f"[Tt ]{_HOUR}(?::[0-5][0-9](?:[.][0-9]+)?)?(?:[Zz]|[+-]{_HOUR})"
_SPELT = "|".join((f"/{_BRIEF.format('/')}", f"[.]{_BRIEF.format('[.]')}", f"年{_BRIEF.format('月')}日", _MONTH + _DAY))
_TIME = f"^{_YEAR}-{_MONTH}-{_DAY}{_CLOCK}$"
_DATE = f"^{_YEAR}(?:-{_MONTH}-{_DAY}|{_SPELT})$"
_DATE_OR_TIME = f"^{_YEAR}(?:-{_MONTH}-{_DAY}(?:{_CLOCK})?|{_SPELT})$"


def days_of(texts: str) -> str:
    """The days that some of these texts are: Array(UInt32)."""
    return f"arrayMap(time -> toYYYYMMDD(time), {_dates(texts, _DATE)})"


def beginnings_of(texts: str) -> str:
    """When those days begin in the platform's zone: Array(DateTime64(6, 'UTC'))."""
    return f"arrayMap(time -> {midnight('toDate32(time)')}, {_dates(texts, _DATE)})"


def birthdays_of(texts: str) -> str:
    """The days that these texts are, and of times with an offset the day as it is written: Array(UInt32)."""
    return f"arrayMap(time -> toYYYYMMDD(time), {_dates(texts, _DATE_OR_TIME)})"


def times_of(texts: str) -> str:
    """The instants that some of these texts are, with an offset: Array(DateTime64(6, 'UTC'))."""
    return _read(texts, _TIME, "upper(text)")


def midnight(day: str) -> str:
    """When a Date32 begins in the platform's zone."""
    return f"toTimeZone(toDateTime64({day}, 6, {ZONE}), 'UTC')"


def next_anniversary(day: str) -> str:
    """The Date32, today or later, that is the anniversary of a day that is a number; of 29 February always the 28th."""
    found = f"YYYYMMDDToDate32(toUInt32((intDiv({DAY}, 10000) + (kept < {DAY} % 10000)) * 10000 + kept))"
    return f"arrayMap(kept -> {found}, [if({day} % 10000 = 229, 228, {day} % 10000)])[1]"


def _dates(texts: str, pattern: str) -> str:
    """The beginnings of days in UTC, in the order of the texts."""
    return _read(texts, pattern, "substring(replaceRegexpAll(replaceOne(text, '日', ''), '[/.年月]', '-'), 1, 10)")


def _read(texts: str, pattern: str, text: str) -> str:
    """What those texts that look right say; no such day is NULL, but the year 0 would be the present one."""
    right = f"arrayFilter(text -> match(text, '{pattern}') AND text >= '0001', {texts})"
    found = f"arrayMap(text -> parseDateTime64BestEffortOrNull({text}, 6, 'UTC'), {right})"
    return f"arrayMap(time -> assumeNotNull(time), arrayFilter(time -> isNotNull(time), {found}))"
