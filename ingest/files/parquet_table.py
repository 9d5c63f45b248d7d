"""Parquet: streamed in batches by pyarrow; rows are numbered from 2, as if the schema were the header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.files.cells import text_of
from ingest.files.content import Content
from ingest.files.tables import Line, Table, named
from schemas.errors import BadFile

_BATCH = 2000


def open_parquet(content: Content) -> Table:
    """Open a Parquet file. Raises BadFile when it is none, or has columns of lists or objects."""
    try:
        file = pq.ParquetFile(content.path)
    except (pa.ArrowException, OSError, ValueError):
        raise BadFile(f"{content.path.name} is no Parquet file that can be read.") from None
    nested = [each.name for each in file.schema_arrow if pa.types.is_nested(each.type)]
    if nested:
        file.close()
        raise BadFile(f"{content.path.name} has columns of lists or objects ({', '.join(nested)}), which are not read.")
    read = [0]
    return Table(named(file.schema_arrow.names), _rows(file, read), lambda: read[0], file.metadata.num_rows, file.close)


def _rows(file: Any, read: list[int]) -> Iterator[Line]:
    for batch in file.iter_batches(batch_size=_BATCH):
        columns = [[text_of(cell) for cell in column.to_pylist()] for column in batch.columns]
        for cells in zip(*columns, strict=True):
            read[0] += 1
            yield Line(read[0] + 1, list(cells))
