"""How the API writes to the log: one event at a time, through the same door as any channel's, acknowledged by Kafka."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from projections.log.records import Placed, Record
from schemas.bundle import HEADER_SOURCE, HEADER_VERSION
from schemas.door import Door
from schemas.errors import RequestError
from schemas.identifiers import SCOPED_TYPES, Identifier
from schemas.positions import Position
from schemas.sources import OPERATOR, Source
from schemas.upcast import CURRENT_VERSION

_VERSION = str(CURRENT_VERSION).encode()


class Producer(Protocol):
    """Writes records and waits; `projections.log.producer.LogProducer` is one."""

    def publish(self, records: Sequence[Record], timeout: float) -> list[Placed]:
        """Write records and wait for all acks. Raises Unavailable if one failed or is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWriter:
    """Writes what operators say as events: of the source `operator`, or of the one their identifiers belong to."""

    producer: Producer
    door: Door
    sources: Mapping[str, Source]
    """Every declared source, by name."""
    topic: str
    ack_timeout: float
    clock: Callable[[], datetime]

    def publish(self, event: Mapping[str, Any], source: str = OPERATOR) -> Position:
        """Write one native event and wait for Kafka's ack; gives where it lies. Blocks: call it in a thread.

        Raises Rejected when the event is not one ingest would take, Unavailable when nobody knows whether it is in
        the log. Then publish the same again: an event is known by its id.
        """
        raw = orjson.dumps(event)
        admitted = self.door.admit(raw, self.sources[source], self.clock())
        key = admitted.subject or admitted.thing or admitted.event_id
        headers = ((HEADER_SOURCE, source.encode()), (HEADER_VERSION, _VERSION))
        record = Record(self.topic, None, key.encode(), raw, headers)
        [placed] = self.producer.publish([record], self.ack_timeout)
        return {"events": {placed.partition: placed.offset}}

    def source_of(self, identifiers: Sequence[Identifier]) -> str:
        """The source in whose events these identifiers can stand together: `operator` unless one is scoped.

        A scoped one (`oaid:shop/…`, or one of a declared namespace) means itself only in events of its source.
        Raises RequestError `no_common_source` when no declared source can name all of them.
        """
        for source in sorted(self.sources.values(), key=lambda each: (each.name != OPERATOR, each.name)):
            if all(_is_of(identifier, source) for identifier in identifiers):
                return source.name
        raise RequestError(
            "no_common_source",
            "These identifiers belong to different sources, or to one that is not declared: no event can name all.",
        )


def ids_of(identifiers: Sequence[Identifier]) -> dict[str, list[str]]:
    """The `ids` of an event that names these identifiers."""
    ids: dict[str, list[str]] = {}
    for identifier in identifiers:
        ids.setdefault(identifier.type, []).append(identifier.value)
    return ids


def _is_of(identifier: Identifier, source: Source) -> bool:
    """Whether an event of this source that says type and value means this very identifier."""
    return identifier.source == (source.namespace or (source.name if identifier.type in SCOPED_TYPES else None))
