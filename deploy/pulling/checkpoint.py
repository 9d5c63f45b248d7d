"""How far a pull is: the last record of its key in `cdp.pulls.v1`, written after all of a window was acknowledged.

Two processes that pull the same shop do each other no harm: events are known by their ids, and a checkpoint that one of
them sets back only has some windows read once more.
"""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import msgspec

from projections.log.admin import LogAdmin
from projections.log.producer import LogProducer
from projections.log.records import Record
from projections.log.replay import LogReplay
from schemas.times import format_time, parse_time
from schemas.topics import Topic

_CLIENT = "cdp-pull"
_ACK_SECONDS = 15.0


class _Kept(msgspec.Struct):
    until: str


_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(_Kept)


@dataclass(slots=True)
class Checkpoint:
    """The checkpoint of one shop. Use as an async context manager; raises Unavailable when Kafka does not answer."""

    bootstrap: str
    topic: Topic
    replication: int
    key: str
    """Platform, source and shop."""
    _producer: LogProducer | None = None

    async def __aenter__(self) -> Self:
        self._producer = LogProducer(self.bootstrap, _CLIENT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._producer:
            await asyncio.to_thread(self._producer.close)

    async def read(self) -> datetime | None:
        """Up to when all is done; None before the first window."""
        return await asyncio.to_thread(self._read)

    async def write(self, until: datetime) -> None:
        """All up to here is done."""
        await asyncio.to_thread(self._write, until)

    def _read(self) -> datetime | None:
        with closing(LogAdmin(self.bootstrap, client_id=_CLIENT)) as admin:
            admin.ensure_topics([self.topic], self.replication)
        found = None
        with closing(LogReplay(self.bootstrap, self.topic.name)) as log:
            for records in log.read(log.begins(), log.ends()):
                kept = [each.value for each in records if each.key == self.key.encode() and each.value]
                found = kept[-1] if kept else found
        return parse_time(_DECODER.decode(found).until).utc if found else None

    def _write(self, until: datetime) -> None:
        value = _ENCODER.encode(_Kept(format_time(until)))
        if self._producer:
            self._producer.publish([Record(self.topic.name, None, self.key.encode(), value)], _ACK_SECONDS)
