"""The fold of orders: what the events about one order say of it together (CONTRACT §2, Orders)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.oracle.model import ALONE, Json, Key, Logged, in_time
from tests.oracle.owners import Thing, owners, thing_of
from tests.oracle.values import amount

BODY = ("order.placed", "order.completed", "order.updated")
COUNTING = ("order.paid", "order.completed")


@dataclass(frozen=True)
class Order:
    """One order at some moment; `owner` is None while it is pending, `counted_at` while neither paid nor completed."""

    source: str
    order_id: str
    owner: str | None
    state: str
    counts: bool
    counted_at: datetime | None
    total: Decimal
    refunded: Decimal
    net: Decimal
    currency: str
    refund_count: int
    lines: tuple[Json, ...]
    events: tuple[Key, ...]


def orders(facts: list[Logged], currency: str, orders_of: Mapping[str, str] = ALONE) -> list[Order]:
    """Every order the facts speak of, by (source, order_id); `currency` is the platform's."""
    about: defaultdict[Thing, list[Logged]] = defaultdict(list)
    for event in facts:
        thing = thing_of(event, orders_of)
        if thing and thing[0] == "order":
            about[thing].append(event)
    owner_of = owners(facts, orders_of)
    return [order(thing, in_time(about[thing]), owner_of.get(thing), currency) for thing in sorted(about)]


def order(thing: Thing, events: list[Logged], owner: str | None, currency: str) -> Order:
    """One order from its events in time."""
    total = total_of(events)
    refunds = refunds_of(events)
    refunded = sum(refunds.values(), Decimal(0))
    types = {event.type for event in events}
    state = state_of(types, total, refunded)
    ended = state in ("cancelled", "refunded")
    return Order(
        source=thing[1],
        order_id=thing[2],
        owner=owner,
        state=state,
        counts=not types.isdisjoint(COUNTING) and not ended,
        counted_at=min((event.occurred_at for event in events if event.type in COUNTING), default=None),
        total=total,
        refunded=min(refunded, total),
        net=Decimal(0) if ended else max(total - refunded, Decimal(0)),
        currency=currency_of(events) or currency,
        refund_count=len(refunds),
        lines=tuple(lines_of(events)),
        events=tuple(event.key for event in events),
    )


def latest_with(events: list[Logged], field: str) -> Logged | None:
    """The latest placed, completed or updated that carries the field; null and an empty list carry nothing."""
    carriers = [event for event in events if event.type in BODY and event.data.get(field) not in (None, [])]
    return carriers[-1] if carriers else None


def total_of(events: list[Logged]) -> Decimal:
    """The latest total said, else the sum of what was paid, else nothing."""
    said = latest_with(events, "total")
    if said:
        return amount(said.data["total"])
    return sum((amount(event.data["amount"]) for event in events if event.type == "order.paid"), Decimal(0))


def refunds_of(events: list[Logged]) -> dict[str, Decimal]:
    """One amount per refund_id: its latest."""
    refunded = [event for event in events if event.type == "order.refunded"]
    return {str(event.data["refund_id"]): amount(event.data["amount"]) for event in refunded}


def currency_of(events: list[Logged]) -> str | None:
    """As said where the total came from, else by the latest payment, else by the latest refund."""
    paid = [event for event in events if event.type == "order.paid"]
    refunded = [event for event in events if event.type == "order.refunded"]
    said = latest_with(events, "total")
    tellers = [said] if said else paid or refunded
    return tellers[-1].data.get("currency") if tellers else None


def lines_of(events: list[Logged]) -> list[Any]:
    """The lines of the latest event that carries any."""
    said = latest_with(events, "lines")
    return list(said.data["lines"]) if said else []


def state_of(types: set[str], total: Decimal, refunded: Decimal) -> str:
    """The strongest thing that happened to the order, whatever came last."""
    if "order.cancelled" in types:
        return "cancelled"
    if "order.refunded" in types:
        return "refunded" if 0 < total <= refunded else "partially_refunded"
    for state in ("completed", "shipped", "paid"):
        if f"order.{state}" in types:
            return state
    return "placed"
