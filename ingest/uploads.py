"""Files that are uploaded: kept for as long as the request takes, translated by their mapping, written as any event."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile, ZipFile
from zoneinfo import ZoneInfo

from ingest.admission import admit
from ingest.files.chunks import Chunk, Group, cut
from ingest.files.content import Content
from ingest.files.opening import format_of, look, open_table
from ingest.files.parquet_size import unpacked_bytes
from ingest.files.tables import Table
from ingest.files.translating import Translator, compile_mapping
from ingest.intake import Intake
from ingest.keys import WriteKey
from ingest.receipt import Receipt
from ingest.refusals import RetryLater
from schemas.errors import BadFile, Rejected, RequestError
from schemas.mapping import Mapping
from schemas.positions import encode, merge

MAX_ROWS = 2_000_000
MAX_UNPACKED_BYTES = 1 << 30
"""Of an Excel or Parquet file, which are packed: a small one may unpack to any size."""
MAX_REJECTS_TOLD = 1000
LONGEST_SECONDS = 900.0
_UNSAFE = re.compile(r"[^\w.\- ()]+")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row of which something was refused."""

    row: int
    column: str
    why: Rejected


@dataclass(slots=True)
class Report:
    """What became of the rows of a file."""

    rows: int = 0
    skipped: int = 0
    rejected: int = 0
    accepted: int = 0
    refused: int = 0
    rejects: list[RejectedRow] = field(default_factory=list)
    """The first MAX_REJECTS_TOLD."""
    position: str = field(default_factory=lambda: encode({}))

    def add(self, chunk: Chunk, receipt: Receipt, translator: Translator) -> None:
        """Count a chunk."""
        found = [*chunk.refused, *((chunk.owners[each.index], each.why) for each in receipt.refused)]
        found.sort(key=lambda each: each[0].last)
        self.rows += chunk.rows
        self.skipped += chunk.skipped
        self.rejected += len({line.number for group, _ in found for line in group.lines})
        self.accepted += receipt.accepted
        self.refused += len(receipt.refused)
        self.position = encode(merge([self.position, encode(receipt.position)]))
        left = MAX_REJECTS_TOLD - len(self.rejects)
        self.rejects += [each for group, why in found for each in _rows(group, why, translator)][:left]


def _rows(group: Group, why: Rejected, translator: Translator) -> Iterator[RejectedRow]:
    column = translator.column(why.pointer)
    return (RejectedRow(line.number, column, why) for line in group.lines)


def safe_name(said: str | None) -> str:
    """A file's name as messages and its format go by it; never a path."""
    return _UNSAFE.sub("_", Path((said or "").replace("\\", "/")).name)[-100:] or "upload"


@dataclass(frozen=True, slots=True)
class Uploads:
    """Imports uploaded files, one of them at a time for each of a few places."""

    intake: Intake
    zone: str
    """Of times without offset, unless the mapping says another."""
    places: asyncio.Semaphore

    async def take(self, key: WriteKey, file: Path, mapping: Mapping) -> Report:
        """Import a file. Raises BadFile, RequestError, RetryLater; Unavailable: then send it again, nothing doubles."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._import(key, file, mapping)
        except TimeoutError:
            sentence = f"The file took more than {LONGEST_SECONDS:g} s. Cut it in two; what is in already stays once."
            raise RequestError("payload_too_large", sentence) from None

    async def _import(self, key: WriteKey, file: Path, mapping: Mapping) -> Report:
        content = await asyncio.to_thread(_looked_at, file, mapping)
        table = await asyncio.to_thread(open_table, content, mapping)
        try:
            zone = ZoneInfo(mapping.time_zone or self.zone)
            translator = compile_mapping(mapping, table.columns, file.name, content.digest, zone)
            return await self._send(key, table, translator)
        finally:
            table.close()

    async def _send(self, key: WriteKey, table: Table, translator: Translator) -> Report:
        report, chunks = Report(), cut(table.rows, translator, table.done)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            report.add(chunk, await self._written(key, chunk), translator)
            if report.rows > MAX_ROWS:
                raise RequestError("payload_too_large", f"A file may have {MAX_ROWS:,} rows; cdp import has no limit.")
        return report

    async def _written(self, key: WriteKey, chunk: Chunk) -> Receipt:
        """Write a chunk's events; a file waits its turn where a single request would be told to come back."""
        while True:
            try:
                self.intake.require(key)
                admission = await admit(self.intake.door_of(key), chunk.events, key.source, self.intake.clock())
                receipt = await self.intake.write(key.source.name, admission)
            except RetryLater as later:
                if later.code not in ("rate_limited", "buffer_full"):
                    raise
                await asyncio.sleep(later.seconds)
            else:
                self.intake.rate.spend(key, len(chunk.events))
                return receipt


def _looked_at(file: Path, mapping: Mapping) -> Content:
    kind = format_of(file, mapping.format)
    if kind == "excel":
        _require_small(file, _unpacked_excel(file))
    elif kind == "parquet":
        _require_small(file, unpacked_bytes(file))
    return look(file, mapping)


def _unpacked_excel(file: Path) -> int:
    try:
        with ZipFile(file) as packed:
            return sum(each.file_size for each in packed.infolist())
    except (BadZipFile, OSError):
        raise BadFile(f"{file.name} is no .xlsx file that can be read. Save it again as .xlsx.") from None


def _require_small(file: Path, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise RequestError("payload_too_large", f"{file.name} unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB.")
