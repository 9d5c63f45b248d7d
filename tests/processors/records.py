"""Records and events as the processors' tests want them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import orjson

from processors.records import Record
from projections.log.records import Placed
from projections.log.records import Record as Written
from schemas.door import Door
from schemas.sources import Source

START = datetime(2026, 11, 22, tzinfo=UTC)
DOOR = Door("CN")
SOURCES = {"pos": Source("pos")}
PARTITIONS = 3


def event(event_id: str = "e1", **data: Any) -> bytes:
    """A valid event."""
    said = {
        "event_id": event_id,
        "type": "custom.quiz",
        "occurred_at": "2026-11-21T08:00:00+08:00",
        "ids": {"member_id": "M1"},
        "data": data,
    }
    return orjson.dumps(said)


def record(
    value: bytes | None, offset: int = 0, partition: int = 0, headers: Mapping[str, bytes] = MappingProxyType({})
) -> Record:
    """A record of the source `pos`, unless its headers say otherwise; a second after the one before."""
    said = {name: text for name, text in {"source": b"pos", **headers}.items() if text}
    return Record("events", partition, offset, START + timedelta(seconds=offset), None, value, said)


class FakeLog:
    """A log that acknowledges at once."""

    def __init__(self) -> None:
        self.records: list[Written] = []

    def partition_for(self, topic: str, key: bytes) -> int:
        return sum(key) % PARTITIONS

    def partitions(self, topic: str) -> int:
        return PARTITIONS

    def publish(self, records: list[Written], timeout: float) -> list[Placed]:
        self.records += records
        return [Placed(each.topic, each.partition or 0, 0) for each in records]
