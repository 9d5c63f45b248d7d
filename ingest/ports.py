"""What ingest needs of the log, so that a test can stand in for Kafka."""

from __future__ import annotations

from typing import Protocol

from projections.log.records import OnDone, Record


class Producer(Protocol):
    """Writes records without blocking; `projections.log.producer.LogProducer` is one."""

    def partition_for(self, topic: str, key: bytes) -> int:
        """Choose a key's partition. Raises Unavailable while Kafka has not said how many there are."""

    def send(self, record: Record, on_done: OnDone) -> None:
        """Hand a record over; `on_done` is called once, on any thread."""
