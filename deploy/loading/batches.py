"""Events cut into requests. NDJSON lines go as they are: judging them is ingest's business."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_EVENTS = 1000
MOST_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One event as JSON, where it comes from, and how many bytes of its file are read with it."""

    json: bytes
    place: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request carries."""

    lines: tuple[Line, ...]

    @property
    def body(self) -> bytes:
        """NDJSON."""
        return b"\n".join(line.json for line in self.lines)

    @property
    def size(self) -> int:
        """Bytes of the file that are dealt with once this is."""
        return sum(line.size for line in self.lines)


def cut(lines: Iterable[Line]) -> Iterator[Batch]:
    """Group lines into requests within ingest's limits; a line too large for any goes alone."""
    batch: list[Line] = []
    held = 0
    for line in lines:
        if batch and (len(batch) == MOST_EVENTS or held + len(line.json) > MOST_BYTES):
            yield Batch(tuple(batch))
            batch, held = [], 0
        batch.append(line)
        held += len(line.json) + 1
    if batch:
        yield Batch(tuple(batch))


def read_files(paths: Iterable[Path]) -> Iterator[Line]:
    """The lines of NDJSON files, those ending in .gz inflated; blank lines are passed over."""
    for path in paths:
        with path.open("rb") as raw:
            yield from _read(raw, path)


def _read(raw: IO[bytes], path: Path) -> Iterator[Line]:
    before = 0
    text: IO[bytes] = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw  # type: ignore[assignment]
    for number, line in enumerate(text, start=1):
        position = raw.tell()
        if event := line.strip():
            yield Line(event, f"{path}:{number}", position - before)
            before = position
