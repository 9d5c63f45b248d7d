"""Fields of a mapping, compiled: each is a function of a row, and of the rows of its group, that gives a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from orjson import Fragment

from ingest.files.clocks import in_zone, time_reader
from ingest.files.numbers import number_text, read_number
from ingest.files.tables import Row
from schemas.errors import BadFile, Rejected
from schemas.mapping import Field
from schemas.mapping.model import Kind, Scalar

Rows = Sequence[Row]
Read = Callable[[Row, Rows], Any]
"""Of a row, and the rows of its group; None where there is nothing."""
Convert = Callable[[str], Any]
"""Text that is not empty to a value. Raises ValueError."""

_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "同意", "有", "t", "on"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "不同意", "无", "f", "off"), False),
}
_EXAMPLES: Mapping[Kind, tuple[str, str]] = {
    "text": ("invalid_value", "text"),
    "integer": ("invalid_value", "a whole number such as 3"),
    "decimal": ("invalid_value", "a number such as 268.00"),
    "boolean": ("invalid_value", "yes or no (是, 否, true, false, 1, 0)"),
    "date": ("invalid_time", "a date such as 2026-11-22; `format` says how others are written"),
    "time": ("invalid_time", "a time such as 2026-11-22 08:00:00; `format` says how others are written"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mapping is compiled for: where its columns stand, the file's name, the zone of times without offset."""

    places: Mapping[str, int]
    file_name: str
    zone: tzinfo


def compile_field(field: Field, kind: Kind, pointer: str, facts: Facts) -> Read:
    """Make the function that reads a field. Raises BadFile when the file's name is not as the field wants it."""
    if field.over == "count":
        return lambda _row, rows: len(rows)
    if field.value is not None:
        constant = _constant(field.value, field, kind, facts)
        return lambda _row, _rows: constant
    text, wrong = _text(field, facts), _complaint(field, kind, pointer)
    if field.over == "sum":
        return _sum(text, _complaint(field, "decimal", pointer), absolute=field.absolute)
    convert = _converter(field, kind, facts)
    read = _read(field, kind, text, _absolute(convert) if field.absolute else convert, wrong, facts)
    if field.over == "last":
        return lambda _row, rows: read(rows[-1], rows)
    return read


def _read(
    field: Field, kind: Kind, text: Callable[[Row], str], convert: Convert, wrong: Callable[[], Rejected], facts: Facts
) -> Read:
    default = None if field.default is None else _constant(field.default, field, kind, facts)
    known = {said: _constant(meant, field, kind, facts) for said, meant in (field.map or {}).items()}
    place = None if field.column is None else facts.places[field.column]

    def general(row: Row, _rows: Rows) -> Any:
        said = text(row)
        if said in known:
            return known[said]
        return _converted(convert, said, wrong) if said else default

    def cell(row: Row, _rows: Rows) -> Any:
        """The same, without a call more than it takes: most fields are so, and there is one of these for each cell."""
        said = row[place].strip()  # type: ignore[index]  # only where there is a column
        if not said:
            return None
        try:
            return convert(said)
        except (ValueError, ArithmeticError, OSError):
            raise wrong() from None

    def bare(row: Row, _rows: Rows) -> Any:
        return row[place].strip() or None  # type: ignore[index]  # only where there is a column

    if known or default is not None or place is None:
        return general
    return bare if kind == "text" and not field.prefix else cell


def _text(field: Field, facts: Facts) -> Callable[[Row], str]:
    """What the cells say, without blanks around; for a file's name the same for all rows."""
    if field.file_name is not None:
        found = re.search(field.file_name, facts.file_name)
        if found is None:
            raise BadFile(f"{facts.file_name} is not named as the mapping expects: {field.file_name}.")
        said = found[1] or ""
        return lambda _row: said
    if field.join is not None:
        places, separator = [facts.places[name] for name in field.join], field.separator
        return lambda row: separator.join(filter(None, (row[place].strip() for place in places)))
    place = facts.places[field.column or ""]
    return lambda row: row[place].strip()


def _converter(field: Field, kind: Kind, facts: Facts) -> Convert:
    if kind == "text":
        prefix = field.prefix
        return (lambda text: prefix + text) if prefix else str
    if kind in {"date", "time"}:
        zone = ZoneInfo(field.zone) if field.zone else facts.zone
        read = time_reader(field.format)
        return in_zone(read, zone) if kind == "time" else lambda text: read(text).date()
    return _CONVERT[kind]


def _constant(value: Scalar, field: Field, kind: Kind, facts: Facts) -> Any:
    """A value of the mapping itself: text is read as cells are, anything else is meant as it stands."""
    if isinstance(value, Decimal):
        return Fragment(format(value, "f"))
    if not isinstance(value, str) or not value:
        return value
    try:
        return _converter(field, kind, facts)(value)
    except ValueError:
        raise BadFile(f"The mapping says {value!r} where there should be {_EXAMPLES[kind][1]}.") from None


@lru_cache(maxsize=65536)
def _decimal(text: str) -> Fragment:
    """Cached: amounts and quantities repeat."""
    return Fragment(number_text(text))


def _absolute(convert: Convert) -> Convert:
    return lambda text: convert(number_text(text).removeprefix("-"))


def _whole(text: str) -> int:
    number = read_number(text)
    if number != number.to_integral_value():
        raise ValueError(text)
    return int(number)


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(text) from None


_CONVERT: Mapping[Kind, Convert] = {"integer": _whole, "decimal": _decimal, "boolean": _boolean}


def _sum(text: Callable[[Row], str], wrong: Callable[[], Rejected], *, absolute: bool) -> Read:
    def total(_row: Row, rows: Rows) -> Any:
        try:
            numbers = [read_number(said) for said in map(text, rows) if said]
        except ValueError:
            raise wrong() from None
        if not numbers:
            return None
        found = sum(numbers, Decimal(0))
        return Fragment(format(abs(found) if absolute else found, "f"))

    return total


def _converted(convert: Convert, text: str, wrong: Callable[[], Rejected]) -> Any:
    try:
        return convert(text)
    except (ValueError, ArithmeticError, OSError):
        raise wrong() from None


def _complaint(field: Field, kind: Kind, pointer: str) -> Callable[[], Rejected]:
    code, example = _EXAMPLES[kind]
    named = field.column or " and ".join(field.join or ()) or "the file's name"
    return lambda: Rejected(code, pointer, f"{named} should be {example}.")
