"""What a customer did and said of own accord, holds in points, and allows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from api.figures import mean_number, number, time
from api.provenance import parts, provenance
from projections.database import Row
from schemas.interactions import is_interaction

_FEEDBACK = "feedback."
_SOON = timedelta(days=30)


def interactions(row: Row) -> dict[str, Any]:
    """What the customer did of own accord."""
    by_type = {name: count for name, count in sorted(row["type_counts"].items()) if is_interaction(name)}
    return {
        "count": sum(by_type.values()),
        "by_type": by_type,
        "by_channel": dict(sorted(row["by_channel"].items())),
        "by_campaign": dict(sorted(row["by_campaign"].items())),
        "last_at": time(max((row["type_last"][name] for name in by_type), default=None)),
        "first_touch": _touch(row["first_touch"]),
        "last_touch": _touch(row["last_touch"]),
        "sessions": row["sessions"],
    }


def _touch(said: str) -> dict[str, Any] | None:
    """One interaction: where it was said, type, channel and campaign, divided by NUL."""
    if not said:
        return None
    event_id, source, kind, channel, campaign = said.split("\0", 4)
    at = provenance(event_id).occurred_at
    return {
        "at": time(at),
        "type": kind,
        "source": source,
        "channel": channel or None,
        "campaign": campaign or None,
    }


def feedback(row: Row) -> dict[str, Any]:
    """What the customer said."""
    last = [at for name, at in row["type_last"].items() if name.startswith(_FEEDBACK)]
    return {
        "csat_average": mean_number(row["csat_sum"], row["csat_count"]),
        "csat_count": row["csat_count"],
        "nps_last": row["nps_last"],
        "nps_count": row["nps_count"],
        "stars_average": mean_number(row["stars_sum"], row["stars_count"]),
        "reviews": row["type_counts"].get("feedback.reviewed", 0),
        "tickets": row["tickets"],
        "open_tickets": row["open_tickets"],
        "last_at": time(max(last, default=None)),
    }


def loyalty(row: Row, at: datetime) -> dict[str, Any]:
    """Points and tier; of points earned until a time, what is left of them that has expired, or will soon."""
    left: list[tuple[datetime, Decimal]] = [parts(lot) for lot in row["expiring"]]
    soon = [(expiry, points) for expiry, points in left if at < expiry <= at + _SOON]
    return {
        "points": number(row["points"]),
        "tier": row["tier"] or None,
        "tier_until": time(row["tier_until"]),
        "expiring": {
            "points": number(sum((points for _, points in soon), Decimal(0))),
            "next_at": time(min((expiry for expiry, _ in soon), default=None)),
            "within_days": _SOON.days,
        },
        "expired": number(sum((points for expiry, points in left if expiry <= at), Decimal(0))),
    }


def consent(row: Row, at: datetime) -> dict[str, Any]:
    """Per purpose what was said last, when and where, and whether it holds."""
    return {purpose: _consent(said, at) for purpose, said in sorted(row["consent"].items())}


def _consent(said: Mapping[str, str] | Sequence[str], at: datetime) -> dict[str, Any]:
    pos, text = parts(said)
    where, data = provenance(pos), orjson.loads(text)
    expires_at = data.get("expires_at")
    return {
        "granted": data["granted"],
        "at": time(where.occurred_at),
        "evidence": data.get("evidence"),
        "expires_at": expires_at,
        "source": where.source,
        "event_id": where.event_id,
        "effective": data["granted"] and (not expires_at or datetime.fromisoformat(expires_at) > at),
    }
