"""The dossier of one customer, folded from the log as CONTRACT §4 shapes it (without rfm, tags and segments)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from tests.oracle.log import visible
from tests.oracle.model import ALONE, By, Json, Logged, in_time
from tests.oracle.orders import orders
from tests.oracle.owners import Thing, events_of, owners, thing_of
from tests.oracle.purchases import purchases
from tests.oracle.values import amount, mean, number, shown_time, shown_time_of

LINKS = ("customer.linked", "customer.unlinked")
INTERACTIONS = frozenset(
    "product.viewed product.added product.removed product.favourited product.shared page.viewed screen.viewed "
    "search.performed checkout.started app.opened store.visited coupon.claimed coupon.redeemed group.joined "
    "service.contacted message.opened message.clicked".split()
)
STATES = {"ticket.opened": "open", "ticket.reopened": "open", "ticket.resolved": "resolved"}
SIGNS = {"points.earned": 1, "points.adjusted": 1, "points.spent": -1}


def profile(
    log: Iterable[Logged],
    subject: str,
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    currency: str = "CNY",
    orders_of: Mapping[str, str] = ALONE,
) -> Json | None:
    """What is known of the customer at `as_of`, or now; None before the first fact."""
    facts = visible(log, as_of or now, by)
    mine = events_of(facts, subject, orders_of)
    if not mine:
        return None
    lived = [event for event in mine if event.type not in LINKS]
    bought = [order for order in orders(facts, currency, orders_of) if order.owner == subject]
    return {
        "first_seen": shown_time(lived[0].occurred_at) if lived else None,
        "last_seen": last_at(lived),
        "orders": purchases(bought, currency),
        "interactions": interactions(lived),
        "feedback": feedback(lived) | {"open_tickets": open_tickets(facts, subject)},
        "loyalty": loyalty(lived),
        "traits": traits(lived),
        "consent": consent(lived),
    }


def last_at(events: list[Logged]) -> str | None:
    """When the last of these events in time occurred."""
    return shown_time(events[-1].occurred_at) if events else None


def interactions(events: list[Logged]) -> Json:
    """What the customer did of own accord; an event without a channel is in no channel's count."""
    met = [event for event in events if event.type in INTERACTIONS or event.type.startswith("custom.")]
    channels = [event.event.get("channel") for event in met]
    return {
        "count": len(met),
        "by_type": dict(Counter(event.type for event in met)),
        "by_channel": dict(Counter(channel for channel in channels if channel)),
        "last_at": last_at(met),
    }


def feedback(events: list[Logged]) -> Json:
    """What the customer said of us, tickets aside."""
    rated = [event.data for event in events if event.type == "feedback.rated"]
    csat = [amount(data["score"]) for data in rated if data["scale"] == "csat"]
    nps = [data["score"] for data in rated if data["scale"] == "nps"]
    average = mean(sum(csat, Decimal(0)), len(csat))
    return {
        "csat_average": None if average is None else number(average),
        "nps_last": int(nps[-1]) if nps else None,
        "reviews": sum(event.type == "feedback.reviewed" for event in events),
        "last_at": last_at([event for event in events if event.type.startswith("feedback.")]),
    }


def open_tickets(facts: list[Logged], subject: str) -> int:
    """How many of the tickets the customer owns are not resolved; one that was only ever updated is open."""
    states: dict[Thing, str] = {}
    for event in in_time(facts):
        thing = thing_of(event)
        if thing and thing[0] == "ticket":
            states[thing] = STATES.get(event.type, states.get(thing, "open"))
    owner_of = owners(facts)
    return sum(state == "open" and owner_of.get(ticket) == subject for ticket, state in states.items())


def loyalty(events: list[Logged]) -> Json:
    """Points earned, adjusted and spent, and the tier said last."""
    signed = [SIGNS[event.type] * amount(event.data["points"]) for event in events if event.type in SIGNS]
    tiers = [event.data["tier"] for event in events if event.type == "tier.changed"]
    return {"points": number(sum(signed, Decimal(0))), "tier": tiers[-1] if tiers else None}


def traits(events: list[Logged]) -> Json:
    """Per key the value that occurred last; a null takes the trait away."""
    said: Json = {}
    for event in events:
        if event.type == "customer.identified":
            said |= event.data["traits"]
    return {key: value for key, value in said.items() if value is not None}


def consent(events: list[Logged]) -> Json:
    """Per purpose what was said last, and since when."""
    return {
        event.data["purpose"]: {
            "granted": event.data["granted"],
            "at": shown_time(event.occurred_at),
            "evidence": event.data.get("evidence"),
            "expires_at": shown_time_of(event.data.get("expires_at")),
        }
        for event in events
        if event.type == "consent.changed"
    }
