"""How a person stands with us: points, tier and what was consented to."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from deploy.oracle.model import Json, Logged
from deploy.oracle.values import amount, instant, number, shown_time, shown_time_of

SIGNS = {"points.earned": 1, "points.adjusted": 1, "points.spent": -1}
SOON = timedelta(days=30)


class Lot(NamedTuple):
    """Points that end at one time, as far as they are not spent."""

    expires_at: datetime
    event_id: str
    source: str
    left: Decimal


def loyalty(events: list[Logged], moment: datetime) -> Json:
    """The balance, the tier said last, and points that have ended or soon will."""
    tiers = [event.data for event in events if event.type == "tier.changed"]
    over = [lot for lot in lots(events) if lot.expires_at <= moment]
    soon = [lot for lot in lots(events) if moment < lot.expires_at <= moment + SOON and lot.left]
    return {
        "points": number(total([SIGNS[event.type] * points(event) for event in events if event.type in SIGNS])),
        "tier": tiers[-1]["tier"] if tiers else None,
        "tier_until": shown_time_of(tiers[-1].get("valid_until")) if tiers else None,
        "expiring": {
            "points": number(total([lot.left for lot in soon])),
            "next_at": shown_time(soon[0].expires_at) if soon else None,
            "within_days": SOON.days,
        },
        "expired": number(total([lot.left for lot in over])),
    }


def total(amounts: list[Decimal]) -> Decimal:
    """Their sum."""
    return sum(amounts, Decimal(0))


def points(event: Logged) -> Decimal:
    """How many points the event is about."""
    return amount(event.data["points"])


def lots(events: list[Logged]) -> list[Lot]:
    """What is left of points that end some time; spending uses up what ends first."""
    earned = [event for event in events if event.type == "points.earned" and event.data.get("expires_at")]
    found: list[Lot] = []
    spent = spent_of(events)
    for lot in sorted(Lot(instant(one.data["expires_at"]), *one.key[::-1], points(one)) for one in earned):
        used = min(spent, lot.left)
        spent -= used
        found.append(lot._replace(left=lot.left - used))
    return found


def spent_of(events: list[Logged]) -> Decimal:
    """Points that are gone: spent, or adjusted away."""
    away = [-points(event) for event in events if event.type == "points.adjusted" and points(event) < 0]
    return total([points(event) for event in events if event.type == "points.spent"] + away)


def consent(events: list[Logged], moment: datetime) -> Json:
    """Per purpose what was said last, since when, by which event, and whether it holds."""
    return {
        event.data["purpose"]: {
            "granted": event.data["granted"],
            "at": shown_time(event.occurred_at),
            "evidence": event.data.get("evidence"),
            "expires_at": shown_time_of(event.data.get("expires_at")),
            "source": event.source,
            "event_id": event.event["event_id"],
            "effective": event.data["granted"] and not is_over(event.data.get("expires_at"), moment),
        }
        for event in events
        if event.type == "consent.changed"
    }


def is_over(expires_at: str | None, moment: datetime) -> bool:
    """Whether a time that may be open has come."""
    return expires_at is not None and instant(expires_at) <= moment
