"""CSV: streamed, in UTF-8 or GB18030, with whatever delimiter the header has."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, TextIO

from ingest.files.content import Content
from ingest.files.tables import MAX_COLUMNS, Line, Row, Table, fitted, named
from schemas.errors import BadFile, Rejected
from schemas.mapping import Mapping

_DELIMITERS = ",;\t|"
_LONGEST_CELL = 128 * 1024
_BUFFER = 1 << 18


def open_csv(content: Content, mapping: Mapping) -> Table:
    """Open a CSV file. Raises BadFile when it has no header."""
    encoding = content.encoding(mapping.encoding)
    # A byte that is none of the encoding survives to the file of rejects; its row is rejected.
    file = content.path.open(encoding=encoding, errors="surrogateescape", newline="", buffering=_BUFFER)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(file, delimiter=mapping.delimiter or _delimiter(file, mapping.header))
        columns = named(_header(reader, mapping.header, content))
    except BaseException:
        file.close()
        raise
    return Table(columns, _rows(reader, mapping.header, len(columns)), lambda: _told(file), content.size, file.close)


def _delimiter(file: TextIO, header: int) -> str:
    """The one of which the header's line has most, outside of quotes; the file is then at its beginning again."""
    line = ""
    for _ in range(header):
        line = file.readline(_LONGEST_CELL)
    file.seek(0)
    bare = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def _header(reader: Any, header: int, content: Content) -> Row:
    row: Row = []
    try:
        for _ in range(header):
            row = next(reader)
    except StopIteration:
        raise BadFile(f"{content.path.name} has no row {header} that could name its columns.") from None
    except csv.Error as error:
        raise BadFile(f"The header of {content.path.name} cannot be read: {error}.") from None
    if not any(cell.strip() for cell in row) or len(row) > MAX_COLUMNS:
        raise BadFile(
            f"Row {header} of {content.path.name} names {len(row)} columns; 1 to {MAX_COLUMNS} can be read. "
            "`header` in the mapping says which row names them."
        )
    return row


def _rows(reader: Any, number: int, width: int) -> Iterator[Line]:
    while True:
        number += 1
        try:
            for row in reader:
                if len(row) == width:
                    yield Line(number, row)
                elif row:
                    yield fitted(number, row, width)
                number += 1
        except csv.Error as error:
            yield Line(number, [""] * width, Rejected("unreadable", "", f"The row cannot be read: {error}."))
        else:
            return


def _told(file: TextIO) -> int:
    return 0 if file.closed else file.buffer.tell()
