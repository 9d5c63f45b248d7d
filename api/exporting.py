"""Members as CSV, for people and their spreadsheets: streamed, so that any number fits. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from api.found import Described
from schemas.definitions import DefinitionKind
from schemas.times import format_time

# A spreadsheet would compute what begins so; numbers and phones (+86…) it may show.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.]*\Z)")


Write = Callable[[Iterable[Sequence[Described]], DefinitionKind, Sequence[str]], Iterator[bytes]]


def columns(kind: DefinitionKind, fields: Sequence[str]) -> list[str]:
    """The names of the columns."""
    return ["person_id", "since", *(["value"] if kind == "tag" else []), "identifiers", *fields]


def as_csv(members: Iterable[Sequence[Described]], kind: DefinitionKind, fields: Sequence[str]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, by which spreadsheets know it; identifiers are addresses divided by spaces."""
    yield ("\ufeff" + _line(columns(kind, fields))).encode()
    for part in members:
        yield "".join(_line([_cell(value) for value in _values(each, kind, fields)]) for each in part).encode()


def _values(each: Described, kind: DefinitionKind, fields: Sequence[str]) -> list[Any]:
    since = format_time(each.found.since) if each.found.since else None
    value = [each.found.value] if kind == "tag" else []
    addresses = " ".join(identifier.address for identifier in each.identifiers)
    return [each.found.person_id, since, *value, addresses, *(each.fields[name] for name in fields)]


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    text = text_of(value)
    return f"'{text}" if text and _FORMULA.match(text) else text or ""


def text_of(value: Any) -> str | None:
    """As text; lists of texts divided by spaces, whatever else as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return " ".join(value)
    return orjson.dumps(value).decode()
