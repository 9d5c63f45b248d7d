"""The fold of orders: what the events about one order say of it together (CONTRACT §2, Orders)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from deploy.oracle.model import Json, Key, Logged, in_time
from deploy.oracle.owners import Known, Thing, thing_of
from deploy.oracle.refunds import Refund, given_back, refunds_of
from deploy.oracle.values import amount

BODY = ("order.placed", "order.completed", "order.updated")
COUNTING = ("order.paid", "order.completed")
SAYS_NOTHING: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True)
class Order:
    """One order at some moment; `owner` is the root of its person, None while it is pending.

    `counted_at` is None while it is neither paid nor completed; `returned` is what each line gave back.
    """

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
    discount: Decimal | None
    coupon: str | None
    channel: str | None
    refunds: tuple[Refund, ...]
    lines: tuple[Json, ...]
    returned: tuple[Decimal, ...]
    events: tuple[Key, ...]

    @property
    def over_refunded(self) -> bool:
        """Whether more was given back than the order was worth."""
        return sum(refund.amount for refund in self.refunds) > self.total

    @property
    def unallocated(self) -> Decimal:
        """What was given back, up to the total, beyond what lines took."""
        return max(self.refunded - sum(self.returned, Decimal(0)), Decimal(0))

    @property
    def discounted(self) -> bool:
        """Whether it came cheaper: a discount above 0, or a coupon."""
        return bool(self.discount) or self.coupon is not None


def orders(view: Known, currency: str) -> list[Order]:
    """Every order the facts speak of, by (source, order_id); `currency` is the platform's."""
    about: defaultdict[Thing, list[Logged]] = defaultdict(list)
    for event in view.facts:
        thing = thing_of(event, view.orders_of)
        if thing and thing[0] == "order":
            about[thing].append(event)
    return [order(thing, in_time(about[thing]), view.owners.get(thing), currency) for thing in sorted(about)]


def order(thing: Thing, events: list[Logged], owner: str | None, currency: str) -> Order:
    """One order from its events in time."""
    total = total_of(events)
    refunds = refunds_of(events)
    refunded = sum((refund.amount for refund in refunds), Decimal(0))
    types = {event.type for event in events}
    state = state_of(types, total, refunded)
    ended = state in ("cancelled", "refunded")
    lines = said_last(events, "lines") or []
    discount = said_last(events, "discount")
    channels = [event.event["channel"] for event in events if event.event.get("channel")]
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
        discount=None if discount is None else amount(discount),
        coupon=said_last(events, "coupon"),
        channel=channels[-1] if channels else None,
        refunds=refunds,
        lines=tuple(lines),
        returned=given_back(lines, refunds),
        events=tuple(event.key for event in events),
    )


def latest_with(events: list[Logged], field: str) -> Logged | None:
    """The latest placed, completed or updated that carries the field; null, '' and an empty list carry nothing."""
    carriers = [event for event in events if event.type in BODY and event.data.get(field) not in SAYS_NOTHING]
    return carriers[-1] if carriers else None


def said_last(events: list[Logged], field: str) -> Any:
    """What the latest event that carries the field says."""
    said = latest_with(events, field)
    return said.data[field] if said else None


def total_of(events: list[Logged]) -> Decimal:
    """The latest total said, else the sum of what was paid, else nothing."""
    said = latest_with(events, "total")
    if said:
        return amount(said.data["total"])
    return sum((amount(event.data["amount"]) for event in events if event.type == "order.paid"), Decimal(0))


def currency_of(events: list[Logged]) -> str | None:
    """As said where the total came from, else by the latest payment, else by the latest refund."""
    paid = [event for event in events if event.type == "order.paid"]
    refunded = [event for event in events if event.type == "order.refunded"]
    said = latest_with(events, "total")
    tellers = [said] if said else paid or refunded
    return tellers[-1].data.get("currency") if tellers else None


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
