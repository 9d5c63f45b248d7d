"""Members as Parquet, for programs: streamed group by group, figures of the dossier typed. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api.exporting import columns, text_of
from api.fields import kind_of
from api.found import Described
from schemas.definitions import DefinitionKind

_ROWS_A_GROUP = 20_000
_MONEY = pa.decimal128(38, 4)
_TIME = pa.timestamp("us", tz="UTC")
_TYPES = {"number": pa.float64(), "money": _MONEY, "time": _TIME, "bool": pa.bool_()}


def as_parquet(members: Iterable[Sequence[Described]], kind: DefinitionKind, fields: Sequence[str]) -> Iterator[bytes]:
    """Figures of the dossier typed (number, money, time, bool), identifiers a list, everything else text."""
    schema = _schema(kind, fields)
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for group in _grouped(members):
            writer.write_table(_table(group, schema, kind, fields))
            yield sink.drain()
    yield sink.drain()


class _Sink(io.RawIOBase):
    """Takes what is written, and gives it out once."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        """It is for nothing else."""
        return True

    def write(self, data: Any) -> int:
        """Take some bytes."""
        part = bytes(data)
        self._parts.append(part)
        self._length += len(part)
        return len(part)

    def tell(self) -> int:
        """How much was written altogether."""
        return self._length

    def drain(self) -> bytes:
        """What was written since it was last asked for."""
        found, self._parts = b"".join(self._parts), []
        return found


def _schema(kind: DefinitionKind, fields: Sequence[str]) -> pa.Schema:
    known = {"since": _TIME, "identifiers": pa.list_(pa.string())}
    types = {name: _TYPES.get(kind_of(name), pa.string()) for name in fields}
    return pa.schema([(name, (known | types).get(name, pa.string())) for name in columns(kind, fields)])


def _grouped(members: Iterable[Sequence[Described]]) -> Iterator[list[Described]]:
    group: list[Described] = []
    for part in members:
        group += part
        if len(group) >= _ROWS_A_GROUP:
            yield group
            group = []
    if group:
        yield group


def _table(group: Sequence[Described], schema: pa.Schema, kind: DefinitionKind, fields: Sequence[str]) -> pa.Table:
    held: dict[str, list[Any]] = {
        "person_id": [each.found.person_id for each in group],
        "since": [each.found.since for each in group],
        "identifiers": [[identifier.address for identifier in each.identifiers] for each in group],
        **{name: [_typed(each.fields[name], schema.field(name).type) for each in group] for name in fields},
    }
    if kind == "tag":
        held["value"] = [text_of(each.found.value) for each in group]
    return pa.table([pa.array(held[name], schema.field(name).type) for name in schema.names], schema=schema)


def _typed(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if kind == _MONEY:
        return Decimal(str(value))
    if kind == _TIME:
        return datetime.fromisoformat(value)
    return text_of(value) if kind == pa.string() else value
