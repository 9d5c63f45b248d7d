"""Sends what was pulled through ingest, and does not send again what it just sent.

An order that cannot be translated goes as it is: ingest refuses and keeps it, to be found among the dead letters.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

import msgspec

from deploy.loading.batches import Line, cut
from deploy.loading.client import Client, send
from deploy.pulling.platform import Means
from ingest.channels.shop.facts import Facts
from ingest.channels.values import Object
from ingest.item_admission import written
from schemas.errors import Rejected

_REMEMBERED = 50_000
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(slots=True)
class Sent:
    """Sums of what ingest said."""

    accepted: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Outgoing:
    """The door, and the last lines that went through it: only a cache, ingest knows the rest by their ids."""

    ingest: Client
    _known: OrderedDict[bytes, None] = field(default_factory=OrderedDict)

    async def send(self, items: Iterable[Object], means: Means, facts: Facts) -> Sent:
        """Send the events of these orders, and wait for the acks. Raises CannotReach."""
        sent = Sent()
        for batch in cut(self._new(lines(items, means, facts))):
            receipt = await send(self.ingest, batch)
            sent.accepted += receipt.accepted
            sent.rejected += receipt.rejected
            self._remember(line.json for line in batch.lines)
        return sent

    def _new(self, found: Iterable[bytes]) -> Iterator[Line]:
        yield from (Line(each, "") for each in found if _digest(each) not in self._known)

    def _remember(self, found: Iterable[bytes]) -> None:
        for each in found:
            self._known[_digest(each)] = None
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


def lines(items: Iterable[Object], means: Means, facts: Facts) -> Iterator[bytes]:
    """The events as JSON; of an order that cannot be translated, itself."""
    for item in items:
        try:
            yield from [written(native) for native in means(item, facts)]
        except Rejected:
            yield _ENCODER.encode(item)


def _digest(line: bytes) -> bytes:
    return blake2b(line, digest_size=12).digest()
