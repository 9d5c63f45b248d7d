"""The customer dossier as the API shows it: one row of the profile projection in the shape of the contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson

from projections.database import Row
from schemas.identifiers import Identifier
from schemas.interactions import is_interaction
from schemas.money import format_money
from schemas.rfm import CLASS_LABELS, Boundaries, recency_days, scores
from schemas.times import format_time

_LINKS = ("customer.linked", "customer.unlinked")
_FEEDBACK = "feedback."
_FOUR_DECIMALS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a dossier is shown with: at which moment, in which currency, against which RFM boundaries."""

    at: datetime
    currency: str
    boundaries: Boundaries | None


def dossier(row: Row, identifiers: Sequence[Identifier], shown: Shown) -> dict[str, Any]:
    """The dossier without its freshness."""
    lived = {name: at for name, at in row["type_last"].items() if name not in _LINKS}
    began = [at for name, at in row["type_first"].items() if name not in _LINKS]
    return {
        "person_id": row["person_id"],
        "identifiers": [identifier(each) for each in identifiers],
        "traits": traits(row),
        "first_seen": time(min(began, default=None)),
        "last_seen": time(max(lived.values(), default=None)),
        "orders": orders(row, shown.currency),
        "interactions": interactions(row),
        "feedback": feedback(row),
        "loyalty": {"points": number(row["points"]), "tier": row["tier"] or None},
        "rfm": rfm(row, shown),
        "lifecycle": None,
        "tags": {},
        "segments": [],
        "consent": consent(row),
    }


def identifier(each: Identifier) -> dict[str, str]:
    """One identifier; `source` only where it means something inside one source."""
    scope = {} if each.source is None else {"source": each.source}
    return {"type": each.type, "value": each.value, **scope}


def time(moment: datetime | None) -> str | None:
    """RFC 3339 UTC, or null."""
    return None if moment is None else format_time(moment)


def number(value: Decimal) -> int | float:
    """A JSON number, an integer where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def mean(total: Decimal, count: int) -> Decimal | None:
    """Rounded half-even to 4 decimals; none over nothing."""
    return (Decimal(total) / count).quantize(_FOUR_DECIMALS, ROUND_HALF_EVEN) if count else None


def traits(row: Row) -> dict[str, Any]:
    """Per key the value that occurred last; a null took the trait away."""
    values = {key: orjson.loads(_pair(said)[1]) for key, said in sorted(row["traits"].items())}
    return {key: value for key, value in values.items() if value is not None}


def orders(row: Row, currency: str) -> dict[str, Any]:
    """Sums over the platform's currency; counts and times over all."""
    average = mean(row["net_amount"], row["orders_valued"])
    return {
        "count": row["orders_count"],
        "net_amount": format_money(row["net_amount"], currency),
        "average": None if average is None else format_money(average, currency),
        "currency": currency,
        "by_currency": [
            {
                "currency": code,
                "count": count,
                "net_amount": format_money(row["net_by_currency"].get(code, Decimal(0)), code),
            }
            for code, count in sorted(row["count_by_currency"].items())
        ],
        "first_at": time(row["first_order_at"]),
        "last_at": time(row["last_order_at"]),
        "refunded_amount": format_money(row["refunded_amount"], currency),
        "refund_count": row["refund_count"],
        "categories": list(row["categories"]),
    }


def interactions(row: Row) -> dict[str, Any]:
    """What the customer did of own accord."""
    by_type = {name: count for name, count in sorted(row["type_counts"].items()) if is_interaction(name)}
    return {
        "count": sum(by_type.values()),
        "by_type": by_type,
        "by_channel": dict(sorted(row["by_channel"].items())),
        "last_at": time(max((row["type_last"][name] for name in by_type), default=None)),
    }


def feedback(row: Row) -> dict[str, Any]:
    """What the customer said."""
    average = mean(row["csat_sum"], row["csat_count"])
    last = [at for name, at in row["type_last"].items() if name.startswith(_FEEDBACK)]
    return {
        "csat_average": None if average is None else number(average),
        "nps_last": row["nps_last"],
        "reviews": row["type_counts"].get("feedback.reviewed", 0),
        "open_tickets": row["open_tickets"],
        "last_at": time(max(last, default=None)),
    }


def consent(row: Row) -> dict[str, Any]:
    """Per purpose what was said last, and when."""
    return {purpose: _consent(said) for purpose, said in sorted(row["consent"].items())}


def _pair(said: Mapping[str, str] | Sequence[str]) -> tuple[str, str]:
    """Where something was said (its first 26 characters are the time) and what; a stored tuple has names."""
    pos, value = said.values() if isinstance(said, Mapping) else said
    return pos, value


def _consent(said: Mapping[str, str] | Sequence[str]) -> dict[str, Any]:
    pos, value = _pair(said)
    data = orjson.loads(value)
    return {
        "granted": data["granted"],
        "at": format_time(datetime.fromisoformat(f"{pos[:26]}+00:00")),
        "evidence": data.get("evidence"),
        "expires_at": data.get("expires_at"),
    }


def rfm(row: Row, shown: Shown) -> dict[str, Any] | None:
    """Recency, frequency and monetary at the moment, scored; null without counted orders."""
    if not row["orders_count"]:
        return None
    recency = recency_days(row["last_order_at"], shown.at)
    figures = {
        "recency_days": recency,
        "frequency": row["orders_count"],
        "monetary": format_money(row["net_amount"], shown.currency),
    }
    against = shown.boundaries
    if against is None or not against.customers:
        return {**figures, "r": None, "f": None, "m": None, "class": None, "label": None, "boundaries_at": None}
    scored = scores(recency, row["orders_count"], Decimal(row["net_amount"]), against)
    return {
        **figures,
        "r": scored.r,
        "f": scored.f,
        "m": scored.m,
        "class": scored.class_key,
        "label": CLASS_LABELS[scored.class_key],
        "boundaries_at": format_time(against.at),
    }
