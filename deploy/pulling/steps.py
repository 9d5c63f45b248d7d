"""What orders and refunds of every platform that is pulled have in common as events: their ids say what they tell."""

from __future__ import annotations

from deploy.pulling.saying import moment
from ingest.channels.channel import Native
from ingest.channels.shop.facts import Facts, fingerprint
from ingest.channels.values import Json, Object


def first_time(item: Object, *names: str) -> str | None:
    """The first time that is there under some names."""
    return next((found for name in names if (found := moment(item.get(name)))), None)


def step(facts: Facts, number: str, what: str, at: Json, data: Object) -> Native:
    """A step of an order; told again at the same time with the same data it is the same event."""
    return facts.event(f"order:{number}:{what}:{fingerprint([at, data])}", f"order.{what}", at, data)


def updated(facts: Facts, number: str, at: Json, state: Object, ids: Object) -> Native:
    """What an order is like now."""
    return facts.event(f"order:{number}:updated:{at}:{fingerprint([state, ids])}", "order.updated", at, state, ids)


def cancelled(facts: Facts, number: str, at: Json) -> Native:
    """An order that came to nothing; when, is worked out."""
    return facts.event(f"order:{number}:cancelled", "order.cancelled", at, {"order_id": number}, derived=True)


def refunded(facts: Facts, at: Json, data: Object) -> Native:
    """A refund that was paid out; when, is worked out."""
    known_as = f"refund:{data['refund_id']}:{fingerprint(data)}"
    return facts.event(known_as, "order.refunded", at, data, derived=True)
