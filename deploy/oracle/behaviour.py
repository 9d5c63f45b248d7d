"""What a person did and said: the dossier's interactions and feedback."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from deploy.oracle.model import Json, Logged, in_time
from deploy.oracle.owners import Known, Thing, thing_of
from deploy.oracle.values import amount, mean, number, shown_time

INTERACTIONS = frozenset(
    "product.viewed product.added product.removed product.favourited product.shared page.viewed screen.viewed "
    "search.performed checkout.started app.opened store.visited coupon.claimed coupon.redeemed group.joined "
    "service.contacted message.opened message.clicked".split()
)
STATES = {"ticket.opened": "open", "ticket.reopened": "open", "ticket.resolved": "resolved"}
PAUSE = timedelta(minutes=30)


def last_at(events: list[Logged]) -> str | None:
    """When the last of these events in time occurred."""
    return shown_time(events[-1].occurred_at) if events else None


def interactions(events: list[Logged]) -> Json:
    """What the person did of own accord; an event without a channel or campaign is in no such count."""
    met = [event for event in events if event.type in INTERACTIONS or event.type.startswith("custom.")]
    gaps = [later.occurred_at - earlier.occurred_at for earlier, later in pairwise(met)]
    return {
        "count": len(met),
        "by_type": dict(Counter(event.type for event in met)),
        "by_channel": dict(Counter(channel for channel in map(channel_of, met) if channel)),
        "by_campaign": dict(Counter(campaign for campaign in map(campaign_of, met) if campaign)),
        "last_at": last_at(met),
        "first_touch": touch(met[0]) if met else None,
        "last_touch": touch(met[-1]) if met else None,
        "sessions": sum(gap > PAUSE for gap in gaps) + bool(met),
    }


def channel_of(event: Logged) -> str | None:
    """Where it happened, if said."""
    return event.event.get("channel") or None


def campaign_of(event: Logged) -> str | None:
    """What brought the person: the payload's campaign, else the context's; only words count."""
    for said in (event.data.get("campaign"), (event.event.get("context") or {}).get("campaign")):
        if isinstance(said, str) and said.strip():
            return said
    return None


def touch(event: Logged) -> Json:
    """One interaction in short."""
    return {
        "at": shown_time(event.occurred_at),
        "type": event.type,
        "source": event.source,
        "channel": channel_of(event),
        "campaign": campaign_of(event),
    }


def feedback(events: list[Logged]) -> Json:
    """What the person said of us, tickets aside."""
    scores = {scale: scores_of(events, scale) for scale in ("csat", "nps", "stars")}
    return {
        "csat_average": average(scores["csat"]),
        "csat_count": len(scores["csat"]),
        "nps_last": int(scores["nps"][-1]) if scores["nps"] else None,
        "nps_count": len(scores["nps"]),
        "stars_average": average(scores["stars"]),
        "reviews": sum(event.type == "feedback.reviewed" for event in events),
        "last_at": last_at([event for event in events if event.type.startswith("feedback.")]),
    }


def scores_of(events: list[Logged], scale: str) -> list[Decimal]:
    """The scores given on one scale, in time."""
    rated = [event.data for event in events if event.type == "feedback.rated"]
    return [amount(data["score"]) for data in rated if data["scale"] == scale]


def average(scores: list[Decimal]) -> Any:
    """The mean as shown."""
    found = mean(sum(scores, Decimal(0)), len(scores))
    return None if found is None else number(found)


def tickets(view: Known, root: str) -> Json:
    """How many tickets the person owns, and how many are not resolved; one that was only ever updated is open."""
    states: dict[Thing, str] = {}
    for event in in_time(view.facts):
        thing = thing_of(event)
        if thing and thing[0] == "ticket" and view.owners.get(thing) == root:
            states[thing] = STATES.get(event.type, states.get(thing, "open"))
    return {"tickets": len(states), "open_tickets": sum(state == "open" for state in states.values())}
