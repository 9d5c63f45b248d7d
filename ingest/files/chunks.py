"""Rows cut into requests: grouped, translated, refused; a chunk never parts what belongs together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ingest.files.tables import Line
from ingest.files.translating import Translator
from schemas.errors import Rejected
from schemas.mapping.model import MAX_EVENTS

MOST_EVENTS = 5000
MOST_BYTES = 2 << 20
MOST_ROWS = 5000
MOST_ROWS_OF_A_GROUP = 500
"""As many lines as an order may have; of a larger group all rows are refused."""


@dataclass(slots=True)
class Group:
    """Rows that are one thing, often a single one; rows among them that do not count are only counted."""

    lines: list[Line]
    skipped: int = 0
    last: int = 0
    part: bool = False
    """Whether rows before these belong to the same group, which is too large."""


@dataclass(slots=True)
class Chunk:
    """What one request carries, which groups of rows it comes from, and what of these rows is not sent."""

    events: list[bytes] = field(default_factory=list)
    owners: list[Group] = field(default_factory=list)
    """Of each event, its rows."""
    refused: list[tuple[Group, Rejected]] = field(default_factory=list)
    rows: int = 0
    skipped: int = 0
    last: int = 0
    """Number of the last row that is dealt with once this chunk is."""
    done: int = 0
    """How much of the table was read by then, in its own units."""
    size: int = 0

    @property
    def body(self) -> bytes:
        """NDJSON."""
        return b"\n".join(self.events)


def cut(lines: Iterable[Line], translator: Translator, done: Callable[[], int]) -> Iterator[Chunk]:
    """Translate all rows, chunk by chunk."""
    chunk = Chunk()
    for group in groups(lines, translator):
        if chunk.rows >= MOST_ROWS or len(chunk.events) >= MOST_EVENTS - MAX_EVENTS or chunk.size >= MOST_BYTES:
            chunk.done = done()
            yield chunk
            chunk = Chunk()
        _take(group, translator, chunk)
    if chunk.rows:
        chunk.done = done()
        yield chunk


def groups(lines: Iterable[Line], translator: Translator) -> Iterator[Group]:
    """Rows one by one, or by the mapping's group."""
    return _grouped(lines, translator) if translator.group else _single(lines, translator)


def _take(group: Group, translator: Translator, chunk: Chunk) -> None:
    if not group.last:
        return
    chunk.rows += len(group.lines) + group.skipped
    chunk.skipped += group.skipped
    chunk.last = group.last
    if not group.lines:
        return
    try:
        if len(group.lines) > MOST_ROWS_OF_A_GROUP or group.part:
            raise _too_many()
        events = translator.translate(group.lines)
    except Rejected as why:
        chunk.refused.append((group, why))
        return
    if not events:
        chunk.skipped += len(group.lines)
    for event in events:
        chunk.events.append(event)
        chunk.owners.append(group)
        chunk.size += len(event) + 1


def _single(lines: Iterable[Line], translator: Translator) -> Iterator[Group]:
    wanted = translator.wanted
    for line in lines:
        counts = wanted is None or line.wrong is not None or wanted(line.row)
        yield Group([line], 0, line.number) if counts else Group([], 1, line.number)


def _grouped(lines: Iterable[Line], translator: Translator) -> Iterator[Group]:
    """Consecutive rows of one key. Rows that do not count part no group; one that cannot be read belongs to it."""
    places, wanted = translator.group, translator.wanted
    group = Group([])
    key: tuple[str, ...] = ()
    for line in lines:
        if wanted is not None and line.wrong is None and not wanted(line.row):
            group.skipped += 1
            group.last = line.number
            continue
        found = key if line.wrong and group.lines else tuple(line.row[place] for place in places)
        if found != key or len(group.lines) > MOST_ROWS_OF_A_GROUP:
            yield group
            group = Group([], part=found == key)
        key = found
        group.lines.append(line)
        group.last = line.number
    yield group


def _too_many() -> Rejected:
    sentence = f"More than {MOST_ROWS_OF_A_GROUP} consecutive rows agree in the columns of `group`."
    return Rejected("too_large", "/data/lines", sentence)
