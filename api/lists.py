"""Lists of customers to be given something by hand, as JSON or CSV: what can be read of them, and what cannot. Pure.

A CSV has a head. Who is meant stands in `id` (an address), or in `type` and `value`; for a tag its value stands in
`value`, so there it takes `id`. `until` (RFC 3339) may say how long it holds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.control import Assignment
from schemas.definitions import DefinitionKind
from schemas.errors import CdpError, InvalidValue, RequestError
from schemas.times import parse_time

MOST_BYTES = 4 * 2**20
MOST_LINES = 100_000
MOST_WRONG = 1_000
"""Bad lines that are told one by one; all are counted."""
_MOST_VALUE = 200
_HEADS: Mapping[DefinitionKind, tuple[frozenset[str], ...]] = {
    "segment": (frozenset({"id"}), frozenset({"type", "value"})),
    "tag": (frozenset({"id", "value"}),),
}

Subject = Callable[[str], str]
"""Reads an address; gives the identifier as it is kept. Raises a CdpError."""


@dataclass(frozen=True, slots=True)
class WrongLine:
    """One line that cannot be read; the head is line 1."""

    line: int
    code: str
    message: str

    def member(self) -> dict[str, object]:
        """As an entry of `errors`."""
        return {"code": self.code, "pointer": f"/{self.line}", "message": self.message, "line": self.line}


@dataclass(slots=True)
class Read:
    """What a list says, each identifier once (its last line holds), and the lines that cannot be read."""

    entries: dict[str, Assignment] = field(default_factory=dict)
    rejected: int = 0
    wrong: list[WrongLine] = field(default_factory=list)

    def refuse(self, line: int, code: str, message: str) -> None:
        """Count a line, and tell of it if not too many are told of already."""
        self.rejected += 1
        if len(self.wrong) < MOST_WRONG:
            self.wrong.append(WrongLine(line, code, message))


def read_csv(raw: bytes, kind: DefinitionKind, subject: Subject) -> Read:
    """Read a list. Raises RequestError when it is none: `unreadable_body`, `payload_too_large`, `bad_parameter`."""
    rows = _rows(raw)
    head = _head(next(rows, (1, [])), kind)
    found = Read()
    for number, row in rows:
        if number > MOST_LINES + 1:
            raise RequestError("payload_too_large", f"A list may have {MOST_LINES:,} lines.")
        if not any(row):
            continue
        if len(row) != len(head):
            found.refuse(number, "invalid_value", f"has {len(row)} columns; the head names {len(head)}.")
            continue
        _take(found, number, dict(zip(head, row, strict=True)), kind, subject)
    return found


def given(add: Sequence[str], remove: Sequence[str], subject: Subject) -> Read:
    """The same from lists of addresses, counted through from 1; who is in both is taken out."""
    found = Read()
    said = [*((address, True) for address in add), *((address, None) for address in remove)]
    for number, (address, value) in enumerate(said, 1):
        _put(found, number, address, subject, value=value, until=None)
    return found


def _rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = raw.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        for row in reader:
            yield reader.line_num, [cell.strip() for cell in row]
    except UnicodeDecodeError:
        raise RequestError("unreadable_body", "The list is not UTF-8.") from None
    except csv.Error as wrong:
        raise RequestError("unreadable_body", f"The list is not CSV: {wrong}.") from None


def _head(first: tuple[int, list[str]], kind: DefinitionKind) -> list[str]:
    head = [cell.lower() for cell in first[1]]
    heads = _HEADS[kind]
    if len(set(head)) != len(head) or frozenset(head) - {"until"} not in heads:
        known = " or ".join(", ".join(sorted(each)) for each in heads)
        raise RequestError("bad_parameter", f"The first line should name the columns {known}, and may name until.", "")
    return head


def _take(found: Read, line: int, row: Mapping[str, str], kind: DefinitionKind, subject: Subject) -> None:
    address = row["id"] if "id" in row else f"{row['type']}:{row['value']}"
    value = row["value"] if kind == "tag" else True
    if value == "" or len(str(value)) > _MOST_VALUE:
        found.refuse(line, "invalid_value", f"value should have 1 to {_MOST_VALUE} characters.")
        return
    _put(found, line, address, subject, value=value, until=row.get("until") or None)


def _put(
    found: Read, line: int, address: str, subject: Subject, *, value: str | bool | None, until: str | None
) -> None:
    try:
        moment = parse_time(until).utc if until else None
        entry = Assignment(id=subject(address), value=value, until=moment)
    except InvalidValue as wrong:
        found.refuse(line, wrong.code, f"until: {wrong.message}")
    except CdpError as wrong:
        found.refuse(line, "invalid_value", wrong.message)
    else:
        found.entries.pop(entry.id, None)
        found.entries[entry.id] = entry
