"""What the oracle reads: events as channels send them, at their place in the log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from deploy.oracle.addresses import ids_of
from deploy.oracle.values import instant

Json = dict[str, Any]
By = Literal["occurred_at", "received_at"]
Key = tuple[str, str]
ALONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Logged:
    """One accepted event in native JSON, with the source its write key stands for and its place in the log."""

    source: str
    event: Json
    partition: int
    offset: int
    index: int
    received_at: datetime

    @property
    def key(self) -> Key:
        """What makes two sendings one event: (source, event_id)."""
        return self.source, self.event["event_id"]

    @property
    def type(self) -> str:
        """The event's type, such as `order.paid`."""
        return str(self.event["type"])

    @property
    def data(self) -> Json:
        """The event's payload; absent fields are absent, never invented."""
        data: Json = self.event["data"]
        return data

    @cached_property
    def occurred_at(self) -> datetime:
        """When it happened, in UTC."""
        return instant(self.event["occurred_at"])

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The addresses of its identifiers, the first of which is its subject."""
        return ids_of(self.source, self.event)

    @property
    def moment(self) -> tuple[datetime, str, str]:
        """Its rank in business time: (occurred_at, event_id), and the source where two sources agree in both."""
        return self.occurred_at, self.event["event_id"], self.source

    @property
    def place(self) -> tuple[datetime, int, int, int]:
        """Its rank in the log: (received_at, partition, offset, index)."""
        return self.received_at, self.partition, self.offset, self.index


def in_time(events: list[Logged]) -> list[Logged]:
    """Events from the earliest moment to the latest, so that `[-1]` is what the contract calls the latest."""
    return sorted(events, key=lambda event: event.moment)
