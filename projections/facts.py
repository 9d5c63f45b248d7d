"""Facts: one row of `events` for each event that stands, and how an event becomes one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
import orjson

from projections.database import Database
from projections.places import Place
from schemas.canonical import HASH_VERSION
from schemas.event import Event

_AMOUNT_FIELDS = {
    "order.placed": "total",
    "order.completed": "total",
    "order.updated": "total",
    "order.paid": "amount",
    "order.refunded": "amount",
}
VOIDED = "event.voided"
_FOLDED_BY_THING = ("order:", "ticket:")


class Fact(msgspec.Struct, frozen=True):
    """An event at its place in the log."""

    event: Event
    topic: str
    place: Place
    schema_version: int = 1


def fact_key(event: Event) -> str:
    """What the fact is folded with: its order or ticket, else its customer, else the thing it is about."""
    if event.type == VOIDED:
        return f"void:{event.source}/{event.event_id}"
    if event.thing.startswith(_FOLDED_BY_THING):
        return event.thing
    return event.subject or event.thing


def _amount(event: Event) -> Decimal | None:
    value = event.data.get(_AMOUNT_FIELDS.get(event.type, ""))
    return None if value is None else Decimal(str(value))


def fact_row(fact: Fact, currency: str) -> dict[str, Any]:
    """The row of a fact; `currency` is the platform's, for amounts that come without one."""
    event, place = fact.event, fact.place
    return {
        "key": fact_key(event),
        "subject": "" if event.type == VOIDED else event.subject,
        "ids": [each.address for each in event.ids],
        "thing": event.thing,
        "source": event.source,
        "event_id": event.event_id,
        "type": event.type,
        "occurred_at": event.occurred_at,
        "utc_offset": event.utc_offset,
        "received_at": place.received_at,
        "schema_version": fact.schema_version,
        "content_hash": event.content_hash,
        "hash_version": HASH_VERSION,
        "channel": event.channel,
        "store": event.store,
        "batch": event.batch,
        "currency": event.data.get("currency") or currency,
        "amount": _amount(event),
        "data": orjson.dumps(event.data).decode(),
        "context": orjson.dumps(event.context).decode() if event.context else "{}",
        "topic": fact.topic,
        "log_partition": place.partition,
        "log_offset": place.offset,
        "log_index": place.index,
    }


def write_facts(database: Database, facts: Sequence[Fact], currency: str) -> None:
    """Append facts. Writing one again is harmless: readers take each place in the log once."""
    rows = [tuple(fact_row(fact, currency).values()) for fact in facts]
    if rows:
        names = fact_row(facts[0], currency)
        database.insert("events", dict(zip(names, zip(*rows, strict=True), strict=True)))
