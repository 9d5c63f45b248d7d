"""The first events of a file, judged as ingest would, without sending them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from ingest.files.chunks import groups
from ingest.files.opening import look, open_table
from ingest.files.tables import Line, Row
from ingest.files.translating import Translator, compile_mapping
from schemas.door import Door
from schemas.errors import BadFile, Rejected
from schemas.mapping import Mapping
from schemas.sources import Source

_FIRST = 5
_SAMPLE = 200
_TITLES = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """One event and the row it comes from, why it would be refused; without event, why there is none."""

    row: int
    event: bytes
    wrong: Rejected | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What previews are made with."""

    mapping: Mapping
    door: Door
    source: str
    time_zone: str
    now: datetime

    def of(self, file: Path) -> list[Seen]:
        """The first events of a file. Raises BadFile."""
        content = look(file, self.mapping)
        table = open_table(content, self.mapping)
        try:
            zone = ZoneInfo(self.mapping.time_zone or self.time_zone)
            translator = compile_mapping(self.mapping, table.columns, file.name, content.digest, zone)
            return list(islice(self._seen(table.rows, translator), _FIRST))
        finally:
            table.close()

    def _seen(self, rows: Iterator[Line], translator: Translator) -> Iterator[Seen]:
        for group in groups(rows, translator):
            if not group.lines:
                continue
            try:
                events = translator.translate(group.lines)
            except Rejected as why:
                yield Seen(group.lines[0].number, b"", why)
                continue
            for event in events:
                yield Seen(group.lines[0].number, event, self._wrong(event))

    def _wrong(self, event: bytes) -> Rejected | None:
        try:
            self.door.admit(event, Source(self.source), self.now)
        except Rejected as why:
            return why
        return None


def sample(file: Path, layout: Mapping) -> tuple[list[str], list[Row], int]:
    """The names of a file's columns, its first rows, and the row that names columns: below a title. Raises BadFile."""
    content = look(file, layout)
    for header in range(1, _TITLES + 1):
        table = open_table(content, layout.model_copy(update={"header": header}))
        try:
            rows = [line.row for line in islice(table.rows, _SAMPLE)]
        finally:
            table.close()
        if len(table.columns) > 1 or len(rows) <= 1:
            return list(table.columns), rows, header
    raise BadFile(f"{file.name} has no row that names columns among its first {_TITLES}.")
