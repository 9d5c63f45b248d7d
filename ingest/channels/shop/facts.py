"""What shops' messages share in becoming native events: ids that a second delivery has again, lines, plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b

import msgspec

from ingest.channels.channel import Native
from ingest.channels.values import Json, Object, blank, money, number, text
from schemas.errors import Rejected

_ENCODER = msgspec.json.Encoder(decimal_format="string", order="sorted")
_LONGEST_ID = 200
_DIGEST_BYTES = 6


@dataclass(frozen=True, slots=True)
class Facts:
    """Makes the native events of one message."""

    platform: str
    channel: str
    context: Object = field(default_factory=dict)

    def event(
        self, known_as: str, kind: str, at: Json, data: Object, ids: Object | None = None, *, derived: bool = False
    ) -> Native:
        """One event. `known_as` is made of the platform's own ids and versions; `derived`: its time is no content."""
        who = {"ids": ids} if ids else {}
        return {**self.part(known_as, kind, at, data, derived=derived), **who, "channel": self.channel}

    def part(self, known_as: str, kind: str, at: Json, data: Object, *, derived: bool = False) -> Native:
        """An event of a part of an order, which several messages tell of: it says nothing but what each of them does.

        It is of whose the order is.
        """
        time = {"occurred_at": at, **({"time_derived": True} if derived else {})}
        return {"event_id": self._id(known_as), "type": kind, **time, "data": data, "context": self.context}

    def _id(self, known_as: str) -> str:
        event_id = f"{self.platform}:{known_as}"
        return event_id if len(event_id) <= _LONGEST_ID else f"{self.platform}:{fingerprint(known_as)}"


def fingerprint(value: Json) -> str:
    """A few letters that tell one content from another: two changes within a second are two."""
    return blake2b(_ENCODER.encode(value), digest_size=_DIGEST_BYTES).hexdigest()


def required(message: Object, name: str) -> str:
    """A member that is an id, as text. Raises Rejected."""
    value = text(message.get(name))
    if not isinstance(value, str) or blank(value):
        raise Rejected("missing_field", f"/{name}", f"{name} is missing.")
    return value


def told(**members: Json) -> Object:
    """Those that say something."""
    return {name: value for name, value in members.items() if not blank(value)}


def inner(message: Object, name: str) -> Object:
    """A member that is an object; {} for anything else."""
    value = message.get(name)
    return value if isinstance(value, dict) else {}


def objects(message: Object, name: str) -> Iterator[Object]:
    """The objects of a member that is a list."""
    value = message.get(name)
    yield from (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def amount(value: Json) -> Decimal:
    """A number as Decimal; where none was said, 0. Raises Rejected for what is no number."""
    found = Decimal(0) if blank(value) else number(value)
    if found is None:
        raise Rejected("invalid_money", "", "An amount or a quantity is no plain decimal.")
    return Decimal(found)


def line(sku: Json, quantity: Json, paid: Decimal, more: Mapping[str, Json]) -> Object:
    """One line of an order; `paid` is for the whole quantity, after discounts."""
    return {
        "sku": text(sku),
        "quantity": number(quantity),
        "amount": money(max(paid, Decimal(0))),
        **{name: text(value) for name, value in more.items() if not blank(value)},
    }
