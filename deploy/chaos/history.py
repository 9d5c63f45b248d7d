"""The log as the oracle reads it: every event at its place, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import orjson

from deploy.oracle.model import Logged
from projections.log.replay import Fetched, LogReplay
from schemas.bundle import HEADER_SOURCE, split


class History:
    """The events topic, read on from where it was read last. For events that ingest let in."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._read: dict[int, int] = {}
        self.events: list[Logged] = []
        """In no order: the oracle sorts."""

    def read_on(self) -> None:
        """Read what came since. Raises Unavailable."""
        with closing(LogReplay(self._bootstrap, self._topic)) as log:
            ends = log.ends()
            starts = {partition: self._read.get(partition, begin) for partition, begin in log.begins().items()}
            for some in log.read(starts, ends):
                self.events += _logged(some)
            self._read = ends


def _logged(records: Iterable[Fetched]) -> list[Logged]:
    return [
        Logged(
            record.headers[HEADER_SOURCE].decode(),
            orjson.loads(raw),
            record.partition,
            record.offset,
            index,
            record.appended_at,
        )
        for record in records
        for index, raw in enumerate(split(record.value or b""))
    ]
