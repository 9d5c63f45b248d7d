"""A mapping compiled for a file: rows in, native events out, as the bytes that are sent."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import orjson

from ingest.files.conditions import Holds, compile_conditions
from ingest.files.opening import places
from ingest.files.tables import Line, Row
from ingest.files.values import Facts, Read, Rows, compile_field
from schemas.door import MAX_EVENT_BYTES
from schemas.errors import Rejected
from schemas.mapping import EventMapping, Field, Mapping
from schemas.mapping.model import Kind
from schemas.pointers import pointer

_NUMBERS = ("total", "amount", "price", "quantity", "points", "discount", "shipping", "score", "stars", "seconds")
_TIMES = ("expires_at", "due_at", "valid_until")
_NATURAL: AnyMapping[str, Kind] = {
    **dict.fromkeys(_NUMBERS, "decimal"), **dict.fromkeys(_TIMES, "time"), "granted": "boolean", "birthday": "date",
}  # fmt: skip
_WHOLE_ORDERS = ("order.placed", "order.completed")
"""They need lines; a file that knows of none says an order without."""
_INDEX = re.compile(r"/[0-9]+(?=/|\Z)")
_LONGEST_ID = 200

MakeEvent = Callable[[Row, Rows, str], bytes]


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns a row, or the rows of a group, into events. Made by `compile_mapping`."""

    wanted: Holds | None
    """Which rows count at all."""
    group: Sequence[int]
    """Places of the columns in which rows of a group agree."""
    columns: AnyMapping[str, str]
    """Pointer into an event, without indexes → names of the columns it comes from."""
    _row_id: Callable[[Line], str]
    _events: Sequence[tuple[Holds | None, MakeEvent]]

    def translate(self, lines: Sequence[Line]) -> list[bytes]:
        """The events of a group (often of one row). Raises Rejected, with a pointer into the event."""
        first = lines[0]
        for line in lines:
            if line.wrong is not None:
                raise line.wrong
        row, rows = first.row, [line.row for line in lines]
        said = self._row_id(first)
        return [make(row, rows, said) for holds, make in self._events if holds is None or holds(row)]

    def column(self, where: str) -> str:
        """The column that a pointer into an event leads back to; '' for none."""
        bare = _INDEX.sub("", where)
        while bare and bare not in self.columns:
            bare = bare.rpartition("/")[0]
        return self.columns.get(bare, "")


def compile_mapping(mapping: Mapping, columns: Sequence[str], file_name: str, digest: str, zone: tzinfo) -> Translator:
    """Compile for a file of these columns. Raises BadFile for a column it does not have."""
    found = places(columns, _named(mapping), file_name)
    facts = Facts(found, file_name, zone)
    key = mapping.key or mapping.group
    return Translator(
        wanted=compile_conditions(mapping.where, found),
        group=[found[name] for name in mapping.group],
        columns=_columns(mapping),
        _row_id=_by_key(mapping.name, key, found) if key else _by_place(mapping.name, digest),
        _events=[
            (compile_conditions(each.where, found), _event(mapping, each, None if key else digest, facts))
            for each in mapping.events
        ],
    )


def _event(mapping: Mapping, event: EventMapping, digest: str | None, facts: Facts) -> MakeEvent:
    """What makes one kind of event. A version is of all it says, its time too: what changed back is an event again."""
    kind, suffix = event.type, f":{event.name or event.type}"
    occurred_at = compile_field(event.occurred_at, "time", "/occurred_at", facts)
    parts = _parts(event, facts)
    no_time = _no_time(event.occurred_at)
    fixed: dict[str, Any] = {"batch": f"{mapping.name}:{digest}"} if digest else {}
    versioned = mapping.changed_rows == "new_event"

    def make(row: Row, rows: Rows, row_id: str) -> bytes:
        said: dict[str, Any] = {"event_id": "", "type": kind, "occurred_at": occurred_at(row, rows)}
        if said["occurred_at"] is None:
            raise no_time()
        for name, read in parts:
            value = read(row, rows)
            if value is not None:
                said[name] = value
        said.update(fixed)
        version = _version(said) if versioned else ""
        said["event_id"] = _event_id(row_id + version, suffix)
        return _written(said)

    return make


def _parts(event: EventMapping, facts: Facts) -> list[tuple[str, Read]]:
    singles = {"channel": event.channel, "store": event.store}
    found = [
        (name, compile_field(field, field.type or "text", f"/{name}", facts))
        for name, field in singles.items()
        if field
    ]
    if event.ids:
        found.append(("ids", _object(event.ids, ("ids",), facts)))
    data = _object(event.data, ("data",), facts)
    lines = _object(event.lines, (), facts) if event.lines else None
    whole = event.type in _WHOLE_ORDERS

    def read_data(row: Row, rows: Rows) -> Any:
        said = data(row, rows) or {}
        if lines is not None:
            said["lines"] = _lines(lines, rows)
        elif whole:
            said["lines"] = []
        return said

    found.append(("data", read_data))
    return found


def _lines(line: Read, rows: Rows) -> list[Any]:
    found: list[Any] = []
    try:
        for row in rows:
            found.append(line(row, rows) or {})  # noqa: PERF401 -- how many there are says which one is wrong
    except Rejected as why:
        raise Rejected(why.code, f"/data/lines/{len(found)}{why.pointer}", why.message) from None
    return found


def _object(fields: AnyMapping[str, Field], path: tuple[str, ...], facts: Facts) -> Read:
    """Compile fields into an object; a dot in a name leads into an object within. None if nothing is in it."""
    within: dict[str, dict[str, Field]] = {}
    parts: dict[str, Read] = {}
    for name, field in fields.items():
        head, dot, rest = name.partition(".")
        if dot:
            within.setdefault(head, {})[rest] = field
        else:
            where = (*path, name)
            parts[name] = compile_field(field, field.type or _natural(where), pointer(where), facts)
    parts |= {head: _object(inner, (*path, head), facts) for head, inner in within.items()}
    pairs = tuple(parts.items())

    def read(row: Row, rows: Rows) -> Any:
        found = {}
        for name, part in pairs:
            value = part(row, rows)
            if value is not None:
                found[name] = value
        return found or None

    return read


def _natural(where: tuple[str, ...]) -> Kind:
    """How a field of the catalogue is read, where the mapping does not say: answers, and what is in ids, are text."""
    if where[0] == "ids" or where[:2] == ("data", "answers"):
        return "text"
    return _NATURAL.get(where[-1], "text")


def _by_key(name: str, key: Sequence[str], found: AnyMapping[str, int]) -> Callable[[Line], str]:
    columns = [(each, found[each]) for each in key]
    beginning = f"{name}:"

    def cell(row: Row, column: str, place: int) -> str:
        value = row[place].strip()
        if not value:
            raise Rejected("missing_field", "/event_id", f"{column} is empty: it is what names the row.")
        return value

    def by_several(line: Line) -> str:
        values = [cell(line.row, *each).replace("%", "%25").replace(":", "%3A") for each in columns]
        return beginning + ":".join(values)

    return by_several if len(columns) > 1 else lambda line: beginning + cell(line.row, *columns[0])


def _by_place(name: str, digest: str) -> Callable[[Line], str]:
    beginning = f"{name}:{digest}:"
    return lambda line: beginning + str(line.number)


def _event_id(row_id: str, suffix: str) -> str:
    if len(row_id) + len(suffix) <= _LONGEST_ID:
        return row_id + suffix
    digest = hashlib.blake2b(row_id.encode(errors="surrogateescape"), digest_size=16).hexdigest()
    return f"{row_id.partition(':')[0]}:{digest}{suffix}"[:_LONGEST_ID]


def _version(said: dict[str, Any]) -> str:
    return ":" + hashlib.blake2b(_written(said), digest_size=8).hexdigest()


def _written(said: dict[str, Any]) -> bytes:
    try:
        raw = orjson.dumps(said)
    except orjson.JSONEncodeError:
        sentence = "The row has bytes that are not of the file's encoding."
        raise Rejected("invalid_encoding", "", sentence) from None
    if len(raw) > MAX_EVENT_BYTES:
        raise Rejected("too_large", "", f"The event has {len(raw)} bytes; one event may have {MAX_EVENT_BYTES}.")
    return raw


def _no_time(field: Field) -> Callable[[], Rejected]:
    named = field.column or " and ".join(field.join or ()) or "the file's name"
    return lambda: Rejected("missing_field", "/occurred_at", f"{named} is empty: it says when it happened.")


def _fields(event: EventMapping) -> list[tuple[str, Field]]:
    parts = [("/occurred_at", event.occurred_at)]
    parts += [(f"/{name}", each) for name, each in (("channel", event.channel), ("store", event.store)) if each]
    parts += [(pointer(("ids", name)), field) for name, field in event.ids.items()]
    parts += [(pointer(("data", *name.split("."))), field) for name, field in event.data.items()]
    parts += [(pointer(("data", "lines", *name.split("."))), field) for name, field in event.lines.items()]
    return parts


def _named(mapping: Mapping) -> list[str]:
    """Every column the mapping speaks of."""
    fields = [field for event in mapping.events for _, field in _fields(event)]
    conditions = [*mapping.where, *(each for event in mapping.events for each in event.where)]
    names = [name for field in fields for name in ([field.column] if field.column else field.join or [])]
    return [*names, *(each.column for each in conditions), *mapping.key, *mapping.group]


def _columns(mapping: Mapping) -> dict[str, str]:
    found = {"/event_id": ", ".join(mapping.key or mapping.group)}
    for event in mapping.events:
        for where, field in _fields(event):
            found.setdefault(where, field.column or ", ".join(field.join or ()))
    return {where: names for where, names in found.items() if names}
