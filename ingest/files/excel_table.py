"""Excel: one sheet of an .xlsx file, streamed by openpyxl; formulas give what Excel last computed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ingest.files.cells import text_of
from ingest.files.content import Content
from ingest.files.tables import MAX_COLUMNS, Line, Table, fitted, named
from schemas.errors import BadFile
from schemas.mapping import Mapping


def open_excel(content: Content, mapping: Mapping) -> Table:
    """Open a sheet. Raises BadFile when there is none, or no header in it."""
    try:
        book = load_workbook(content.path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError):
        raise BadFile(f"{content.path.name} is no .xlsx file that can be read. Save it again as .xlsx.") from None
    try:
        return _table(book, content, mapping)
    except BaseException:
        book.close()
        raise


def _table(book: Any, content: Content, mapping: Mapping) -> Table:
    names = book.sheetnames
    if mapping.sheet is not None and mapping.sheet not in names:
        raise BadFile(f"{content.path.name} has no sheet {mapping.sheet!r}; it has {', '.join(names)}.")
    sheet = book[mapping.sheet or names[0]]
    size = max(sheet.max_row or 0, mapping.header)
    sheet.reset_dimensions()  # some programs write one cell as the size of a sheet, and no more would be read
    rows = sheet.iter_rows(values_only=True)
    cells = [text_of(cell) for cell in next(islice(rows, mapping.header - 1, None), ())]
    while cells and not cells[-1].strip():
        cells.pop()
    if not cells or len(cells) > MAX_COLUMNS:
        raise BadFile(f"Row {mapping.header} of {content.path.name} names no columns, or more than {MAX_COLUMNS}.")
    last = [mapping.header]
    return Table(named(cells), _rows(rows, last, len(cells)), lambda: last[0], size, book.close)


def _rows(rows: Any, last: list[int], width: int) -> Iterator[Line]:
    for number, cells in enumerate(rows, start=last[0] + 1):
        last[0] = number
        row = [text_of(cell) for cell in cells]
        if any(row):
            yield Line(number, row) if len(row) == width else fitted(number, row, width)
