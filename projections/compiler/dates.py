"""SQL that reads days and times out of texts, as customers and channels write them, and reckons with the calendar.

A day is a number as 20260301, since texts name years that no date of ClickHouse's reaches; times beyond the years
1900 to 2299 are taken as the ends of these.
"""

from __future__ import annotations

import re

from projections.compiler.scope import T

ZONE = "{zone:String}"
"""The platform's time zone, a parameter of every statement."""
TODAY = f"toDate32({T}, {ZONE})"

# The spellings of schemas.traits.read_date, and those of schemas.times.parse_time.
_DAY = (
    "^([0-9]{{4}})(?:-([0-9]{{2}})-([0-9]{{2}}){then}|/([0-9]{{1,2}})/([0-9]{{1,2}})|[.]([0-9]{{1,2}})[.]([0-9]{{1,2}})"
    "|年([0-9]{{1,2}})月([0-9]{{1,2}})日|([0-9]{{2}})([0-9]{{2}}))$"
)
_CLOCK = "[Tt ]([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]|60)(?:[.]([0-9]+))?)?"
_OFFSET = "(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
_TIME = f"^([0-9]{{4}})-([01][0-9])-([0-3][0-9]){_CLOCK}{_OFFSET}$"
_DAY_ALONE = _DAY.format(then="")
_DAY_OR_TIME = _DAY.format(then=f"(?:{re.sub(r'[(](?![?])', '(?:', _CLOCK + _OFFSET)})?")
_YEARS, _DAYS = 400, 146_097
# The first and the last microsecond that count, from 1970 on.
_EARLIEST, _LATEST = -2_208_988_800_000_000, 10_413_791_999_999_999


def days_of(texts: str) -> str:
    """The days that some of these texts are: Array(UInt32)."""
    return _days(texts, _DAY_ALONE)


def birthdays_of(texts: str) -> str:
    """The same, and of times with an offset the day as it is written."""
    return _days(texts, _DAY_OR_TIME)


def _days(texts: str, pattern: str) -> str:
    said = [f"toUInt32OrZero(concat({', '.join(f'parts[{at}]' for at in range(first, 12, 2))}))" for first in (2, 3)]
    day = f"toUInt32OrZero(parts[1]) * 10000 + {said[0]} * 100 + {said[1]}"
    found = f"arrayMap(parts -> {day}, arrayMap(text -> extractGroups(text, '{pattern}'), {texts}))"
    return f"arrayFilter(day -> {_exists('intDiv(day, 10000)', '(day % 10000)')}, {found})"


def times_of(texts: str) -> str:
    """The instants that some of these texts are, with an offset: Array(DateTime64(6, 'UTC'))."""
    number = [f"toInt64OrZero(parts[{at}])" for at in range(11)]
    whole = _exists(number[1], f"({number[2]} * 100 + {number[3]})")
    spoken = f"arrayFilter(parts -> {whole}, arrayMap(text -> extractGroups(text, '{_TIME}'), {texts}))"
    seconds = (
        f"({_days_since_1970(*number[1:4])} * 86400 + {number[4]} * 3600 + {number[5]} * 60 + least({number[6]}, 59)"
        f" - if(parts[8] = '-', -60, 60) * ({number[9]} * 60 + {number[10]}))"
    )
    micros = "if(parts[6] = '60', 999999, toInt64OrZero(substring(rightPad(parts[7], 6, '0'), 1, 6)))"
    known = f"least(greatest({seconds} * 1000000 + {micros}, {_EARLIEST}), {_LATEST})"
    return f"arrayMap(parts -> fromUnixTimestamp64Micro({known}, 'UTC'), {spoken})"


def is_known(time: str) -> str:
    """Whether a time that was read lies within the years that count, and is no end of them."""
    return f"toUnixTimestamp64Micro({time}) NOT IN ({_EARLIEST}, {_LATEST})"


def midnight(day: str) -> str:
    """When a Date32 begins in the platform's zone."""
    return f"toTimeZone(toDateTime64({day}, 6, {ZONE}), 'UTC')"


def date_of(day: str) -> str:
    """The Date32 of a day that is a number."""
    return f"YYYYMMDDToDate32(toUInt32(least(greatest({day}, 19000101), 22991231)))"


def next_anniversary(day: str) -> str:
    """The Date32, today or later, that is the anniversary of a day that is a number; of 29 February always the 28th."""
    kept = f"if({day} % 10000 = 229, 228, {day} % 10000)"
    return f"YYYYMMDDToDate32(toUInt32((toYear({TODAY}) + ({kept} < toYYYYMMDD({TODAY}) % 10000)) * 10000 + {kept}))"


def _exists(year: str, month_day: str) -> str:
    """Whether there is such a day: the calendar repeats itself after 400 years."""
    there = f"toYYYYMMDD(makeDate32({_alike(year)}, intDiv({month_day}, 100), {month_day} % 100)) % 10000"
    return f"{year} > 0 AND {month_day} > 0 AND {there} = {month_day}"


def _days_since_1970(year: str, month: str, day: str) -> str:
    there = f"toInt64(toInt32(makeDate32({_alike(year)}, {month}, {day})))"
    return f"({there} + intDiv({year} - {_alike(year)}, {_YEARS}) * {_DAYS})"


def _alike(year: str) -> str:
    """The year from 1900 on with the same calendar."""
    return f"(1900 + ({year} + 100) % {_YEARS})"
