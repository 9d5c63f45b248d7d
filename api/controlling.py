"""How the API writes to the control topic: a new version of something, by whoever's key asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.publishing import Producer
from projections.log.records import Record
from schemas.control import Control
from schemas.positions import Position


@dataclass(frozen=True, slots=True)
class ControlWriter:
    """Writes records, and waits for Kafka's ack."""

    producer: Producer
    topic: str
    ack_timeout: float

    def publish(self, control: Control) -> tuple[int, Position]:
        """Write one version; gives its number and where it lies. Blocks: call it in a thread. Raises Unavailable."""
        [version], position = self.publish_all([control])
        return version, position

    def publish_all(self, controls: Sequence[Control]) -> tuple[list[int], Position]:
        """Write some one after the other; gives their numbers, and where the last lies. As `publish` otherwise."""
        records = [
            Record(self.topic, 0, f"{each.kind}/{each.key}".encode(), each.model_dump_json().encode())
            for each in controls
        ]
        offsets = [placed.offset for placed in self.producer.publish(records, self.ack_timeout)]
        return [offset + 1 for offset in offsets], {"control": {0: max(offsets)}}
