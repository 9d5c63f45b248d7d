"""An admitted event: what every stage after the door works on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from schemas.identifiers import Identifier


class Event(msgspec.Struct, frozen=True):
    """One event after validation and normalisation."""

    source: str
    event_id: str
    type: str
    occurred_at: datetime
    """Aware, in UTC."""
    utc_offset: int
    """Minutes east of UTC, as the channel wrote it."""
    ids: tuple[Identifier, ...]
    """By (priority, value); empty only where the type may go without."""
    channel: str
    store: str
    batch: str
    data: dict[str, Any]
    """Amounts as canonical decimal strings, times as RFC 3339 UTC, keys as strings; the rest as sent."""
    context: dict[str, Any]
    thing: str
    """`order:{owner source}/{order_id}`, `ticket:{source}/{id}`, `message:{source}/{id}` or ''."""
    content_hash: bytes
    """16 bytes, the same for the same content however it was spelt; see `schemas.canonical`."""

    @property
    def subject(self) -> str:
        """The address of the first identifier; '' without one."""
        return self.ids[0].address if self.ids else ""


def record_key(event: Event) -> str:
    """Give the key of its record: the customer's address; without one what it is about, which keeps such together."""
    return event.subject or event.thing or event.event_id
