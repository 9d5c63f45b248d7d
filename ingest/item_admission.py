"""Which items of a channel are let in: all native events an item means, or none of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from ingest.admission import Admission, Admitted, Refused
from ingest.channels.channel import Channel, Item, Native
from schemas.door import MAX_EVENT_BYTES
from schemas.errors import Rejected
from schemas.gates import Gate
from schemas.sources import Source

_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class ItemJudge:
    """Judges the items of one request."""

    door: Gate
    channel: Channel
    source: Source
    now: datetime

    def admit(self, index: int, item: Item, admission: Admission) -> int:
        """Add an item's events to what is let in, or the item, as it came, to what is refused. Gives its bytes."""
        try:
            events = self._events(item)
        except Rejected as why:
            admission.refused.append(Refused(index, item.raw, why, self.channel.name))
            return len(item.raw)
        admission.admitted.extend(events)
        return sum(len(event.raw) for event in events)

    def _events(self, item: Item) -> list[Admitted]:
        if isinstance(item.meaning, Rejected):
            raise item.meaning
        return [self._admitted(native) for native in item.meaning]

    def _admitted(self, native: Native) -> Admitted:
        raw = written(native)
        try:
            return Admitted(self.door.address(raw, self.source, self.now).encode(), raw)
        except Rejected as why:
            raise Rejected(why.code, self._in_item(why.pointer), why.message, why.event_id) from None

    def _in_item(self, pointer: str) -> str:
        """Where in the item that is which was refused in the native event; '' if it stands nowhere there."""
        for native, own in self.channel.pointers:
            if pointer == native or pointer.startswith(f"{native}/"):
                return own + pointer.removeprefix(native)
        return ""


def written(native: Native) -> bytes:
    """Write a native event as one line; one that only its context makes too large goes without."""
    raw = _ENCODER.encode(native)
    if len(raw) > MAX_EVENT_BYTES and "context" in native:
        raw = _ENCODER.encode({name: value for name, value in native.items() if name != "context"})
    return raw
