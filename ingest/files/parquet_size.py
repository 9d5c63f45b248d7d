"""How large a Parquet file unpacks, as its own footer says; nothing of its rows is read."""

from __future__ import annotations

from pathlib import Path

from schemas.errors import BadFile


def unpacked_bytes(file: Path) -> int:
    """Bytes of all row groups before compression. Raises BadFile when it is no Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 -- half a second, and most files are none
    import pyarrow.parquet as pq  # noqa: PLC0415 -- the same

    try:
        said = pq.read_metadata(file)
    except (pa.ArrowException, OSError, ValueError):
        raise BadFile(f"{file.name} is no Parquet file that can be read.") from None
    return sum(said.row_group(number).total_byte_size for number in range(said.num_row_groups))
