"""How the API writes to the control topic: a new version of something, by whoever's key asks for it."""

from __future__ import annotations

from dataclasses import dataclass

from api.publishing import Producer
from projections.log.records import Record
from schemas.control import Control
from schemas.positions import Position


@dataclass(frozen=True, slots=True)
class ControlWriter:
    """Writes one record at a time, and waits for Kafka's ack."""

    producer: Producer
    topic: str
    ack_timeout: float

    def publish(self, control: Control) -> tuple[int, Position]:
        """Write one version; gives its number and where it lies. Blocks: call it in a thread. Raises Unavailable."""
        key = f"{control.kind}/{control.key}".encode()
        record = Record(self.topic, 0, key, control.model_dump_json().encode())
        [placed] = self.producer.publish([record], self.ack_timeout)
        return placed.offset + 1, {"control": {placed.partition: placed.offset}}
