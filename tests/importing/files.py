"""Files, mappings and an ingest for tests of importing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping as AnyMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import orjson

from deploy.errors import CannotReach
from deploy.importing.importing import Job, Outcome, import_file
from deploy.loading.client import Answer, Client
from ingest.files.chunks import Chunk, cut
from ingest.files.opening import look, open_table
from ingest.files.translating import compile_mapping
from schemas.door import Door
from schemas.errors import Rejected
from schemas.mapping import Mapping, parse_mapping
from schemas.positions import encode
from schemas.sources import Source

Json = dict[str, Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TIME = "2026-11-22 08:00:00"


def mapping(event: AnyMapping[str, Any], **more: Any) -> Mapping:
    """A mapping of one event."""
    defaults = {"type": "custom.row", "occurred_at": {"value": TIME}, "ids": {"member_id": {"value": "M"}}}
    return parse_mapping({"name": "m", "events": [{**defaults, **event}], **more})


def written(path: Path, *rows: str, encoding: str = "utf-8") -> Path:
    """A CSV file of these lines."""
    path.write_bytes("".join(f"{row}\n" for row in rows).encode(encoding))
    return path


def chunks(path: Path, by: Mapping) -> list[Chunk]:
    """All that comes of a file."""
    content = look(path, by)
    table = open_table(content, by)
    try:
        translator = compile_mapping(by, table.columns, path.name, content.digest, SHANGHAI)
        return list(cut(table.rows, translator, table.done))
    finally:
        table.close()


def events(path: Path, by: Mapping) -> list[Json]:
    """The events of a file, decoded."""
    return [orjson.loads(each) for chunk in chunks(path, by) for each in chunk.events]


def refusals(path: Path, by: Mapping) -> list[tuple[int, str, str, str]]:
    """Row, code, pointer and sentence of what is refused before it is sent."""
    return [
        (group.lines[0].number, why.code, why.pointer, why.message)
        for chunk in chunks(path, by)
        for group, why in chunk.refused
    ]


class Ingest(Client):
    """Judges by the real door, as ingest does, and keeps what it took; dies when it is told to."""

    def __init__(self, dies_after: int = 10**9) -> None:
        self.taken: dict[str, bytes] = {}
        self.conflicts: list[str] = []
        self.requests = 0
        self.dies_after = dies_after

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def ask(self, method: str, path: str, *, ndjson: bytes = b"", **_: object) -> Answer:
        await asyncio.sleep(0)
        self.requests += 1
        if self.requests > self.dies_after:
            raise CannotReach("It is gone.")
        door, errors, lines = Door("CN"), [], ndjson.split(b"\n")
        for index, raw in enumerate(lines):
            try:
                event_id = door.admit(raw, Source("pos"), NOW).event_id
            except Rejected as why:
                said = {"event_id": why.event_id, "code": why.code, "pointer": why.pointer, "message": why.message}
                errors.append({"index": index, **said})
            else:
                if self.taken.setdefault(event_id, raw) != raw:
                    self.conflicts.append(event_id)
        position = encode({"events": {0: self.requests}})
        accepted = len(lines) - len(errors)
        return Answer(202, {"accepted": accepted, "rejected": len(errors), "errors": errors, "position": position})


def imported(file: Path, by: Mapping, ingest: Ingest, *, again: bool = False) -> Outcome:
    """Import a file into a data directory beside it."""
    folder = file.parent
    job = Job(file, by, "pos", "http://ingest", folder / "data", "Asia/Shanghai", folder / "rejects.csv", again)
    return asyncio.run(import_file(ingest, job, lambda *_: None))
