"""A file as a table: names of columns, and rows of text. Each format is one reader of this shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.errors import Rejected

Row = list[str]
MAX_COLUMNS = 1000
OWN_COLUMNS = ("cdp_row", "cdp_code", "cdp_pointer", "cdp_column", "cdp_reason")
"""What a file of rejects puts before the original columns; read again, they are passed over."""


class Line(NamedTuple):
    """One row: its number as a spreadsheet shows it, its cells; or why it cannot be read."""

    number: int
    row: Row
    wrong: Rejected | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open file. `rows` starts after the header, can be run through once, and leaves blank rows out."""

    columns: Sequence[str]
    rows: Iterator[Line]
    done: Callable[[], int]
    """How much of `size` was read."""
    size: int
    close: Callable[[], None] = lambda: None


def named(header: Sequence[str]) -> list[str]:
    """Names of columns: trimmed; the second of a name is called `name (2)`; one without a name by its place."""
    names: list[str] = []
    for place, cell in enumerate(header, start=1):
        name = " ".join(cell.split()) or f"column {place}"
        times = 1
        fresh = name
        while fresh in names:
            times += 1
            fresh = f"{name} ({times})"
        names.append(fresh)
    return names


def fitted(number: int, row: Row, width: int) -> Line:
    """A row with as many cells as there are columns: cells missing at the end are empty, cells too many are refused."""
    if len(row) > width and any(cell.strip() for cell in row[width:]):
        sentence = (
            f"The row has {len(row)} cells, the header {width}: a cell that contains the delimiter stands in quotes."
        )
        return Line(number, row[:width], Rejected("unreadable", "", sentence))
    return Line(number, [*row[:width], *[""] * (width - len(row))])
