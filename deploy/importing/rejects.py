"""The file of rejects: each refused row as it was, with its number, code, pointer, column and reason; Excel reads it.

Mended, it can be imported by the same mapping: its first columns are passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TextIO

from ingest.files.tables import OWN_COLUMNS, Line
from schemas.errors import Rejected


@dataclass(slots=True)
class RejectsFile:
    """Opened at the first reject; what lies beyond `size` was written by a run that a crash ended, and is cut off."""

    path: Path
    columns: Sequence[str]
    column: Callable[[str], str]
    """Pointer into an event → the column it comes from."""
    size: int = 0
    _file: TextIO | None = None
    _writer: Any = None
    _kept: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._kept = [place for place, name in enumerate(self.columns) if name not in OWN_COLUMNS]
        if self.size and self.path.exists():
            self._open("r+")
        else:
            self.size = 0
            self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, lines: Iterable[Line], why: Rejected) -> None:
        """Write the rows that one refusal concerns."""
        if self._file is None:
            self._open("w")
            self._writer.writerow([*OWN_COLUMNS, *(self.columns[place] for place in self._kept)])
        reason = [why.code, why.pointer, self.column(why.pointer), why.message]
        for line in lines:
            self._writer.writerow([line.number, *reason, *(line.row[place] for place in self._kept)])

    def flush(self) -> int:
        """Hand what was written to the system; gives the file's size."""
        if self._file:
            self._file.flush()
            self.size = self._file.buffer.tell()
        return self.size

    def _open(self, mode: Literal["w", "r+"]) -> None:
        # By its byte order mark Excel knows it is UTF-8; bytes that were none of the encoding come out as they were.
        encoding = "utf-8-sig" if mode == "w" else "utf-8"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open(mode, encoding=encoding, errors="surrogateescape", newline="")
        if mode != "w":
            file.seek(self.size)
            file.truncate()
        self._file, self._writer = file, csv.writer(file)
