"""Opens a file by its format, and finds a mapping's columns in it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from ingest.files.content import Content, look_at
from ingest.files.csv_table import open_csv
from ingest.files.tables import Table
from schemas.errors import BadFile
from schemas.mapping import Mapping

_FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "excel", ".xlsm": "excel", ".parquet": "parquet",
    ".pq": "parquet",
}  # fmt: skip


def format_of(path: Path, said: str | None) -> str:
    """The format said, else the suffix's. Raises BadFile."""
    found = said or _FORMATS.get(path.suffix.lower())
    if found is None:
        again = "Save it as .xlsx." if path.suffix.lower() == ".xls" else "`format` in the mapping says what it is."
        raise BadFile(f"{path.name} is none of {', '.join(_FORMATS)}. {again}")
    return found


def look(path: Path, mapping: Mapping) -> Content:
    """What a file holds. Raises BadFile."""
    return look_at(path, text=format_of(path, mapping.format) == "csv" and mapping.encoding == "auto")


def open_table(content: Content, mapping: Mapping) -> Table:
    """Open the file. Raises BadFile."""
    kind = format_of(content.path, mapping.format)
    if kind == "csv":
        return open_csv(content, mapping)
    if kind == "excel":
        from ingest.files.excel_table import open_excel  # noqa: PLC0415 -- openpyxl and numpy take half a second

        return open_excel(content, mapping)
    from ingest.files.parquet_table import open_parquet  # noqa: PLC0415 -- so does pyarrow

    return open_parquet(content)


def places(columns: Sequence[str], named: Sequence[str], file: str) -> dict[str, int]:
    """Where each named column stands. Raises BadFile, which names all that are not there."""
    known = {" ".join(name.split()): place for place, name in enumerate(columns)}
    asked = {name: " ".join(name.split()) for name in named}
    missing = [name for name, tidy in asked.items() if tidy not in known]
    if missing:
        raise BadFile("\n".join(_missing(name, columns, file) for name in missing))
    return {name: known[tidy] for name, tidy in asked.items()}


def _missing(name: str, columns: Sequence[str], file: str) -> str:
    close = get_close_matches(name, columns, n=1, cutoff=0.5)
    return f"{file} has no column {name!r}{f'; did you mean {close[0]!r}?' if close else f': it has {_few(columns)}.'}"


def _few(columns: Sequence[str]) -> str:
    return ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
