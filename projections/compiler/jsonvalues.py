"""SQL over raw JSON values: lists spread, and those values that are text, numbers, days or times.

What is found is an Array(String) of raw JSON; every function gives an Array again, so that any element may satisfy.
"""

from __future__ import annotations

from projections.compiler.dates import ZONE, beginnings_of, days_of, times_of

# How deep lists within lists may lie (schemas.decoding).
_MAX_DEPTH = 20
_NUMERAL = '^(-?[0-9].*|"-?[0-9]+([.][0-9]+)?")$'


def spread(raw: str) -> str:
    """The values of one raw JSON value, '' for none: Array(String) of raw JSON, lists spread however deep, no nulls."""
    once = "arrayFlatten(arrayMap(part -> if(startsWith(part, '['), JSONExtractArrayRaw(part), [part]), parts))"
    depth = f"least(countSubstrings({raw}, '['), {_MAX_DEPTH})"
    found = f"arrayFold((parts, level) -> {once}, range({depth}), [{raw}])"
    return f"arrayFilter(part -> part NOT IN ('', 'null'), {found})"


def texts(values: str) -> str:
    """Those that are strings, as text."""
    return f"arrayMap(raw -> JSONExtractString(raw), arrayFilter(raw -> startsWith(raw, '\"'), {values}))"


def numerals(values: str) -> str:
    """Those that are numbers, and the strings that spell one, as they are spelt."""
    return f"arrayMap(raw -> replaceAll(raw, '\"', ''), arrayFilter(raw -> match(raw, '{_NUMERAL}'), {values}))"


def booleans(values: str) -> str:
    """Those that are true or false: Array(Bool)."""
    return f"arrayMap(raw -> raw = 'true', arrayFilter(raw -> raw IN ('true', 'false'), {values}))"


def days(values: str) -> str:
    """The days they speak of, as numbers: of times the day in the platform's zone."""
    of_times = f"arrayMap(time -> toYYYYMMDD(time, {ZONE}), {times_of('said')})"
    return _of_texts(values, f"arrayConcat({days_of('said')}, {of_times})")


def times(values: str) -> str:
    """The instants they speak of: of days the beginning in the platform's zone."""
    return _of_texts(values, f"arrayConcat({times_of('said')}, {beginnings_of('said')})")


def _of_texts(values: str, found: str) -> str:
    """What is found in the texts `said`, which are written out once."""
    return f"arrayMap(said -> {found}, [{texts(values)}])[1]"
